import type { CellChange, UnjudgedChange } from './change.ts';
import { type Again, confirmationOf, isLeftOpen, settled } from './confirm.ts';
import { differencesOf } from './environment.ts';
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
import { kindOfMovement, kindOfSteady, type Movement, movementOf } from './movement.ts';
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
    varies: [...options.varies],
    alpha: options.alpha,
    failOn: [...options.failOn],
    missingBoards: missingBoards(baseline, candidate),
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
  const { compared, changes: first } = changesOf(pairs, alpha);
  const changes = withKnown(again ? settled(first, again, alpha) : first, pairs);
  const moved = new Set(changes.filter(({ from, to }) => wasTried(from) && wasTried(to)).map(name));
  return {
    ...common,
    compared,
    unchanged: compared - moved.size,
    attemptsToConfirm: attemptsToConfirm(alpha, Math.max(1, compared)),
    confirmation: again && confirmationOf(again, changes),
    transitions: foldTransitions(changes, options.failOn),
    untried: changes.some((one) => isUntried(one) || (again !== null && isLeftOpen(one))),
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

/** First those of the baseline that the candidate has not, or not whole; then others that are not whole. */
function missingBoards(baseline: GateSide, candidate: GateSide): GateReport['missingBoards'] {
  const names = new Set([...[...baseline.boards.keys()].sort(), ...candidate.boards.keys()]);
  return [...names].flatMap((board) => {
    const there = candidate.boards.get(board);
    const before = baseline.boards.get(board);
    const cells = before ? triedCells(before) : 0;
    if (!there) return [{ board, why: 'the candidate has no such board', cells }];
    return there.incomplete === null ? [] : [{ board, why: there.incomplete, cells }];
  });
}

interface Compared {
  readonly compared: number;
  readonly changes: readonly UnjudgedChange[];
}

function changesOf(pairs: readonly (readonly [GateBoard, GateBoard])[], alpha: number): Compared {
  let compared = 0;
  const changes: UnjudgedChange[] = [];
  const moves: (Omit<UnjudgedChange, 'kind' | 'adjusted'> & { movement: Movement })[] = [];
  for (const [before, after] of pairs) {
    const { board } = before;
    for (const id of idsOf(before, after)) {
      const from = before.cells.get(id) ?? ABSENT;
      const to = after.cells.get(id) ?? ABSENT;
      const pair = { board, id, from, to, again: null };
      const still = { ...pair, movement: null, adjusted: null };
      if (!wasTried(from) || !wasTried(to)) {
        if (wasTried(from)) changes.push({ ...still, kind: 'missing' });
        else if (wasTried(to)) changes.push({ ...still, kind: 'new-cell' });
        continue;
      }
      compared += 1;
      if (to.untried > 0) changes.push({ ...still, kind: 'missing-attempts' });
      const movement = movementOf(from.results, to.results);
      if (movement) moves.push({ ...pair, movement });
      else {
        const kind = kindOfSteady(from.results, to.results);
        if (kind) changes.push({ ...still, kind });
      }
    }
  }
  const adjusted = holm(
    moves.map(({ movement }) => movement.p),
    compared,
  );
  moves.forEach((move, index) => {
    const own = adjusted[index] ?? 1;
    const kind =
      kindOfMovement(move.movement, own, alpha) ?? kindOfSteady(move.from.results, move.to.results);
    if (kind) changes.push({ ...move, kind, adjusted: own });
  });
  return { compared, changes };
}

/** Which of them the candidate's profile expects. */
function withKnown(
  changes: readonly UnjudgedChange[],
  pairs: readonly (readonly [GateBoard, GateBoard])[],
): CellChange[] {
  const sides = new Map(pairs.map((pair) => [pair[0].board, pair]));
  return changes.map((one) => {
    const [before, after] = sides.get(one.board) ?? [];
    // Attempts that were not made are no result that a profile could expect.
    const results = one.kind === 'missing-attempts' ? [] : one.to.results;
    const entries = results.map((result) =>
      after ? after.expects(one.id, result, before?.environment ?? null) : null,
    );
    const [first = null] = entries;
    const expected = entries.every((entry) => entry !== null) ? first : null;
    const known = expected !== null && entries.every((entry) => entry?.before);
    return { ...one, known, reason: expected?.reason ?? null };
  });
}

/** The baseline's cells in its order, then those that only the candidate has. */
function* idsOf(before: GateBoard, after: GateBoard): Iterable<string> {
  yield* before.cells.keys();
  for (const id of after.cells.keys()) if (!before.cells.has(id)) yield id;
}

/** A cell that one side does not know at all. */
const ABSENT: GateCell = { results: [], untried: 0, why: 'not planned' };
