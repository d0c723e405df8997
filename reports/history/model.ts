import { z } from 'zod';
import { AXES, type Environment, Tally } from '../gate/model.ts';

/** The version of what `history --json` prints. */
export const HISTORY_SCHEMA = 1 as const;

/** One cell of one board, seen in one run. */
export interface Sighting {
  readonly run: string;
  /** `sha256:...` of the run's files; null where it has not said what they are. */
  readonly content: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly board: string;
  readonly cell: string;
  /** Empty where it was not tried. */
  readonly results: readonly Tally[];
  readonly why: string | null;
  /** Null where the run does not say. */
  readonly environment: Environment | null;
}

const Moment = z.strictObject({
  run: z.string(),
  content: z.string().nullable(),
  at: z.string(),
});

/** One thing of the environment that was another when a cell began to come out otherwise. */
const Change = z.strictObject({ axis: z.enum(AXES), before: z.string(), after: z.string() });
export type Change = z.infer<typeof Change>;

/** Runs one after another in which a cell came out alike. */
const Stretch = z.strictObject({
  /** What attempts came to, and how many of them; more than one where it was flaky. */
  results: z.array(Tally.extend({ attempts: z.int().positive() })).min(1),
  from: Moment,
  to: Moment,
  /** How many runs tried the cell, and how many between them did not. */
  runs: z.int().positive(),
  untried: z.int().nonnegative(),
  /** In the order in which they were first seen. */
  kernels: z.array(z.string()),
  /** What changed with it; null for the first stretch, and where a run does not say what it ran on. */
  changes: z.array(Change).nullable(),
});
export type Stretch = z.infer<typeof Stretch>;

/** Cells of one board whose history is the same. */
const History = z.strictObject({
  board: z.string(),
  cells: z.array(z.string()).min(1),
  /** Newest first; empty where no run tried them. */
  stretches: z.array(Stretch),
  /** Runs after the last that tried them, and why the newest did not. */
  untriedSince: z.strictObject({ runs: z.int().positive(), why: z.string() }).nullable(),
});
export type History = z.infer<typeof History>;

/** What `bufmatrix history --json` prints. */
export const HistoryReport = z.strictObject({
  schema: z.literal(HISTORY_SCHEMA),
  cell: z.string(),
  histories: z.array(History),
  /** Folders among the results that hold no run that can be read. */
  leftOut: z.array(z.strictObject({ folder: z.string(), why: z.string() })),
});
export type HistoryReport = z.infer<typeof HistoryReport>;
