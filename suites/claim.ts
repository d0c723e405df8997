import type { CellRecord, Outcome, StageName } from './record.ts';

/** What a claim rests on: somebody wrote it, or a run of bufmatrix shows it. */
export const BASES = ['claimed', 'measured'] as const;
export type Basis = (typeof BASES)[number];

/** The share of attempts that come out as claimed: between these two, from 0 to 1. */
export interface Rate {
  readonly min: number;
  readonly max: number;
}

/**
 * What is said of a cell before it is tried here. It never stands for a measurement of that cell,
 * whatever its basis.
 */
export interface Claim {
  /** The cell comes out as one of these, in all attempts or as often as `rate`; never empty. */
  readonly outcome: readonly Outcome[];
  /** A pass on pages that happened to be contiguous will do as well. */
  readonly orLucky: boolean;
  /** Where it fails: at one of these stages. Empty where that is not said. */
  readonly stage: readonly StageName[];
  /** With one of these errors, by their symbols. Empty where that is not said. */
  readonly errno: readonly string[];
  /** Null where it always does. */
  readonly rate: Rate | null;
  readonly reason: string;
  /** Where it is written (kernel file, issue, mail), or on which board and kernel it was seen. */
  readonly sources: readonly string[];
  readonly basis: Basis;
}

/** A clean result: whoever gave the buffer can go on, with it or without. */
export const CLEAN: ReadonlySet<Outcome> = new Set(['pass', 'refused', 'unsupported']);

/** What an attempt came to. */
export type Seen = Pick<CellRecord, 'outcome' | 'stage' | 'errno' | 'lucky'>;

/** Whether an attempt came out as claimed. */
export function claimFits({ outcome, orLucky, stage, errno }: Claim, seen: Seen): boolean {
  // A lucky pass proves nothing, so it is no pass that was expected, and no refusal either.
  if (seen.outcome === 'pass' && seen.lucky) return orLucky;
  if (!outcome.includes(seen.outcome)) return false;
  if (seen.outcome === 'pass') return true;
  const among = <T>(allowed: readonly T[], value: T | null) =>
    allowed.length === 0 || (value !== null && allowed.includes(value));
  return among(stage, seen.stage) && among(errno, seen.errno);
}

/** Whether one attempt may come out so. What comes but sometimes leaves room for any clean result. */
export const claimAllows = (claim: Claim, seen: Seen): boolean =>
  claimFits(claim, seen) || (claim.rate !== null && CLEAN.has(seen.outcome));

const percent = (share: number) => `${Math.round(1000 * share) / 10}`;

/** `60 to 95 %`, `at least 60 %`, `at most 95 %`. */
export function rateWords({ min, max }: Rate): string {
  if (min > 0 && max < 1) return `${percent(min)} to ${percent(max)} %`;
  if (min > 0) return `at least ${percent(min)} %`;
  return max < 1 ? `at most ${percent(max)} %` : 'any share';
}

const or = (values: readonly string[]) => values.join(' or ');

/** `refused at prime-import with EINVAL, or a lucky pass`, `pass in at least 60 % of attempts`. */
export function claimWords({ outcome, stage, errno, orLucky, rate }: Claim): string {
  const parts = [or(outcome)];
  if (stage.length) parts.push(`at ${or(stage)}`);
  if (errno.length) parts.push(`with ${or(errno)}`);
  const often = rate ? ` in ${rateWords(rate)} of attempts` : '';
  return `${parts.join(' ')}${orLucky ? ', or a lucky pass' : ''}${often}`;
}

/** `source (claimed): raspberrypi/linux#6706; vc4_plane.c`. */
export function sourceWords({ basis, sources }: Pick<Claim, 'basis' | 'sources'>): string {
  return `source (${basis}): ${sources.join('; ') || 'none given'}`;
}
