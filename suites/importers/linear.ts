import { type SharedFrame, StageFailure } from '../board.ts';
import type { Cell } from '../cell.ts';

/**
 * Refuses a frame that may be tiled: what writes or reads it by rows says nothing of tiled memory. A
 * driver that was asked for linear memory and does not name its modifier is believed.
 * @param what needs rows: `CPU access to a buffer`.
 * @throws StageFailure unsupported
 */
export function requireLinear(
  cell: Pick<Cell, 'modifier'>,
  { modifier }: Pick<SharedFrame, 'modifier'>,
  what: string,
): void {
  if (modifier === 0n || (modifier === null && cell.modifier !== null)) return;
  const name = modifier === null ? 'unknown' : `0x${modifier.toString(16)}`;
  throw new StageFailure('unsupported', null, `${what} that may be tiled (modifier ${name})`);
}
