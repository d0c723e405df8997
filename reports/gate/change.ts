import type { GateCell, Kind } from './model.ts';
import type { Movement } from './movement.ts';

/** One cell's way from one side to the other. */
export interface CellChange {
  readonly kind: Kind;
  readonly known: boolean;
  /** Why the candidate's profile expects it; null where it does not. */
  readonly reason: string | null;
  readonly board: string;
  readonly id: string;
  readonly from: GateCell;
  readonly to: GateCell;
  readonly movement: Movement | null;
  readonly adjusted: number | null;
  /** Attempts that each side has had again, which alone were tested; null where none was wanted. */
  readonly again: number | null;
  /** In words, that it comes otherwise than as often as the candidate's profile expects. */
  readonly rate: string | null;
}

/** The same before anybody has asked whether the profile expects it. */
export type UnjudgedChange = Omit<CellChange, 'known' | 'reason'>;
