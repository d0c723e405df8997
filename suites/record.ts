import { z } from 'zod';
import { Cell, IMPORTER_KINDS, ModifierHex, SUITES } from './cell.ts';

/** The version of every file that is written: plan, record, run. Readers refuse another. */
export const SCHEMA_VERSION = 1;

/** The rungs of a cell's ladder, in no fixed order: each suite climbs its own. */
export const STAGES = [
  'open',
  'alloc',
  'map',
  'sync',
  'prime-import',
  'addfb2',
  'test-commit',
  'commit',
  'egl-image',
  'texture',
  'framebuffer',
  'draw',
  'readback',
  's-fmt',
  'reqbufs',
  'qbuf',
  'streamon',
  'dequeue',
  'verify',
] as const;
export type StageName = (typeof STAGES)[number];

/** The two ends of a share; a ladder changes from one to the other and back. */
export const SIDES = ['exporter', 'importer'] as const;
export type Side = (typeof SIDES)[number];

export const OUTCOMES = [
  'pass',
  'refused',
  'corrupt',
  'crash',
  'hang',
  'unsupported',
  'blocked',
  'not-run',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One rung that was tried. The last one is the one that failed, if any did. */
export const StageFact = z.strictObject({
  name: z.enum(STAGES),
  /** Whose rung it is: the backend that makes the buffer, or whoever takes it (in `cpu`, the CPU). */
  side: z.enum(SIDES),
  /**
   * ok: the call returned success. failed: a clean error. wrong: the call succeeded and the data is
   * not what it must be. unsupported: a capability is missing, see `detail`. entered: the process
   * ended inside the stage.
   */
  result: z.enum(['ok', 'failed', 'wrong', 'unsupported', 'entered']),
  /** The symbol: `EINVAL`, `EGL_BAD_ALLOC`, `GL_INVALID_OPERATION`. */
  errno: z.string().nullable(),
  /** Microseconds of wall time. */
  us: z.int().nonnegative(),
  /** What a reader needs beside the errno: the ioctl, the missing capability, the first wrong pixel. */
  detail: z.string().optional(),
});
export type StageFact = z.infer<typeof StageFact>;

/** What is known of the memory. Null where this kernel does not let it be known. */
export const BufferFacts = z.strictObject({
  /** Bytes of the dma-buf, page-rounded as the kernel did it (lseek SEEK_END). */
  size: z.int().nonnegative(),
  strides: z.array(z.int()),
  offsets: z.array(z.int()),
  modifier: ModifierHex.nullable(),
  /** Runs of physically contiguous pages, and the longest one in bytes (from /proc/self/pagemap). */
  segments: z.int().positive().nullable(),
  longestRun: z.int().positive().nullable(),
  /** The exporter's name from /proc/self/fdinfo: `udmabuf`, `system`, `reserved`, `drm`. */
  exporter: z.string().nullable(),
});
export type BufferFacts = z.infer<typeof BufferFacts>;

/** The comparison of what a device saw with what was written. */
export const VerifyFacts = z.strictObject({
  compared: z.int().nonnegative(),
  wrong: z.int().nonnegative(),
  /** Largest difference of a channel that still counts as equal. 0 is exact. */
  tolerance: z.int().nonnegative(),
  /** The same content through glTexImage2D: `wrong` means the renderer is broken, not the import. */
  control: z.enum(['ok', 'wrong', 'none']),
  first: z
    .strictObject({ x: z.int(), y: z.int(), expected: z.string(), got: z.string() })
    .optional(),
});
export type VerifyFacts = z.infer<typeof VerifyFacts>;

/** What the system had left at one moment. Null where this kernel does not say. */
const MemoryState = z.strictObject({
  /**
   * KiB (CmaFree in /proc/meminfo, all CMA regions together). Exact after an allocation from CMA;
   * else freed pages that are still on a processor's own list are missing from it.
   */
  cmaFreeKiB: z.int().nonnegative().nullable(),
  /** Slots of 2 KiB (io_tlb_used in debugfs, kernel/dma/swiotlb.c): a rise is a bounced mapping. */
  swiotlbUsed: z.int().nonnegative().nullable(),
});
export type MemoryState = z.infer<typeof MemoryState>;

/** Before the cell, at its last rung with everything still held, and after its clean-up. */
export const CellMemory = z.strictObject({
  before: MemoryState,
  held: MemoryState,
  after: MemoryState,
});
export type CellMemory = z.infer<typeof CellMemory>;

/** How the process that tried the cell came out of it. */
export const CellEnd = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('done') }),
  /** The worker died in this cell: `SIGSEGV`, `SIGKILL` (the OOM killer), or an exit code. */
  z.strictObject({
    kind: z.literal('died'),
    signal: z.string().nullable(),
    code: z.int().nullable(),
  }),
  /** The worker was killed for it; `stuck` when even SIGKILL did not end it (state D). */
  z.strictObject({ kind: z.literal('deadline'), limitMs: z.int(), stuck: z.boolean() }),
  /** The board went away in this cell, twice. */
  z.strictObject({ kind: z.literal('board-lost'), why: z.string() }),
  /** The cell was never started. */
  z.strictObject({ kind: z.literal('never'), why: z.string() }),
]);
export type CellEnd = z.infer<typeof CellEnd>;

/** What the board says of one attempt at one cell. Facts only: no verdict. */
export const CellFacts = z.strictObject({
  cell: z.string(),
  attempt: z.int().positive(),
  /** The device that took it: `/dev/dri/card0`. */
  node: z.string().nullable(),
  end: CellEnd,
  stages: z.array(StageFact),
  buffer: BufferFacts.nullable(),
  verify: VerifyFacts.nullable(),
  /** Null when the process did not live to look. */
  memory: CellMemory.nullable(),
  kernelLog: z.array(z.string()),
  /** Microseconds from start to end of the cell, clean-up included. */
  us: z.int().nonnegative(),
  /** Who holds what the cell needed: `DRM master of /dev/dri/card0 is held by Xorg (pid 812)`. */
  heldBy: z.string().nullable(),
  /** The last lines that the worker wrote to stderr (Mesa explains its refusals there). */
  stderr: z.array(z.string()),
});
export type CellFacts = z.infer<typeof CellFacts>;

/** One line of records.ndjson: one attempt at one cell. Field names are a promise to readers. */
export const CellRecord = z.strictObject({
  schema: z.literal(SCHEMA_VERSION),
  board: z.string(),
  cell: z.string(),
  suite: z.enum(SUITES),
  backend: z.string(),
  importer: z
    .strictObject({ kind: z.enum(IMPORTER_KINDS), driver: z.string(), node: z.string().nullable() })
    .nullable(),
  format: z.string(),
  width: z.int(),
  height: z.int(),
  modifier: ModifierHex.nullable(),
  outcome: z.enum(OUTCOMES),
  /** The first stage that failed. Null on a pass. */
  stage: z.enum(STAGES).nullable(),
  /** The symbol: `EINVAL`, `EGL_BAD_ALLOC`; of a crash, the signal: `SIGSEGV`. Null on a pass. */
  errno: z.string().nullable(),
  /** Why, in words, wherever the outcome is not a pass. */
  reason: z.string().nullable(),
  /** A pass that rests on pages that happened to be contiguous: see suites/luck.ts. */
  lucky: z.boolean(),
  attempt: z.int().positive(),
  us: z.int().nonnegative(),
  stages: z.array(StageFact),
  buffer: BufferFacts.nullable(),
  verify: VerifyFacts.nullable(),
  memory: CellMemory.nullable(),
  kernelLog: z.array(z.string()),
  end: CellEnd,
  heldBy: z.string().nullable(),
  stderr: z.array(z.string()),
  /** When the host received it, ISO 8601, UTC. */
  at: z.string(),
});
export type CellRecord = z.infer<typeof CellRecord>;

export { Cell };
