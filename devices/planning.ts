import type { Cell, ImporterKind, SuiteName } from '../suites/cell.ts';
import { BackendName, SUITES } from '../suites/cell.ts';
import type { Inventory } from '../suites/inventory.ts';
import { DEFAULT_SIZES, type PlanInput, SUITE_FORMATS, SUITE_IMPORTERS } from '../suites/plan.ts';
import { listOf } from './expect.ts';
import { inRange } from './kernel-version.ts';
import type { Profile } from './profile.ts';

/** What a run adds to the profile. */
export interface PlanOptions {
  /** The board's name, from the lab file. */
  readonly board: string;
  /** Attempts a cell; default 1. */
  readonly repeat?: number;
  /** Which cells are wanted; default all. */
  readonly wanted?: (cell: Cell) => boolean;
}

type Importer = PlanInput['importers'][number];

/** The profile's importers: a GPU's GBM node by EGL, a KMS card, an encoder by its V4L2 kind. */
export function importersOf({ devices }: Pick<Profile, 'devices'>): Importer[] {
  const as =
    (kind: ImporterKind) =>
    ({ driver }: { driver: string }): Importer => ({ kind, driver });
  return [
    ...devices.gpu.map(as('egl')),
    ...devices.kms.map(as('kms')),
    ...devices.encoder.map(({ driver, kind }) => as(`v4l2-${kind}`)({ driver })),
  ];
}

/** The heaps that the profile names for a kernel; without one, those that every kernel has. */
export function heapsOf({ devices }: Pick<Profile, 'devices'>, kernel: string | null): string[] {
  return devices.heaps.flatMap((heap) => {
    if (typeof heap === 'string') return [heap];
    return kernel !== null && inRange(kernel, heap.kernel) ? [heap.name] : [];
  });
}

/** The profile's backends with `heap:*` spelled out, each once, in the profile's order. */
export function backendsOf(profile: Profile, heaps: readonly string[]): string[] {
  const { devices } = profile;
  const listed = profile.backends ?? [
    'udmabuf',
    'udmabuf-scattered',
    'heap:*',
    ...devices.kms.map(({ driver }) => `dumb:${driver}`),
    ...devices.gpu.filter(({ driver }) => driver !== 'swrast').map(({ driver }) => `gbm:${driver}`),
    ...devices.encoder.map(({ driver }) => `v4l2:${driver}`),
  ];
  const spelled = listed.flatMap((entry) =>
    entry === 'heap:*' ? heaps.map((heap) => `heap:${heap}`) : [entry],
  );
  return [...new Set(spelled)];
}

/** The suites to run: the profile's, else all that its devices can take part in. */
function suitesOf(profile: Profile, importers: readonly Importer[]): PlanInput['suites'] {
  const has = (suite: SuiteName) => {
    const kinds = SUITE_IMPORTERS[suite];
    return kinds.length === 0 || importers.some(({ kind }) => kinds.includes(kind));
  };
  return SUITES.flatMap((name) => {
    const wishes = profile.suites ? listOf(profile.suites[name]) : has(name) ? [{}] : [];
    return wishes.map((wish: { formats?: string[] | undefined; sizes?: string[] | undefined }) => ({
      name,
      formats: wish.formats ?? SUITE_FORMATS[name],
      sizes: wish.sizes?.map(parseSize) ?? DEFAULT_SIZES,
    }));
  });
}

/** 640 and 480 of `640x480`. */
export function parseSize(size: string): { width: number; height: number } {
  const [width = 0, height = 0] = size.split('x').map(Number);
  return { width, height };
}

/**
 * What suites/plan.ts needs of a profile. `heap:*` is every heap that the board has; without an
 * inventory (a dry run, before the board is asked) it is those that the profile names.
 */
export function planInput(
  profile: Profile,
  inventory: Inventory | null,
  options: PlanOptions,
): PlanInput {
  const importers = importersOf(profile);
  const found = inventory?.heaps.map(({ name }) => name) ?? heapsOf(profile, null);
  const heaps = found.filter((name) => BackendName.safeParse(`heap:${name}`).success);
  return {
    board: options.board,
    profile: profile.name,
    backends: backendsOf(profile, heaps),
    importers,
    suites: suitesOf(profile, importers),
    limits: {
      cellMs: profile.limits.cellSeconds * 1000,
      bufferMiB: profile.limits.bufferMiB,
      modeset: profile.limits.modeset,
    },
    yuvTolerance: profile.tolerance.yuv,
    repeat: options.repeat ?? 1,
    wanted: options.wanted ?? (() => true),
  };
}
