import { cellId } from '../suites/cell.ts';
import { contiguousByConstruction } from '../suites/contiguous.ts';
import type { Inventory } from '../suites/inventory.ts';
import type { CellRecord, StageFact } from '../suites/record.ts';
import type { BoardFacts } from './board.ts';
import type { Evidence } from './evidence.ts';
import { partsOf } from './on-board.ts';
import type { Answer, Frame } from './world.ts';

const unknown = (why: string, missing: readonly string[]): Answer => ({
  kind: 'unknown',
  why,
  proof: [],
  missing,
});

/**
 * Whether that many frames can be had from a backend. One at a time was measured; whether all of them
 * fit is reckoned, and said to be.
 * @param held KiB of CMA that the program holds already.
 */
export function allocationOf(
  backend: string,
  frame: Frame,
  held: number,
  { inventory, cells }: BoardFacts,
  evidence: Evidence,
): Answer {
  const unsealed = sealsRefused(backend, frame.seals);
  if (unsealed) return unsealed;
  if (backend === 'memory') return { kind: 'yes', why: 'plain memory can be had', proof: [] };
  const { format, width, height } = frame;
  const records = evidence.ofFrame(backend, format, width, height);
  const size = `${format} ${width}x${height}`;
  const died = records.find(diedAllocating);
  if (died)
    return {
      kind: 'fatal',
      why: `${backend}: ${died.outcome} while it allocated ${size}`,
      proof: [died.cell],
    };
  const made = madeOf(records);
  const refused = records.find(refusedToAllocate);
  if (made && refused?.outcome === 'refused')
    return {
      kind: 'sometimes',
      why: `${backend} made ${size} for ${made.cell} and not for ${refused.cell}: ${refused.reason ?? refused.errno}`,
      proof: [made.cell, refused.cell],
    };
  if (made) return fits(made, frame, held, inventory);
  if (refused)
    return {
      kind: 'no',
      why: `${backend} makes no frame of ${size}: ${refused.reason ?? refused.errno}`,
      proof: [refused.cell],
    };
  const cell = {
    suite: 'allocate',
    backend,
    importer: null,
    format,
    width,
    height,
    modifier: '0x0',
  } as const;
  return unknown(
    `${backend} was not asked for ${size}`,
    cells.has(cellId(cell)) ? [cellId(cell)] : [],
  );
}

/** udmabuf_create() in drivers/dma-buf/udmabuf.c: F_SEAL_SHRINK must be set and F_SEAL_WRITE must not. */
function sealsRefused(backend: string, seals: readonly string[]): Answer | null {
  if (backend !== 'udmabuf' || seals.length === 0) return null;
  const why = seals.includes('write')
    ? 'udmabuf refuses a memfd that has F_SEAL_WRITE (EINVAL, drivers/dma-buf/udmabuf.c)'
    : seals.includes('shrink')
      ? null
      : 'udmabuf refuses a memfd without F_SEAL_SHRINK (EINVAL, drivers/dma-buf/udmabuf.c)';
  return why === null ? null : { kind: 'no', why, proof: [] };
}

const exporterRung = ({ stages }: CellRecord, fits: (rung: StageFact) => boolean): boolean =>
  stages.some((rung) => rung.side === 'exporter' && fits(rung));

const refusedToAllocate = (record: CellRecord): boolean =>
  ['refused', 'unsupported'].includes(record.outcome) &&
  exporterRung(record, ({ result }) => result === 'failed' || result === 'unsupported');

const diedAllocating = (record: CellRecord): boolean =>
  ['crash', 'hang'].includes(record.outcome) &&
  record.stages.at(-1)?.side === 'exporter' &&
  record.stages.at(-1)?.result === 'entered';

/** A record of a frame that was allocated; of `allocate` first, since nothing else is held in it. */
function madeOf(records: readonly CellRecord[]): CellRecord | undefined {
  const made = records.filter((record) =>
    exporterRung(record, ({ name, result }) => name === 'alloc' && result === 'ok'),
  );
  return made.find(({ suite }) => suite === 'allocate') ?? made[0];
}

/** Whether all frames fit where one was allocated. */
function fits(
  made: CellRecord,
  { format, width, height, count }: Frame,
  held: number,
  inventory: Inventory,
): Answer {
  const { memory } = inventory;
  const bytes = made.buffer?.size ?? 0;
  const plain = count * Math.ceil(bytes / 1024);
  const frames = `${count} frames of ${format} ${width}x${height}`;
  const proof = [made.cell];
  if (!usesCma(made, inventory)) {
    if (plain > memory.availableKiB)
      return unknown(
        `${frames} take ${plain} KiB, and MemAvailable was ${memory.availableKiB} KiB (reckoned)`,
        [],
      );
    return {
      kind: 'yes',
      why: `one frame was allocated, and ${frames} fit into memory (reckoned)`,
      proof,
    };
  }
  const left = Math.max(0, memory.cmaFreeKiB - held);
  const words = (need: number) =>
    `${frames} take ${need} KiB of CMA, and ${left} KiB are left (reckoned from CmaFree)`;
  if (plain > left) return { kind: 'no', why: words(plain), proof };
  const aligned = count * alignedKiB(bytes);
  if (aligned > left)
    return unknown(
      `${words(plain)}; aligned as CMA aligns them they take ${aligned} KiB, so they may not fit`,
      [],
    );
  return { kind: 'yes', why: `one frame was allocated; ${words(aligned)}`, proof };
}

/**
 * What a piece of CMA takes beside others of its size: its start is aligned to its size's next power
 * of two, and at most to 256 pages (CONFIG_CMA_ALIGNMENT 8; get_order() in dma_alloc_from_contiguous()
 * and cma_heap_allocate()).
 */
function alignedKiB(bytes: number): number {
  const pages = Math.max(1, Math.ceil(bytes / 4096));
  const align = Math.min(256, 2 ** Math.ceil(Math.log2(pages)));
  return Math.ceil(pages / align) * align * 4;
}

/**
 * Whether a backend's memory comes out of CMA: a contiguous heap's does, and a driver's that
 * allocates by the kernel's DMA helpers, unless a translating IOMMU stands behind it. CmaFree while the buffer was held
 * does not tell: freed pages on a processor's list hide it.
 */
function usesCma(record: CellRecord, { memory, drm, v4l2 }: Inventory): boolean {
  const { backend, buffer } = record;
  if (memory.cmaTotalKiB === 0) return false;
  if (!contiguousByConstruction({ backend, importer: null, buffer })) return false;
  const [kind, driver] = partsOf(backend);
  if (kind === 'heap') return true;
  const types = [...drm, ...v4l2]
    .filter((device) => device.driver === driver)
    .map(({ iommuType }) => iommuType);
  return !types.some((type) => type?.startsWith('DMA'));
}

/** KiB of CMA that a stream's buffers hold on a backend; 0 where they are not from CMA. */
export function cmaOf(
  backend: string | null,
  { format, width, height, count }: Frame,
  { inventory }: BoardFacts,
  evidence: Evidence,
): number {
  if (backend === null) return 0;
  const record = madeOf(evidence.ofFrame(backend, format, width, height));
  if (!record?.buffer || !usesCma(record, inventory)) return 0;
  return count * alignedKiB(record.buffer.size);
}
