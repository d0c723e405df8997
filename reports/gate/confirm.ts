import type { UnjudgedChange } from './change.ts';
import type {
  Confirmation,
  GateBoard,
  GateCell,
  GateReport,
  GateSide,
  Kind,
  Tally,
} from './model.ts';
import { kindOfMovement, kindOfSteady, type Movement, movementOf } from './movement.ts';
import { type BrokenRate, brokenRates } from './rates.ts';
import { attemptsToConfirm, holm } from './statistics.ts';
import { byResult } from './tally.ts';

/** Kinds that may be chance for want of attempts. */
const UNSETTLED: readonly Kind[] = ['unconfirmed', 'fixed-unconfirmed'];

/** What they become. */
const CONFIRMED: readonly Kind[] = ['new-failure', 'fixed'];

/** A cell of a board. */
export interface CellOfBoard {
  readonly board: string;
  readonly cell: string;
}

/** Cells that both sides have tried again. */
export interface Again {
  readonly baseline: GateSide;
  readonly candidate: GateSide;
  readonly cells: readonly CellOfBoard[];
  /** Attempts of each a side. */
  readonly attempts: number;
}

/** The cells of a comparison whose change is not told from chance. */
export function unsettledCells({ transitions }: GateReport): CellOfBoard[] {
  return transitions
    .filter(({ kind }) => UNSETTLED.includes(kind))
    .flatMap(({ board, cells }) => cells.map((cell) => ({ board, cell })));
}

/** Whether it is one that a second look was for, and that had none. */
export const isLeftOpen = ({ kind, again }: Pick<UnjudgedChange, 'kind' | 'again'>): boolean =>
  UNSETTLED.includes(kind) && again === null;

/** How often each of so many cells is tried again: what a change from always to never needs. */
export const attemptsAgain = (alpha: number, cells: number): number =>
  attemptsToConfirm(alpha / 2, cells);

/** What a report says of it, of changes that are settled. */
export function confirmationOf(
  { baseline, candidate, cells, attempts }: Again,
  changes: readonly UnjudgedChange[],
): Confirmation {
  const count = (fits: (one: UnjudgedChange) => boolean) => changes.filter(fits).length;
  return {
    baseline: baseline.name,
    candidate: candidate.name,
    cells: cells.length,
    attempts,
    confirmed: count(({ kind, again }) => again !== null && CONFIRMED.includes(kind)),
    open: count(({ kind }) => UNSETTLED.includes(kind)),
  };
}

interface Retried {
  readonly change: UnjudgedChange;
  readonly from: GateCell;
  readonly to: GateCell;
  readonly movement: Movement | null;
}

/** Boards whose second look is not whole: the lab failed there, and what it was for is not known. */
export const notWholeAgain = ({ baseline, candidate }: Again): { board: string; why: string }[] =>
  Object.entries({ baseline, candidate }).flatMap(([role, { boards }]) =>
    [...boards.values()].flatMap(({ board, incomplete }) =>
      incomplete === null ? [] : [{ board, why: `the ${role} again: ${incomplete}` }],
    ),
  );

/** The second look's cells whose rate is contradicted: what is expected is what the candidate's profile says. */
export function brokenAgain(
  pairs: readonly (readonly [GateBoard, GateBoard])[],
  { baseline, candidate, cells }: Again,
  alpha: number,
): ReturnType<typeof brokenRates> {
  const wanted = new Set(cells.map(({ board, cell }) => `${board}\n${cell}`));
  const only = (board: GateBoard, { boards }: GateSide): GateBoard => {
    const tried = boards.get(board.board)?.cells ?? [];
    const own = [...tried].filter(([id]) => wanted.has(`${board.board}\n${id}`));
    return { ...board, cells: new Map(own) };
  };
  return brokenRates(
    pairs.map(([before, after]) => [only(before, baseline), only(after, candidate)] as const),
    alpha,
  );
}

/**
 * Changes whose cells were tried again are called by what those attempts say. Only they are tested, and
 * corrected for as many cells as there were: the attempts by which a cell was picked out would say
 * that it has moved even where none has. What is shown is all attempts.
 */
export function settled(
  changes: readonly UnjudgedChange[],
  again: Again,
  broken: ReturnType<typeof brokenRates>,
  alpha: number,
): UnjudgedChange[] {
  const retried = changes.map((change) => retriedOf(change, again));
  const tested = retried.filter((one) => one !== null);
  const ps = holm(
    tested.map(({ movement }) => movement?.p ?? 1),
    again.cells.length,
  );
  const made = new Map(
    tested.map((one, index) => {
      const { board, id } = one.change;
      return [one.change, calledBy(one, ps[index] ?? 1, broken(board, id), alpha)];
    }),
  );
  return changes.flatMap((change) => {
    const one = made.get(change);
    return one === undefined ? [change] : (one ?? []);
  });
}

function retriedOf(change: UnjudgedChange, { baseline, candidate }: Again): Retried | null {
  if (!UNSETTLED.includes(change.kind)) return null;
  const of = ({ boards }: GateSide) => boards.get(change.board)?.cells.get(change.id);
  const [from, to] = [of(baseline), of(candidate)];
  if (!from?.results.length || !to?.results.length) return null;
  return { change, from, to, movement: movementOf(from.results, to.results) };
}

/** Null where all attempts together show no change at all. */
function calledBy(
  { change, from, to, movement }: Retried,
  adjusted: number,
  broken: BrokenRate | undefined,
  alpha: number,
): UnjudgedChange | null {
  const all = { from: pooled(change.from, from), to: pooled(change.to, to) };
  const together = movementOf(all.from.results, all.to.results);
  const again = Math.min(triesOf(from), triesOf(to));
  const confirmed = movement && adjusted <= alpha;
  const kind = confirmed
    ? kindOfMovement(movement, adjusted, alpha)
    : together && kindOfMovement(together, 1, alpha);
  const seenAgain = movement !== null && movement.up === together?.up;
  const called = broken?.fell
    ? 'new-failure'
    : // Seen again, and never on the other side: no flake that was there before.
      seenAgain && (kind === 'flaky' || kind === 'steady')
      ? change.kind
      : (kind ?? kindOfSteady(all.from.results, all.to.results));
  const rate = broken?.words ?? change.rate;
  const p = movement?.p ?? 1;
  const shown = together && { ...together, p };
  return called && { ...change, ...all, kind: called, movement: shown, adjusted, again, rate };
}

const triesOf = ({ results }: GateCell) => results.reduce((sum, { attempts }) => sum + attempts, 0);

function pooled(first: GateCell, second: GateCell): GateCell {
  const counts = new Map<string, Tally>();
  for (const { attempts, ...result } of [...first.results, ...second.results]) {
    const key = JSON.stringify([result.outcome, result.stage, result.errno, result.lucky]);
    counts.set(key, { ...result, attempts: attempts + (counts.get(key)?.attempts ?? 0) });
  }
  return { ...first, results: [...counts.values()].sort(byResult) };
}
