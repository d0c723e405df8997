import { addBoard, type BoardSet, hasBoard, noBoards } from './board-set.ts';
import { canBeKept, type Rule } from './rule.ts';

/** For each board, those that it contradicts: no order keeps the rules of both. */
export function contradictions(boards: readonly (readonly Rule[])[]): readonly BoardSet[] {
  const sets = boards.map(() => noBoards(boards.length));
  for (const [one, ofOne] of boards.entries()) {
    for (const [other, ofOther] of boards.slice(0, one).entries()) {
      if (canBeKept([...ofOne, ...ofOther])) continue;
      addBoard(sets[one] ?? noBoards(0), other);
      addBoard(sets[other] ?? noBoards(0), one);
    }
  }
  return sets;
}

/**
 * All boards in groups, within each of which any two contradict each other, so that an order can
 * hold for one board of a group. Greedy: fewer groups would be a better bound, not a truer one.
 */
export function rivals(contradicted: readonly BoardSet[]): readonly BoardSet[] {
  const groups: BoardSet[] = [];
  const grouped = noBoards(contradicted.length);
  for (const first of contradicted.keys()) {
    if (hasBoard(grouped, first)) continue;
    const group = noBoards(contradicted.length);
    const members: number[] = [];
    for (const [board, others] of contradicted.entries()) {
      if (hasBoard(grouped, board) || !members.every((member) => hasBoard(others, member)))
        continue;
      members.push(board);
      addBoard(group, board);
      addBoard(grouped, board);
    }
    groups.push(group);
  }
  return groups;
}
