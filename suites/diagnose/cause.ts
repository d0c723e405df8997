import { z } from 'zod';

/**
 * Every cause that a cell's outcome can have, with what it means. Closed: a new cause is a row here and
 * a rule in ./rules. docs/design.md says how they are told apart.
 */
export const CAUSES = {
  'not-contiguous':
    'the importer needs one contiguous piece of memory, and the buffer is scattered or only happened to lie in one',
  'address-range': "the memory lies beyond the addresses that the importer's device can reach",
  'swiotlb-bounce':
    'the kernel copies through a bounce buffer that nobody keeps in step, or that is too small',
  'heap-absent': 'there is no dma-heap of that name',
  'heap-renamed': 'there is no dma-heap of that name, and the region has another name here',
  permission: 'this user may not open or use the device node',
  'read-only': 'the exporter gives the buffer for reading only, and it has to be written',
  'drm-master': 'another process is DRM master of the display',
  busy: 'another process holds the device',
  'cma-exhausted': 'the contiguous memory allocator has no piece of that size left',
  'out-of-memory': 'the kernel has no memory for it, or killed the process to get some',
  'size-limit': 'the frame is larger than the exporter, the device or this run allows',
  'list-limit': "the frame has more pages than udmabuf's list_limit allows items",
  stride: "the rows' distance in memory is not what the importer demands",
  offset: 'a plane does not begin where the importer demands',
  padding: 'the importer demands more rows or bytes than the picture has',
  format: 'the exporter or the importer does not have this pixel format',
  modifier: 'the memory is not laid out in rows, or the importer cannot be told how it is',
  'no-prime': 'a driver lacks dma-buf export or import, or takes buffers of its own only',
  'missing-capability': 'the device lacks what the suite needs',
  'driver-crash': 'a driver in user space killed the process',
  'kernel-oops': 'the kernel faulted in the cell',
  'driver-hang': 'a call did not come back before the deadline',
  'wrong-data': 'accepted, but the data is wrong, and nothing seen says why',
  'broken-renderer': 'the renderer draws wrongly without any import as well',
  'board-lost': 'the board went away',
  interrupted: 'the run was stopped before the cell',
  filtered: 'nobody asked for the cell',
  harness: 'bufmatrix itself failed or verified nothing: it says nothing of the board',
  unknown: 'nothing seen separates the causes that are left',
} as const satisfies Readonly<Record<string, string>>;

export type CauseName = keyof typeof CAUSES;

const isCauseName = (name: string): name is CauseName => name in CAUSES;
export const CAUSE_NAMES: readonly CauseName[] = Object.keys(CAUSES).filter(isCauseName);

/**
 * How sure a cause is. proven: trials that differ in this alone came out differently. told: the kernel
 * log, an errno with one meaning there, or a recorded fact says exactly this. likely: it fits, and what
 * else fits was not separated.
 */
export const SURENESS = ['proven', 'told', 'likely'] as const;
export type Sureness = (typeof SURENESS)[number];

/** What a cause rests on. */
export const Evidence = z.strictObject({
  text: z.string(),
  /** The cell or experiment that shows it; null for what the cell itself or the inventory says. */
  cell: z.string().nullable(),
});
export type Evidence = z.infer<typeof Evidence>;

/** Why a cell did not pass, or passed by luck. */
export const Cause = z.strictObject({
  cause: z.enum(CAUSE_NAMES),
  /** Null for `unknown` alone. */
  sureness: z.enum(SURENESS).nullable(),
  evidence: z.array(Evidence),
  /** What would have to be known to tell; null where the cause is not `unknown`. */
  needed: z.string().nullable(),
});
export type Cause = z.infer<typeof Cause>;

/** A line of evidence from the cell itself or the inventory (no id), or from another cell. */
export const seen = (text: string, cell: string | null = null): Evidence => ({ text, cell });

/** A cause that is not `unknown`. */
export function because(
  cause: Exclude<CauseName, 'unknown'>,
  sureness: Sureness,
  ...evidence: readonly Evidence[]
): Cause {
  return { cause, sureness, evidence: [...evidence], needed: null };
}

/** @param needed what would tell, in words. */
export function unknown(needed: string, ...evidence: readonly Evidence[]): Cause {
  return { cause: 'unknown', sureness: null, evidence: [...evidence], needed };
}
