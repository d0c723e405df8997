import { z } from 'zod';
import type { SuiteName } from '../suites/cell.ts';
import { BASES } from '../suites/claim.ts';
import { OUTCOMES, STAGES } from '../suites/record.ts';
import { parseRange } from './kernel-version.ts';
import { Machine } from './machine.ts';
import { DriverName, HeapName, Line, Name, Prose, SizeText } from './names.ts';

/** One value, or a list of them. */
const oneOrMany = <Item extends z.ZodType>(item: Item) =>
  z.union([item, z.array(item).min(1, { error: 'the list is empty' })]);

/**
 * Whether a translating IOMMU stands between the device and memory. An MMU inside a GPU (v3d,
 * etnaviv, i915) is none: the kernel's DMA layer does not see it.
 */
const Iommu = z
  .enum(['yes', 'no', 'unknown'])
  .default('unknown')
  .describe('whether a translating IOMMU stands in front of the device: yes, no or unknown');

const VersionRange = z
  .string()
  .refine((range) => parseRange(range) !== null, {
    error: 'a range is words such as ">=6.17" or ">=6.12 <7", each an operator and a version',
  })
  .describe('a range in quotes, such as ">=6.17 <7"');

/** A heap's name, or where only some kernels have it, its name and theirs. */
const HeapEntry = z.union([HeapName, z.strictObject({ name: HeapName, kernel: VersionRange })]);

/** Formats and sizes to try, every format in every size. What is left out is the suite's default. */
const Wish = z.strictObject({
  formats: z.array(z.string()).min(1).optional().describe('fourccs, such as XR24 and NV12'),
  sizes: z.array(SizeText).min(1).optional().describe('WIDTHxHEIGHT, such as 640x480'),
});

/** A suite's wishes: one, or a list where some formats are tried in other sizes. */
const Wishes = oneOrMany(Wish).describe('formats and sizes to try; {} for the defaults');

const Suites = z.strictObject({
  allocate: Wishes.optional(),
  cpu: Wishes.optional(),
  'egl-sample': Wishes.optional(),
  'egl-render': Wishes.optional(),
  'kms-primary': Wishes.optional(),
  'kms-overlay': Wishes.optional(),
  encoder: Wishes.optional(),
} satisfies Record<SuiteName, unknown>);

const PciId = z.string().regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/, {
  error: 'a PCI id is vendor:device in lower-case hex, in quotes, such as "1234:11e8"',
});

/** One way to tell the board. All keys of an entry must fit; any entry will do. */
const Recognise = z
  .strictObject({
    compatible: z.array(Line).min(1).optional().describe('any of these device-tree compatibles'),
    dmi: z
      .strictObject({
        sysVendor: Line.optional(),
        productName: Line.optional(),
        boardName: Line.optional(),
      })
      .optional()
      .describe('DMI strings, all of them'),
    pci: z.array(PciId).min(1).optional().describe('any of these PCI devices'),
    drivers: z.array(DriverName).min(1).optional().describe('all of these DRM or V4L2 drivers'),
  })
  .refine((entry) => Object.keys(entry).length > 0, {
    error: 'the entry is empty, so it would fit every board',
  });

const Devices = z.strictObject({
  gpu: z
    .array(z.strictObject({ driver: DriverName, iommu: Iommu }))
    .default([])
    .describe("GBM nodes, each an egl importer; swrast is Mesa's software device"),
  kms: z.array(z.strictObject({ driver: DriverName, iommu: Iommu })).default([]),
  encoder: z
    .array(z.strictObject({ driver: DriverName, kind: z.enum(['m2m', 'output']), iommu: Iommu }))
    .default([])
    .describe('V4L2 mem2mem encoders and output devices'),
  heaps: z.array(HeapEntry).default([]).describe('files below /dev/dma_heap'),
});

/** A backend (BackendName), or `heap:*` for every heap that the board turns out to have. */
const BackendEntry = z
  .string()
  .regex(
    /^(udmabuf|udmabuf-scattered|heap:(\*|[A-Za-z0-9_.,+@-]+)|(dumb|gbm|v4l2):[A-Za-z0-9_.,+-]+)$/,
    {
      error:
        'a backend is udmabuf, udmabuf-scattered, heap:*, heap:NAME, dumb:DRIVER, gbm:DRIVER or v4l2:DRIVER',
    },
  );

const Pattern = z.string().regex(/^[!-~]{1,100}$/, {
  error: 'a pattern is a name in which `*` stands for any text',
});
const Patterns = oneOrMany(Pattern);

/** Which cells: every key that is given must fit, by one of its patterns. `-` stands for none. */
export const Selector = z.strictObject({
  suite: Patterns.optional(),
  backend: Patterns.optional(),
  importer: Patterns.optional().describe('such as kms:vc4 or egl:*; - for allocate and cpu'),
  format: Patterns.optional(),
  size: Patterns.optional(),
  modifier: Patterns.optional().describe('"0x0" is linear, - is what the driver chooses'),
});

const ErrnoName = z.string().regex(/^(E[A-Z0-9]+|EGL_[A-Z_]+|GL_[A-Z_]+|SIG[A-Z0-9]+)$/, {
  error: 'an error is named by its symbol, such as EINVAL, EGL_BAD_ALLOC or SIGSEGV',
});

const Share = z.number().min(0).max(1);

const Rate = z
  .strictObject({ min: Share.default(0), max: Share.default(1) })
  .refine(({ min, max }) => min <= max, {
    error: 'min is larger than max',
    path: ['min'],
  })
  .describe(
    'of a cell that is known to be flaky: the share of attempts that come out so, from 0 to 1; other attempts may have any clean result',
  );

const Source = Prose.regex(/\S/, { error: 'it says nothing' });

/** What some cells are known to come out as. The first entry that fits a cell counts. */
export const Expectation = z.strictObject({
  cells: Selector,
  outcome: oneOrMany(z.enum(OUTCOMES)),
  orLucky: z
    .boolean()
    .default(false)
    .describe('a pass that rests on pages which happened to be contiguous will do as well'),
  stage: oneOrMany(z.enum(STAGES)).optional().describe('the stage that fails'),
  errno: oneOrMany(ErrnoName).optional().describe('the error that it fails with'),
  rate: Rate.optional(),
  reason: Prose.min(1).describe('why'),
  source: oneOrMany(Source).describe(
    'where it is written: kernel file and function, issue, mail, document; if measured, BOARD, kernel VERSION',
  ),
  basis: z
    .enum(BASES)
    .describe('claimed: somebody wrote it; measured: a run of bufmatrix shows it'),
  kernel: VersionRange.optional(),
  mesa: VersionRange.optional(),
});
export type Expectation = z.infer<typeof Expectation>;

/** A virtual board that is in the same situation, so that its measurements can stand beside claims. */
const StandIn = z.strictObject({
  profile: Name.describe('the profile of a virtual board'),
  differs: Prose.min(1).describe('what is different there'),
  names: z
    .record(z.union([DriverName, HeapName]), z.union([DriverName, HeapName]))
    .default({})
    .describe('drivers and heaps of this board, each with the one that stands in for it'),
});
export type StandIn = z.infer<typeof StandIn>;

/** A board model: how it is recognised, what it has, what to try on it, what is known to come out. */
export const Profile = z
  .strictObject({
    schema: z.literal(1, { error: 'this bufmatrix reads profiles of schema 1' }).describe('1'),
    name: Name.describe("the file's name without .yaml"),
    title: Line.describe('the board in a few words'),
    about: Prose.default('').describe('where its facts come from'),
    recognise: z
      .array(Recognise)
      .default([])
      .describe('ways to tell the board; it is this one when any fits'),
    devices: Devices,
    backends: z
      .array(BackendEntry)
      .min(1)
      .optional()
      .describe(
        'what allocates; default udmabuf, udmabuf-scattered, heap:*, dumb of each KMS driver, gbm of each GPU but swrast, v4l2 of each encoder',
      ),
    suites: Suites.optional().describe(
      'what to try; default every suite that there are devices for',
    ),
    tolerance: z
      .strictObject({ yuv: z.int().min(0).max(255).default(2) })
      .prefault({})
      .describe('largest difference of a YUV channel that still counts as equal'),
    limits: z
      .strictObject({
        modeset: z.boolean().default(false).describe('whether a real commit may be made'),
        cellSeconds: z.int().min(1).max(3600).default(20),
        bufferMiB: z.int().min(1).max(4096).default(64),
        exhaustCma: z
          .boolean()
          .optional()
          .describe(
            'whether a CMA heap may be used up for a moment, to find which heaps are one memory where the kernel does not say; default true for a virtual board, else false',
          ),
      })
      .prefault({}),
    machine: Machine.optional().describe('virtual boards only: how QEMU makes it'),
    standIn: StandIn.optional().describe('a virtual board in the same situation'),
    expect: z.array(Expectation).default([]),
  })
  .describe('A bufmatrix board profile');
export type Profile = z.infer<typeof Profile>;

/**
 * Whether all of a board's contiguous memory may be taken for a moment. It disturbs whatever else
 * runs there, so on hardware only its owner says yes.
 */
export const mayExhaustCma = ({ limits, machine }: Profile): boolean =>
  limits.exhaustCma ?? machine !== undefined;

/** A profile with where it came from. */
export interface LoadedProfile {
  readonly file: string;
  readonly profile: Profile;
  /** SHA-256 of the profile's content (comments and layout do not count), in hex. */
  readonly hash: string;
}
