import { z } from 'zod';
import { BackendName, Cell, cellId, type ImporterKind, SUITES, type SuiteName } from './cell.ts';
import { FORMATS } from './formats.ts';
import { familyOf, WITNESS, witnessesOf } from './luck.ts';
import { SCHEMA_VERSION } from './record.ts';
import { VARIATIONS } from './variation.ts';

const Size = z.strictObject({ width: z.int().positive(), height: z.int().positive() });

/** A cell with the reason to run it or not. */
const PlannedCell = Cell.extend({
  /** Null: it runs. Else why it does not: `filtered`. */
  skip: z.string().nullable(),
  /**
   * True: no filter asked for it. It runs all the same, since its verdict says whether the pass of
   * a cell that was asked for is luck. Else it is not there.
   */
  witness: z.literal(true).optional(),
  /** How the frame lies in memory, where an experiment changes that; the id ends with it. */
  variation: z.enum(VARIATIONS).optional(),
});

/** What a run will try on one board, in order. Plain data: the agent takes it as it is. */
export const Plan = z.strictObject({
  schema: z.literal(SCHEMA_VERSION),
  board: z.string(),
  profile: z.string(),
  /** Attempts a cell. */
  repeat: z.int().positive(),
  limits: z.strictObject({
    cellMs: z.int().positive(),
    bufferMiB: z.int().positive(),
    modeset: z.boolean(),
  }),
  yuvTolerance: z.int().nonnegative(),
  cells: z.array(PlannedCell),
});
export type Plan = z.infer<typeof Plan>;
export type PlannedCell = z.infer<typeof PlannedCell>;

/** What the planner needs of a profile: the backends and importers, and what to try on them. */
export interface PlanInput {
  readonly board: string;
  readonly profile: string;
  readonly backends: readonly string[];
  readonly importers: readonly { readonly kind: ImporterKind; readonly driver: string }[];
  /** A suite may stand here more than once: some formats in other sizes. */
  readonly suites: readonly {
    readonly name: SuiteName;
    readonly formats: readonly string[];
    readonly sizes: readonly z.infer<typeof Size>[];
  }[];
  readonly limits: Plan['limits'];
  readonly yuvTolerance: number;
  readonly repeat: number;
  /** Whether a cell is wanted; the others are kept as `filtered`, but for its witnesses. */
  readonly wanted: (cell: Cell) => boolean;
}

/** Which importer kinds a suite gives its buffers to; none for allocate and cpu. */
export const SUITE_IMPORTERS: Readonly<Record<SuiteName, readonly ImporterKind[]>> = {
  allocate: [],
  cpu: [],
  'egl-sample': ['egl'],
  'egl-render': ['egl'],
  'kms-primary': ['kms'],
  'kms-overlay': ['kms'],
  encoder: ['v4l2-m2m', 'v4l2-output'],
};

const every = FORMATS.map((format) => format.name);

/** What a suite tries where the profile does not say. A new format or size is a table row. */
export const SUITE_FORMATS: Readonly<Record<SuiteName, readonly string[]>> = {
  allocate: ['XR24', 'NV12', 'YU12'],
  cpu: ['XR24', 'NV12', 'YU12'],
  'egl-sample': every,
  'egl-render': ['XR24', 'AR24', 'NV12', 'YU12'],
  'kms-primary': ['XR24', 'NV12', 'YU12'],
  'kms-overlay': ['XR24', 'NV12', 'YU12'],
  encoder: ['NV12', 'YU12', 'XR24'],
};

/** Large enough that the system heap, which hands out 1 MiB in one piece, is scattered. */
export const DEFAULT_SIZES = [
  { width: 640, height: 480 },
  { width: 1920, height: 1080 },
] as const;

/**
 * The modifiers that a backend is asked for. Only GBM can be asked to choose (null); all else is
 * linear memory, which is modifier 0.
 */
function modifiersOf(backend: string): readonly (string | null)[] {
  return backend.startsWith('gbm:') ? ['0x0', null] : ['0x0'];
}

/** Every format of a wish in every size of it. */
function framesOf(wish: PlanInput['suites'][number]) {
  return wish.formats.flatMap((format) => wish.sizes.map((size) => ({ format, ...size })));
}

/**
 * All of an importer's scattered cells before any other of its cells: their verdicts say whether
 * later passes are luck.
 */
function byTurns(backends: readonly string[]): readonly (readonly string[])[] {
  const each = [...new Set(backends)];
  return [each.filter((name) => name === WITNESS), each.filter((name) => name !== WITNESS)];
}

/** One suite's cells, in the order of running. */
function cellsOf(suite: SuiteName, input: PlanInput): Cell[] {
  const kinds = SUITE_IMPORTERS[suite];
  const takers = kinds.length
    ? input.importers.filter((importer) => kinds.includes(importer.kind))
    : [null];
  const frames = input.suites.filter(({ name }) => name === suite).flatMap(framesOf);
  const cells: Cell[] = [];
  for (const importer of takers)
    for (const backends of byTurns(input.backends))
      for (const { format, width, height } of frames)
        for (const backend of backends)
          for (const modifier of modifiersOf(backend)) {
            const parts = { suite, backend, importer, format, width, height, modifier };
            cells.push({ id: cellId(parts), ...parts });
          }
  return cells;
}

/** Ids of the cells that say whether a pass of these is luck. */
function witnessIds(cells: readonly Cell[], wanted: readonly Cell[]): ReadonlySet<string> {
  const families = Map.groupBy(
    cells.filter(({ backend }) => backend === WITNESS),
    familyOf,
  );
  const found = wanted.flatMap((cell) => witnessesOf(cell, families.get(familyOf(cell)) ?? []));
  return new Set(found.map(({ id }) => id));
}

/** Every cell of a board, each once, in the order of running. Pure. */
export function plan(input: PlanInput): Plan {
  const cells = SUITES.flatMap((suite) => cellsOf(suite, input));
  const seen = new Set<string>();
  const twice = cells.find((cell) => seen.size === seen.add(cell.id).size);
  if (twice) throw new RangeError(`${twice.id} is planned twice: two importers of one name?`);
  const wanted = new Set(cells.filter((cell) => input.wanted(cell)));
  const witnesses = witnessIds(cells, [...wanted]);
  const planned = cells.map((cell): PlannedCell => {
    if (wanted.has(cell)) return { ...cell, skip: null };
    return witnesses.has(cell.id)
      ? { ...cell, skip: null, witness: true }
      : { ...cell, skip: 'filtered' };
  });
  const { board, profile, repeat, limits, yuvTolerance } = input;
  return { schema: SCHEMA_VERSION, board, profile, repeat, limits, yuvTolerance, cells: planned };
}

/** Whether any cell that runs has Mesa in it: EGL as its importer, or GBM as its backend. */
export function usesMesa(planned: Plan): boolean {
  return planned.cells.some(
    ({ skip, importer, backend }) =>
      skip === null && (importer?.kind === 'egl' || backend.startsWith('gbm:')),
  );
}

/** Whether any cell that runs takes memory from a dma-heap. */
export const usesHeaps = ({ cells }: Plan): boolean =>
  cells.some(({ skip, backend }) => skip === null && backend.startsWith('heap:'));

export { BackendName, Size };
