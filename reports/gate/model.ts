import { z } from 'zod';
import type { Claim } from '../../suites/claim.ts';
import { OUTCOMES, STAGES } from '../../suites/record.ts';

/** The version of what `gate --json` prints, and of a baseline file. */
export const GATE_SCHEMA = 1 as const;

/** Attempts of one cell that came out alike. */
export const Tally = z.strictObject({
  outcome: z.enum(OUTCOMES).exclude(['not-run']),
  stage: z.enum(STAGES).nullable(),
  errno: z.string().nullable(),
  /** A pass that rests on pages that happened to be contiguous. */
  lucky: z.boolean(),
  /** How many. More than a program would try would only make the statistics slow. */
  attempts: z.int().positive().max(10_000),
});
export type Tally = z.infer<typeof Tally>;

/** What a comparison may not mix up with what is under test. */
export const AXES = [
  'board',
  'firmware',
  'kernel',
  'cmdline',
  'cma',
  'heaps',
  'udmabuf',
  'mesa',
  'user',
  'profile',
  'harness',
] as const;
export type Axis = (typeof AXES)[number];

const value = z.string().nullable();

/** A board's environment, a text for each axis; null where the run does not say. */
export const Environment = z.strictObject({
  board: value,
  /** Baseline files of before it was read have none. */
  firmware: value.default(null),
  kernel: value,
  cmdline: value,
  cma: value,
  heaps: value,
  udmabuf: value,
  mesa: value,
  user: value,
  profile: value,
  harness: value,
} satisfies Record<Axis, z.ZodType<string | null>>);
export type Environment = z.infer<typeof Environment>;

/** All that a comparison keeps of one cell of one board. */
export interface GateCell {
  /** In a fixed order; empty where nothing was tried. */
  readonly results: readonly Tally[];
  /** Attempts that the plan wants and that were not made. */
  readonly untried: number;
  /** Why there is nothing, where there is nothing. */
  readonly why: string | null;
}

/** All that a comparison keeps of one board. */
export interface GateBoard {
  readonly board: string;
  /** Null where the board was never reached, or the run is too old to say. */
  readonly environment: Environment | null;
  /** Why its run is not complete; null when it is. */
  readonly incomplete: string | null;
  /** By their ids. */
  readonly cells: ReadonlyMap<string, GateCell>;
  /**
   * What the board's profile expects of the cell of that id, by an entry of its own.
   * @param on of which kernel and Mesa; left out: the board's own.
   */
  readonly claimOf: (id: string, on?: Versions) => Claim | null;
  /** Whether it says of any cell how often it comes out so: else nobody needs to ask for all of them. */
  readonly rated: boolean;
}

/** What entries of a profile may be limited to. */
export interface Versions {
  /** `uname -r`. */
  readonly kernel: string;
  /** Null where it is not known. */
  readonly mesa: string | null;
}

/** One of the two things that are compared. */
export interface GateSide {
  /** A run's id, or a file. */
  readonly name: string;
  /** `sha256:...` of the run's files, as they were read; null where the run has not said what they are. */
  readonly content: string | null;
  /** The lab file that the run was made with; null where none was named, or nobody says. */
  readonly lab: string | null;
  readonly boards: ReadonlyMap<string, GateBoard>;
}

/**
 * What became of a cell, most urgent first. "Holds" is a pass; of a cell that passes as often as
 * before, it is any clean result, so that a refusal that became a crash is a failure as well.
 */
export const KINDS = [
  /** Holds less often, beyond chance: than in the baseline, or than the candidate's profile expects. */
  'new-failure',
  /**
   * Held always and now never, or far less often, with too few attempts to tell it from chance; or
   * failed again when tried again, where the baseline did not.
   */
  'unconfirmed',
  /** Was tried, and now was not. */
  'missing',
  /** Fewer attempts than were planned. */
  'missing-attempts',
  /** Fails as before, at another stage or with another error. */
  'changed',
  /** Passed, and now passes by luck. */
  'lucky',
  /** Held always, and now not always; may be chance. */
  'flaky',
  /** Held sometimes, and now never; may be chance. */
  'steady-failing',
  /** Holds more often, beyond chance. */
  'fixed',
  /** Held never and now always, with too few attempts to tell it from chance. */
  'fixed-unconfirmed',
  /** Held sometimes, and now always; may be chance. */
  'steady',
  /** Held never, and now sometimes; may be chance. */
  'flaky-failing',
  /** Passed by luck, and now passes without. */
  'earned',
  /** Is tried for the first time. */
  'new-cell',
] as const;
export type Kind = (typeof KINDS)[number];

/** A single pass of a cell that is known to fail makes these: no build may break of it. */
const HARMLESS: readonly Kind[] = ['fixed-unconfirmed', 'flaky-failing'];

/** The kinds that --fail-on may name. */
export const STOPPING_KINDS: readonly Kind[] = KINDS.filter((kind) => !HARMLESS.includes(kind));

/** One side of a transition. */
const Side = z.strictObject({
  results: z.array(Tally),
  /** How often it held, of how many attempts, with Wilson's interval (95 %); null without attempts. */
  held: z
    .strictObject({
      hits: z.int().nonnegative(),
      tries: z.int().positive(),
      interval: z.tuple([z.number(), z.number()]),
    })
    .nullable(),
  untried: z.int().nonnegative(),
  why: z.string().nullable(),
});
export type Side = z.infer<typeof Side>;

/** What became of cells of one board that went from the same to the same. */
export const Transition = z.strictObject({
  kind: z.enum(KINDS),
  /**
   * The candidate's profile expects it, by an entry of its own, as often as it came, and did so on the
   * baseline's kernel and Mesa. What it expects of the candidate's alone is what the update brought.
   */
  known: z.boolean(),
  /** What the entry says that expects it of the candidate; null where there is none. */
  reason: z.string().nullable(),
  /** Whether --fail-on names it. */
  stops: z.boolean(),
  board: z.string(),
  from: Side,
  to: Side,
  /** Fisher's exact test, two-sided; null where nothing was tested. */
  p: z.number().nullable(),
  /** The same after Holm's correction over all cells that were compared, or tried again. */
  adjusted: z.number().nullable(),
  /** Attempts that each side has had again, which alone were tested; null where none was wanted. */
  again: z.int().positive().nullable(),
  /** How often it came out as the candidate's profile expects, where that contradicts its rate. */
  rate: z.string().nullable(),
  /** Ids of all of them, in order. */
  cells: z.array(z.string()).min(1),
});
export type Transition = z.infer<typeof Transition>;

/** One thing in which a board's two environments differ. */
export const Difference = z.strictObject({
  board: z.string(),
  /** Null where a side does not describe its environment at all. */
  axis: z.enum(AXES).nullable(),
  baseline: value,
  candidate: value,
  /** under-test: named by --varies. follows: may come with that. unwanted: forbids the comparison. */
  role: z.enum(['under-test', 'follows', 'unwanted']),
});
export type Difference = z.infer<typeof Difference>;

/** Cells whose change was not confirmed, tried again on both sides. */
export const Confirmation = z.strictObject({
  /** The runs of them. */
  baseline: z.string(),
  candidate: z.string(),
  /** How many there were, and attempts of each a side. */
  cells: z.int().positive(),
  attempts: z.int().positive(),
  /** How many have changed beyond chance, and of how many nothing can be said still. */
  confirmed: z.int().nonnegative(),
  open: z.int().nonnegative(),
});
export type Confirmation = z.infer<typeof Confirmation>;

/** What `bufmatrix gate --json` prints. */
export const GateReport = z.strictObject({
  schema: z.literal(GATE_SCHEMA),
  baseline: z.string(),
  candidate: z.string(),
  /** `sha256:...` of the runs' files; null where a run has not said what they are. */
  content: z.strictObject({ baseline: z.string().nullable(), candidate: z.string().nullable() }),
  varies: z.array(z.enum(AXES)),
  alpha: z.number(),
  failOn: z.array(z.enum(KINDS)),
  /** Boards of the baseline that the candidate lacks, and those whose run is not complete. */
  missingBoards: z.array(z.strictObject({ board: z.string(), why: z.string(), cells: z.int() })),
  newBoards: z.array(z.string()),
  differences: z.array(Difference),
  /** False where something else differs than what is under test: then nothing was compared. */
  comparable: z.boolean(),
  /** Cells that were tried on both sides, and those of them with nothing to tell. */
  compared: z.int().nonnegative(),
  unchanged: z.int().nonnegative(),
  /** Attempts on either side that a change from always to never needs to be told from chance. */
  attemptsToConfirm: z.int().nonnegative(),
  /** Null where nothing was tried again. With it, each of the two looks has half of alpha. */
  confirmation: Confirmation.nullable(),
  /** Most urgent first; known ones last. */
  transitions: z.array(Transition),
  /** Whether cells could not be tried: missing ones, blocked ones, and those that were wanted again. */
  untried: z.boolean(),
});
export type GateReport = z.infer<typeof GateReport>;
