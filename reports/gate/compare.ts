import type { CellChange } from './change.ts';
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
  type Tally,
} from './model.ts';
import { heldOf, kindOfMovement, type Movement, movementOf } from './movement.ts';
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
}

/** Two sides cell by cell. Pure; the order of records and cells does not count. */
export function compareSides(
  baseline: GateSide,
  candidate: GateSide,
  options: GateOptions,
): GateReport {
  const pairs = pairsOf(baseline, candidate);
  const differences = pairs.flatMap(([a, b]) => differencesOf(a, b, options.varies));
  const comparable = options.anyway || differences.every(({ role }) => role !== 'unwanted');
  const common: Omit<
    GateReport,
    'compared' | 'unchanged' | 'attemptsToConfirm' | 'transitions' | 'untried'
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
      transitions: [],
      untried: false,
    };
  const { compared, changes } = changesOf(pairs, options.alpha);
  const moved = new Set(changes.filter(({ from, to }) => wasTried(from) && wasTried(to)).map(name));
  return {
    ...common,
    compared,
    unchanged: compared - moved.size,
    attemptsToConfirm: attemptsToConfirm(options.alpha, Math.max(1, compared)),
    transitions: foldTransitions(changes, options.failOn),
    untried: changes.some(
      ({ kind, to }) => kind === 'missing' || kind === 'missing-attempts' || isBlocked(to),
    ),
  };
}

const name = ({ board, id }: CellChange) => `${board}\n${id}`;
const wasTried = ({ results }: GateCell) => results.length > 0;
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
  readonly changes: readonly CellChange[];
}

function changesOf(pairs: readonly (readonly [GateBoard, GateBoard])[], alpha: number): Compared {
  let compared = 0;
  const changes: Omit<CellChange, 'known'>[] = [];
  const moves: (Omit<CellChange, 'kind' | 'known' | 'adjusted'> & { movement: Movement })[] = [];
  const expectations = new Map(pairs.map(([, { board, knows }]) => [board, knows]));
  for (const [before, after] of pairs) {
    const { board } = before;
    for (const id of idsOf(before, after)) {
      const from = before.cells.get(id) ?? ABSENT;
      const to = after.cells.get(id) ?? ABSENT;
      const pair = { board, id, from, to };
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
  const isKnown = ({ board, id, to, kind }: Omit<CellChange, 'known'>) =>
    wasTried(to) &&
    kind !== 'missing-attempts' &&
    to.results.every((result) => expectations.get(board)?.(id, result) === true);
  return { compared, changes: changes.map((one) => ({ ...one, known: isKnown(one) })) };
}

/** The baseline's cells in its order, then those that only the candidate has. */
function* idsOf(before: GateBoard, after: GateBoard): Iterable<string> {
  yield* before.cells.keys();
  for (const id of after.cells.keys()) if (!before.cells.has(id)) yield id;
}

/** A cell that one side does not know at all. */
const ABSENT: GateCell = { results: [], untried: 0, why: 'not planned' };

/** What may differ in a cell that holds as often as before; null where nothing does. */
function kindOfSteady(from: readonly Tally[], to: readonly Tally[]): Kind | null {
  const [was, is] = [from, to].map((results) => results.some(({ lucky }) => lucky));
  const bothPass = [from, to].every((results) => heldOf(results).hits > 0);
  if (bothPass && was !== is) return is ? 'lucky' : 'earned';
  const [before, now] = [failures(from), failures(to)];
  return before !== '' && now !== '' && before !== now ? 'changed' : null;
}

/** In what ways a cell fails, without how often. */
const failures = (results: readonly Tally[]) =>
  results
    .filter(({ outcome }) => outcome !== 'pass')
    .map(({ outcome, stage, errno }) => JSON.stringify([outcome, stage, errno]))
    .join();
