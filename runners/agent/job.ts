import type { BoardContext } from '../../suites/board.ts';
import type { Cell } from '../../suites/cell.ts';
import type { PlannedCell } from '../../suites/plan.ts';

/** A cell, and how its frame lies in memory where that is no usual way. */
export type TriedCell = Cell & Pick<PlannedCell, 'variation'>;

/** One try of one cell; counted from 1. */
export interface Attempt {
  readonly cell: TriedCell;
  readonly attempt: number;
}

/** What a worker is given on its stdin: everything it will do, without a round trip a cell. */
export interface Job {
  readonly board: BoardContext;
  readonly kmsgMarkers: boolean;
  readonly attempts: readonly Attempt[];
  /** Milliseconds after which no other cell is begun; null: all of them are tried. */
  readonly budgetMs: number | null;
}

/** Where the worker writes its lines: not stdout, which belongs to Mesa's chatter. */
export const FACTS_FD = 3;

/** The worker's first line: it has loaded, and these are its fds for /proc/PID/fd. */
export interface Ready {
  readonly type: 'ready';
  readonly trace: number;
  readonly noise: number;
}

/**
 * Tells the lines of a worker apart without parsing them; all begin with `{"type":"`, and these are
 * the bytes after it that differ.
 */
export function lineKind(bytes: Buffer, at: number): 'ready' | 'start' | 'facts' | 'other' {
  const [first, second] = [bytes[at + 9], bytes[at + 10]];
  if (first === 0x73) return 'start';
  if (first === 0x72) return 'ready';
  return first === 0x66 && second === 0x61 ? 'facts' : 'other';
}
