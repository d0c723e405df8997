import type { Cell } from '../suites/cell.ts';
import type { Claim } from '../suites/claim.ts';
import type { Cause } from '../suites/diagnose/cause.ts';
import type { ExperimentRecord } from '../suites/diagnose/experiment.ts';
import type { Inventory } from '../suites/inventory.ts';
import type { Plan } from '../suites/plan.ts';
import type { CellRecord } from '../suites/record.ts';
import type { CellState } from './glyphs.ts';

/** Whether a record is what the board's profile expects. */
export interface Expectation {
  readonly expected: boolean;
  /** Which rule said so: the profile's entry, or the default. */
  readonly why: string;
  /** The profile's own words for it, a bug's address among them. */
  readonly reason?: string | undefined;
}

/** Something about a board that no single cell explains: a reboot, a taint, a lost connection. */
export interface BoardFinding {
  readonly at: string;
  readonly what: string;
  readonly text: string;
}

/** Where the cells of a board that nobody has run are tried on a virtual one in the same situation. */
export interface StandIn {
  /** What is different there, for people. */
  readonly differs: string;
  /** Drivers and heaps of the board, each with the one there; others keep their names. */
  readonly names: Readonly<Record<string, string>>;
  readonly run: BoardRun;
}

/** What one run has of one board, or a profile's claims alone. Every writer takes a list of these. */
export interface BoardRun {
  readonly board: string;
  readonly profileName: string;
  /** The profile's title, a sentence for people. */
  readonly title: string;
  /** Null where nobody has run it: then all that is known are the claims of its profile. */
  readonly run: {
    readonly id: string;
    /** ISO 8601, UTC. */
    readonly startedAt: string;
    readonly command?: readonly string[] | undefined;
    /** `bufmatrix 0.1.0`: a change of the harness must not pass for a change of the kernel. */
    readonly harness?: string | undefined;
    /** Only some cells were asked for: what it has is no picture of the board. */
    readonly filtered?: boolean | undefined;
    /** `sha256:...`, of the run's files as it has left them; null where it has not said what they are. */
    readonly content?: string | null | undefined;
    /** Files that are no longer what the run has left. */
    readonly changed?: readonly string[] | undefined;
  } | null;
  /** QEMU, with a real kernel and real drivers. Shown wherever the board is named. */
  readonly virtual: boolean;
  /** Null where the board was never reached. */
  readonly inventory: Inventory | null;
  readonly plan: Plan;
  /** In any order, several attempts a cell. */
  readonly records: readonly CellRecord[];
  /** What causes rest on beside the records; no cell of the matrix is one of them. */
  readonly experiments?: readonly ExperimentRecord[] | undefined;
  readonly expected: (record: CellRecord) => Expectation;
  /** What the profile expects of a cell by an entry of its own; null where it has none. */
  readonly claimOf: (cell: Cell) => Claim | null;
  /** By cell id: claims to show for cells that were not measured. None: they are not asked for. */
  readonly claims?: ReadonlyMap<string, Claim> | undefined;
  readonly standIn?: StandIn | undefined;
  /** Why the run of this board is not complete: `lost: no answer for 120 s`. Null when it is. */
  readonly incomplete?: string | null | undefined;
  readonly findings?: readonly BoardFinding[] | undefined;
}

/** One attempt with what was expected of it. */
export interface Attempt {
  readonly record: CellRecord;
  readonly expectation: Expectation;
}

/** One planned cell with all that became of it. */
export interface MatrixCell {
  readonly cell: Cell;
  readonly state: CellState;
  /** In order of trying. Empty for a cell that was never reported. */
  readonly attempts: readonly Attempt[];
  /** Attempts that tell something: all but the `not-run` ones. */
  readonly tried: number;
  readonly passes: number;
  /** Attempts that the plan wants and that no record shows. */
  readonly missing: number;
  /** Nobody asked for it: it ran to tell whether a pass of another cell is luck. */
  readonly witness: boolean;
  /** False for a record whose cell the plan does not hold; it is shown all the same. */
  readonly planned: boolean;
  readonly expected: boolean;
  readonly why: string;
  readonly expectReason: string | null;
  /** What was expected, or is claimed of a cell that was not measured. */
  readonly claim: Claim | null;
  /** Of a cell that was not measured: its counterpart on the stand-in, which was. */
  readonly standIn: MatrixCell | null;
  /** The attempt that stands for the cell: its first unexpected, else its worst one. */
  readonly shown: CellRecord | null;
  /** Why it did not run, or why it is no pass. */
  readonly reason: string | null;
  /** What is behind it, of the attempt that is shown; null for a pass. */
  readonly cause: Cause | null;
}
