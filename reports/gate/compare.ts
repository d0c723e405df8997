import { type Claim, claimAllows } from '../../suites/claim.ts';
import type { CellChange, UnjudgedChange } from './change.ts';
import {
  type Again,
  brokenAgain,
  confirmationOf,
  isLeftOpen,
  notWholeAgain,
  settled,
} from './confirm.ts';
import { differencesOf, versionsOf } from './environment.ts';
import { foldTransitions } from './fold.ts';
import {
  type Axis,
  GATE_SCHEMA,
  type GateBoard,
  type GateCell,
  type GateReport,
  type GateSide,
  type Kind,
} from './model.ts';
import { kindOfMovement, kindOfSteady, movementOf } from './movement.ts';
import { type BrokenRate, brokenRates } from './rates.ts';
import { attemptsToConfirm, holm } from './statistics.ts';

/** How two sides are compared. */
export interface GateOptions {
  /** What is under test, and so may differ. */
  readonly varies: readonly Axis[];
  /** The significance level of all tests together. */
  readonly alpha: number;
  readonly failOn: readonly Kind[];
  /** Whether to compare though something else differs. */
  readonly anyway: boolean;
  /** Cells that were tried again, or are to be: then each of the two looks has half of `alpha`. */
  readonly confirm?: Again | 'wanted';
}

/** Two sides cell by cell. Pure; the order of records and cells does not count. */
export function compareSides(
  baseline: GateSide,
  candidate: GateSide,
  options: GateOptions,
): GateReport {
  const pairs = pairsOf(baseline, candidate);
  const differences = pairs.flatMap(([a, b]) => differencesOf(a, b, options.varies));
  const again = typeof options.confirm === 'object' ? options.confirm : null;
  const alpha = options.confirm ? options.alpha / 2 : options.alpha;
  const comparable = options.anyway || differences.every(({ role }) => role !== 'unwanted');
  const common: Omit<
    GateReport,
    'compared' | 'unchanged' | 'attemptsToConfirm' | 'confirmation' | 'transitions' | 'untried'
  > = {
    schema: GATE_SCHEMA,
    baseline: baseline.name,
    candidate: candidate.name,
    content: { baseline: baseline.content, candidate: candidate.content },
    varies: [...options.varies],
    alpha: options.alpha,
    failOn: [...options.failOn],
    missingBoards: missingBoards(baseline, candidate, again ? notWholeAgain(again) : []),
    newBoards: [...candidate.boards.keys()].filter((name) => !baseline.boards.has(name)).sort(),
    differences,
    comparable,
  };
  if (!comparable)
    return {
      ...common,
      compared: 0,
      unchanged: 0,
      attemptsToConfirm: 0,
      confirmation: null,
      transitions: [],
      untried: false,
    };
  const broken = brokenRates(pairs, alpha);
  const { compared, changes: first } = changesOf(pairs, broken, alpha);
  const last = again ? settled(first, again, brokenAgain(pairs, again, alpha), alpha) : first;
  const changes = withKnown(last, pairs);
  const moved = new Set(changes.filter(({ from, to }) => wasTried(from) && wasTried(to)).map(name));
  return {
    ...common,
    compared,
    unchanged: compared - moved.size,
    // Of one look alone, which more attempts would make enough.
    attemptsToConfirm: attemptsToConfirm(options.alpha, Math.max(1, compared)),
    confirmation: again && confirmationOf(again, changes),
    transitions: foldTransitions(changes, options.failOn),
    untried: changes.some(
      (one) => isUntried(one) || (again !== null && !one.known && isLeftOpen(one)),
    ),
  };
}

const name = ({ board, id }: CellChange) => `${board}\n${id}`;
const wasTried = ({ results }: GateCell) => results.length > 0;
const isUntried = ({ kind, to }: CellChange) =>
  kind === 'missing' || kind === 'missing-attempts' || isBlocked(to);
const isBlocked = ({ results }: GateCell) => results.some(({ outcome }) => outcome === 'blocked');

/** How many cells of a board somebody has tried. */
export const triedCells = ({ cells }: GateBoard): number =>
  [...cells.values()].filter(wasTried).length;

/** Boards that both sides have, by name. */
function pairsOf(baseline: GateSide, candidate: GateSide): (readonly [GateBoard, GateBoard])[] {
  const names = [...baseline.boards.keys()].sort();
  return names.flatMap((board) => {
    const [a, b] = [baseline.boards.get(board), candidate.boards.get(board)];
    return a && b ? [[a, b] as const] : [];
  });
}

/**
 * First those of the baseline that the candidate has not, or not whole; then others that are not whole.
 * @param again boards that were not whole when they were tried again, which come last.
 */
function missingBoards(
  baseline: GateSide,
  candidate: GateSide,
  again: ReturnType<typeof notWholeAgain>,
): GateReport['missingBoards'] {
  const names = new Set([...[...baseline.boards.keys()].sort(), ...candidate.boards.keys()]);
  const missing = [...names].flatMap((board) => {
    const there = candidate.boards.get(board);
    if (!there) return [{ board, why: 'the candidate has no such board' }];
    return there.incomplete === null ? [] : [{ board, why: there.incomplete }];
  });
  return [...missing, ...again].map(({ board, why }) => {
    const before = baseline.boards.get(board);
    return { board, why, cells: before ? triedCells(before) : 0 };
  });
}

type Pairs = readonly (readonly [GateBoard, GateBoard])[];
type Broken = ReturnType<typeof brokenRates>;

interface Compared {
  readonly compared: number;
  readonly changes: readonly UnjudgedChange[];
}

/** A cell on both sides, before it is known what its way is called. */
type Way = Omit<UnjudgedChange, 'kind' | 'rate'>;

function changesOf(pairs: Pairs, broken: Broken, alpha: number): Compared {
  const ways = pairs.flatMap(([before, after]) => [...waysOf(before, after)]);
  const both = ways.filter(({ from, to }) => wasTried(from) && wasTried(to));
  const moves = both.filter(({ movement }) => movement !== null);
  const adjusted = holm(
    moves.map(({ movement }) => movement?.p ?? 1),
    both.length,
  );
  const corrected = new Map(moves.map((way, index) => [way, adjusted[index] ?? 1]));
  const changes = ways.flatMap((plain) => {
    const way = { ...plain, adjusted: corrected.get(plain) ?? null };
    const rate = broken(way.board, way.id);
    return kindsOf(way, rate, alpha).map((kind) => ({
      ...way,
      // No share that moved makes attempts missing.
      ...(kind === 'missing-attempts' ? { movement: null, adjusted: null } : {}),
      kind,
      rate: rate?.words ?? null,
    }));
  });
  return { compared: both.length, changes };
}

function* waysOf(before: GateBoard, after: GateBoard): Iterable<Way> {
  for (const id of idsOf(before, after)) {
    const from = before.cells.get(id) ?? ABSENT;
    const to = after.cells.get(id) ?? ABSENT;
    const movement = wasTried(from) && wasTried(to) ? movementOf(from.results, to.results) : null;
    yield { board: before.board, id, from, to, movement, adjusted: null, again: null };
  }
}

/** What a cell's way is called; several names where attempts are missing beside whatever else. */
function kindsOf(way: Way, rate: BrokenRate | undefined, alpha: number): Kind[] {
  const { from, to, movement, adjusted } = way;
  if (!wasTried(to)) return wasTried(from) ? ['missing'] : [];
  if (!wasTried(from)) return ['new-cell'];
  const moved = movement && kindOfMovement(movement, adjusted ?? 1, alpha);
  const kind = rate?.fell ? 'new-failure' : (moved ?? kindOfSteady(from.results, to.results));
  return [...(to.untried > 0 ? (['missing-attempts'] as const) : []), ...(kind ? [kind] : [])];
}

/**
 * Which of them the candidate's profile expects, and why. One is known where the same was expected on
 * the baseline's versions, and comes as often as it is expected to.
 */
function withKnown(changes: readonly UnjudgedChange[], pairs: Pairs): CellChange[] {
  const sides = new Map(pairs.map((pair) => [pair[0].board, pair]));
  return changes.map((one) => {
    const [before, after] = sides.get(one.board) ?? [];
    const expects = (claim: Claim | null | undefined) =>
      claim && allowsAll(claim, one) ? claim : null;
    const now = expects(after?.claimOf(one.id));
    const versions = before?.environment ? versionsOf(before.environment) : undefined;
    const known = now !== null && one.rate === null && expects(after?.claimOf(one.id, versions));
    return { ...one, known: Boolean(known), reason: now?.reason ?? null };
  });
}

/** Attempts that were not made are no result that a profile could expect. */
const allowsAll = (claim: Claim, { kind, to: { results } }: UnjudgedChange) =>
  results.length > 0 &&
  kind !== 'missing-attempts' &&
  results.every((result) => claimAllows(claim, result));

/** The baseline's cells in its order, then those that only the candidate has. */
function* idsOf(before: GateBoard, after: GateBoard): Iterable<string> {
  yield* before.cells.keys();
  for (const id of after.cells.keys()) if (!before.cells.has(id)) yield id;
}

/** A cell that one side does not know at all. */
const ABSENT: GateCell = { results: [], untried: 0, why: 'not planned' };
