import type { CellChange } from './change.ts';
import { type GateCell, KINDS, type Kind, type Side, type Transition } from './model.ts';
import { heldOf } from './movement.ts';
import { type Share, wilson } from './statistics.ts';

/**
 * Cells of one board that went from the same to the same, as one. New ones before known ones, then by
 * urgency, board and first cell.
 */
export function foldTransitions(
  changes: readonly CellChange[],
  failOn: readonly Kind[],
): Transition[] {
  const groups = Map.groupBy(changes, (change) => {
    const { kind, known, reason, board, from, to, again, adjusted, rate } = change;
    // Cells that came out alike may have been tested on other attempts.
    const tested = again === null ? null : adjusted;
    const sides = [partsOf(from), partsOf(to)];
    return JSON.stringify([kind, known, reason, board, sides, again, tested, rate]);
  });
  return [...groups.values()]
    .flatMap((alike) => {
      const [first] = alike;
      return first ? [transitionOf(first, alike, failOn)] : [];
    })
    .sort(
      (a, b) =>
        Number(a.known) - Number(b.known) ||
        KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
        byText(a.board, b.board) ||
        byText(a.cells[0], b.cells[0]),
    );
}

/** By code units, the same on every machine. */
export const byText = (a = '', b = '') => (a < b ? -1 : a > b ? 1 : 0);

const partsOf = ({ results, untried, why }: GateCell) => [results, untried, why];

function transitionOf(
  { kind, known, reason, board, from, to, movement, adjusted, again, rate }: CellChange,
  alike: readonly CellChange[],
  failOn: readonly Kind[],
): Transition {
  return {
    kind,
    known,
    reason,
    stops: !known && failOn.includes(kind),
    board,
    from: sideOf(from, movement?.before ?? heldOf(from.results)),
    to: sideOf(to, movement?.after ?? heldOf(to.results)),
    p: movement?.p ?? null,
    adjusted,
    again,
    rate,
    cells: alike.map(({ id }) => id).sort(),
  };
}

function sideOf({ results, untried, why }: GateCell, { hits, tries }: Share): Side {
  const [low, high] = tries ? wilson({ hits, tries }) : [0, 1];
  return {
    results: [...results],
    held: tries ? { hits, tries, interval: [low, high] } : null,
    untried,
    why,
  };
}
