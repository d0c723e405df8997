import type { Outcome } from '../../suites/record.ts';
import type { Kind, Tally } from './model.ts';
import { fisher, type Share } from './statistics.ts';

/** Both sides' share of attempts in which a cell held. */
export interface Movement {
  readonly before: Share;
  readonly after: Share;
  /** More often or less. */
  readonly up: boolean;
  /** Fisher's exact test, two-sided. */
  readonly p: number;
}

/** A refusal is an answer; these are none that a program survives. */
const HARM: ReadonlySet<Outcome> = new Set(['corrupt', 'crash', 'hang']);

const passes = ({ outcome }: Tally) => outcome === 'pass';
const harmless = ({ outcome }: Tally) => !HARM.has(outcome);

/**
 * How the share of attempts that held has moved; null where it has not. A pass holds. Where a cell
 * passes as often as before, or more passes came with more harm, whatever does no harm holds: so a
 * refusal that became a crash is a move, too.
 */
export function movementOf(before: readonly Tally[], after: readonly Tally[]): Movement | null {
  const byPass = moved(before, after, passes);
  const byHarm = moved(before, after, harmless);
  if (byPass === null) return byHarm;
  return byHarm !== null && byHarm.up !== byPass.up ? byHarm : byPass;
}

/** What holding means for these two: see {@link movementOf}. */
export function heldOf(results: readonly Tally[], holds: (one: Tally) => boolean = passes): Share {
  let hits = 0;
  let tries = 0;
  for (const one of results) {
    tries += one.attempts;
    if (holds(one)) hits += one.attempts;
  }
  return { hits, tries };
}

function moved(
  from: readonly Tally[],
  to: readonly Tally[],
  holds: (one: Tally) => boolean,
): Movement | null {
  const before = heldOf(from, holds);
  const after = heldOf(to, holds);
  const difference = after.hits * before.tries - before.hits * after.tries;
  if (difference === 0) return null;
  return { before, after, up: difference > 0, p: cachedFisher(before, after) };
}

/** Cells by the thousand have the same few shares. */
const known = new Map<string, number>();
function cachedFisher(a: Share, b: Share): number {
  const key = `${a.hits}/${a.tries} ${b.hits}/${b.tries}`;
  const p = known.get(key) ?? fisher(a, b);
  known.set(key, p);
  return p;
}

const always = ({ hits, tries }: Share) => hits === tries;
const never = ({ hits }: Share) => hits === 0;

/**
 * What a movement is called; null for one within what flaked before.
 * @param adjusted its p-value after Holm's correction.
 */
export function kindOfMovement(
  { before, after, up, p }: Movement,
  adjusted: number,
  alpha: number,
): Kind | null {
  // Read backwards, a rise is a fall: both have the same kinds.
  const [steady, now] = up ? [after, before] : [before, after];
  // Against many failures even a single pass is significant, and must not pass for a rule.
  if (adjusted <= alpha && steady.hits > 1) return up ? 'fixed' : 'new-failure';
  if (always(steady)) {
    if (never(now) || p <= alpha) return up ? 'fixed-unconfirmed' : 'unconfirmed';
    return up ? 'steady' : 'flaky';
  }
  if (never(now)) return up ? 'flaky-failing' : 'steady-failing';
  return null;
}

/** What may differ in a cell that holds as often as before; null where nothing does. */
export function kindOfSteady(from: readonly Tally[], to: readonly Tally[]): Kind | null {
  const [was, is] = [from, to].map((results) => results.some(({ lucky }) => lucky));
  const bothPass = [from, to].every((results) => heldOf(results).hits > 0);
  if (bothPass && was !== is) return is ? 'lucky' : 'earned';
  const [before, now] = [failures(from), failures(to)];
  return before !== '' && now !== '' && before !== now ? 'changed' : null;
}

/** In what ways a cell fails, without how often. */
const failures = (results: readonly Tally[]) =>
  results
    .filter((one) => !passes(one))
    .map(({ outcome, stage, errno }) => JSON.stringify([outcome, stage, errno]))
    .join();
