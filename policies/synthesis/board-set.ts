/** A set of boards by their numbers, a bit each, 32 to a word. */
export type BoardSet = Uint32Array;

export const noBoards = (boards: number): BoardSet => new Uint32Array(Math.ceil(boards / 32));

export const hasBoard = (set: BoardSet, board: number): boolean =>
  ((set[board >> 5] ?? 0) & (1 << (board & 31))) !== 0;

/** Changes the set itself. */
export function addBoard(set: BoardSet, board: number): void {
  set[board >> 5] = (set[board >> 5] ?? 0) | (1 << (board & 31));
}

/** How many are in `set` and not in `without`. */
export function countBoards(set: BoardSet, without: BoardSet): number {
  let count = 0;
  for (let word = 0; word < set.length; word++) {
    count += bitCount((set[word] ?? 0) & ~(without[word] ?? 0));
  }
  return count;
}

/** The number of one bits in 32, in parallel (Warren, Hacker's Delight, figure 5-2). */
function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
