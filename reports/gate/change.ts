import type { GateCell, Kind } from './model.ts';
import type { Movement } from './movement.ts';

/** One cell's way from one side to the other. */
export interface CellChange {
  readonly kind: Kind;
  readonly known: boolean;
  readonly board: string;
  readonly id: string;
  readonly from: GateCell;
  readonly to: GateCell;
  readonly movement: Movement | null;
  readonly adjusted: number | null;
  /** In words, that it comes otherwise than as often as the candidate's profile expects. */
  readonly rate: string | null;
}
