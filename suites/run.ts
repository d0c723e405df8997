import { z } from 'zod';
import { Inventory } from './inventory.ts';
import { Plan } from './plan.ts';
import { SCHEMA_VERSION } from './record.ts';

/** Something about a board that no single cell explains. */
const Finding = z.strictObject({
  at: z.string(),
  what: z.enum(['reboot', 'taint', 'lost', 'back', 'warning']),
  text: z.string(),
});

/** One board's part of a run. */
const BoardRun = z.strictObject({
  board: z.string(),
  /** The profile's name, its content as it was, and a hash of its file. */
  profile: z.string(),
  profileHash: z.string(),
  profileContent: z.json(),
  /** How it was reached (`ssh://pi@rpi4:22`), and whether it is a virtual board. */
  target: z.string(),
  virtual: z.strictObject({ kernel: z.string(), rootfs: z.string(), accel: z.string() }).nullable(),
  /**
   * planned: nothing tried yet. running: under way, or the host was killed. complete: every planned
   * cell has its record. lost: the board went away. unreachable: it never answered. unfit: it is not
   * the board that the profile describes. interrupted: somebody stopped the run.
   */
  state: z.enum(['planned', 'running', 'complete', 'lost', 'unreachable', 'unfit', 'interrupted']),
  /** In words, wherever the state is not complete. */
  why: z.string().nullable(),
  plan: Plan.nullable(),
  /** The board's environment at each connection; boot ids tell reboots. */
  inventory: Inventory.nullable(),
  connections: z.array(z.strictObject({ at: z.string(), bootId: z.string() })),
  findings: z.array(Finding),
  /** Cells in which the board went away, and how often: remembered when the run is resumed. */
  losses: z.record(z.string(), z.int()),
});

const Patterns = z.array(z.string()).exactOptional();

/** Patterns that choose cells, as the command line's options of these names. */
const Filter = z.strictObject({
  suite: Patterns,
  backend: Patterns,
  importer: Patterns,
  format: Patterns,
  cell: Patterns,
  tags: Patterns,
});

/** What was asked for on the command line: a run that is resumed goes on with it. */
export const RunOptions = z.strictObject({
  repeat: z.int().positive(),
  /** The lab file's path; null where none was named. */
  lab: z.string().nullable(),
  /** Seconds that experiments may take after a board's plan; 0: none. Runs from before there were any have none. */
  diagnoseSeconds: z.int().nonnegative().default(0),
  filter: Filter,
  /** By board, where not all are asked the same: it counts in the place of `filter`. */
  filterOf: z.record(z.string(), Filter).exactOptional(),
});
export type RunOptions = z.infer<typeof RunOptions>;

/** What chooses a board's cells. */
export const filterFor = ({ filter, filterOf }: RunOptions, board: string): RunOptions['filter'] =>
  filterOf?.[board] ?? filter;

/** run.json: everything of a run but its records. */
export const Run = z.strictObject({
  schema: z.literal(SCHEMA_VERSION),
  id: z.string(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  harness: z.strictObject({ name: z.literal('bufmatrix'), version: z.string() }),
  command: z.array(z.string()),
  options: RunOptions,
  boards: z.array(BoardRun),
});
export type Run = z.infer<typeof Run>;
export type BoardRun = z.infer<typeof BoardRun>;
export type Finding = z.infer<typeof Finding>;
