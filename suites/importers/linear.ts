import { type SharedFrame, StageFailure } from '../board.ts';
import type { Cell } from '../cell.ts';

/** Whether a mapping of the frame shows rows of pixels. Without a modifier, what was asked for counts. */
export function isLinear(
  cell: Pick<Cell, 'modifier'>,
  frame: Pick<SharedFrame, 'modifier'>,
): boolean {
  return frame.modifier === 0n || (frame.modifier === null && cell.modifier !== null);
}

/** The frame's modifier in words: `0x100000000000001`, or `unknown`. */
export function modifierText({ modifier }: Pick<SharedFrame, 'modifier'>): string {
  return modifier === null ? 'unknown' : `0x${modifier.toString(16)}`;
}

/**
 * Refuses a frame that may be tiled: what writes or reads it by rows says nothing of tiled memory.
 * @param what needs rows: `CPU access to a buffer`.
 * @throws StageFailure unsupported
 */
export function requireLinear(
  cell: Pick<Cell, 'modifier'>,
  frame: Pick<SharedFrame, 'modifier'>,
  what: string,
): void {
  if (isLinear(cell, frame)) return;
  const detail = `${what} that may be tiled (modifier ${modifierText(frame)})`;
  throw new StageFailure('unsupported', null, detail);
}
