import { contiguousByConstruction } from '../../contiguous.ts';
import { WITNESS } from '../../luck.ts';
import type { CellRecord, StageFact } from '../../record.ts';
import { KERNEL_REFUSES } from '../../wording.ts';
import { because, type Cause, type Evidence, type Sureness, seen } from '../cause.ts';
import { bytesOf, PAGE_BYTES } from '../frames.ts';
import {
  held,
  type Known,
  nearest,
  type Rule,
  samePicture,
  sameQuestion,
  stopped,
  type Trial,
  type Trials,
} from '../trials.ts';

/** swiotlb_tbl_map_single() in kernel/dma/swiotlb.c. */
const BOUNCE_FULL = /swiotlb buffer is full/;
/** dma_direct_map_page() in kernel/dma/direct.h, and Rockchip's RGA. */
const OUT_OF_REACH = /DMA addr .*overflow \(mask|unsupported memory larger than 4G/;
/** vb2_dc_map_dmabuf() in videobuf2-dma-contig.c; rockchip_gem_get_pages() in rockchip_drm_gem.c. */
const CHUNK =
  /contiguous chunk is too small (\d+)\/(\d+)|failed to map sg_table to contiguous linear address/;

/** Whether the rung is one at which an importer maps memory, and refused it as memory. */
export function refusesMemory(rung: StageFact | undefined): rung is StageFact {
  if (rung?.side !== 'importer' || rung.result !== 'failed') return false;
  if (rung.name === 'prime-import' || rung.name === 'qbuf') return true;
  return rung.name === 'egl-image' && rung.detail?.includes(KERNEL_REFUSES) === true;
}

/** Refusals of the memory, whatever picture is in it. */
export const memory: Rule = (record, rung, known) => {
  const line = (pattern: RegExp) => record.kernelLog.find((text) => pattern.test(text));
  if (rung?.result === 'failed') {
    const bounce = line(BOUNCE_FULL);
    if (bounce) return because('swiotlb-bounce', 'told', seen(`kernel log: ${bounce}`));
    const reach = line(OUT_OF_REACH);
    if (reach) return because('address-range', 'told', seen(`kernel log: ${reach}`));
  }
  if (!refusesMemory(rung)) return null;
  return contiguity(record, rung, known) ?? noPrime(record, rung, known) ?? mapping(rung);
};

/** An importing device's own buffer comes back to it without being imported (drm_gem_prime_import_dev). */
const ownOf = ({ backend, importer }: CellRecord): boolean =>
  importer !== null && backend.slice(backend.indexOf(':') + 1) === importer.driver;

const isOnePage = ({ buffer }: CellRecord): boolean =>
  buffer !== null && buffer.size <= PAGE_BYTES && (buffer.segments ?? 1) === 1;

/** How much of a buffer's size another one must have to speak of its size. */
const NEARLY = 0.9;

/** udmabuf-scattered is udmabuf with its pages in another order; a page of it is udmabuf's. */
const kindOf = (backend: string) => (backend === WITNESS ? 'udmabuf' : backend);

/** Trials by which contiguity is told from size and from what else the exporter may be like. */
export interface Separation {
  /** One page of the same memory, accepted. */
  readonly page: Trial | undefined;
  /** One page of the same memory, refused likewise: then it is not for being scattered. */
  readonly pageRefused: Trial | undefined;
  /** As many bytes of somebody else's contiguous memory, accepted. */
  readonly contiguous: Trial | undefined;
  /** Two pages that cannot be contiguous, refused. */
  readonly twoPages: Trial | undefined;
}

/** What there is of them. */
export function separation(record: CellRecord, rung: StageFact, trials: Trials): Separation {
  const alike = trials.alike(rung, record);
  const same = alike.filter((trial) => samePicture(rung, record, trial.record));
  const pages = same.filter(
    (trial) => isOnePage(trial.record) && kindOf(trial.record.backend) === kindOf(record.backend),
  );
  // Some exporters pad: Mesa's to whole tiles of rows.
  const enough = bytesOf(record) * NEARLY;
  return {
    page: pages.find((trial) => held(trial.record, rung)),
    pageRefused: pages.find((trial) => stopped(trial.record, rung)),
    contiguous: nearest(
      record,
      same.filter(
        (trial) =>
          contiguousByConstruction(trial.record) &&
          !ownOf(trial.record) &&
          bytesOf(trial.record) >= enough &&
          held(trial.record, rung),
      ),
    ),
    twoPages: same.find(
      (trial) =>
        trial.record.backend === WITNESS &&
        bytesOf(trial.record) <= 2 * PAGE_BYTES &&
        stopped(trial.record, rung),
    ),
  };
}

function contiguity(record: CellRecord, rung: StageFact, known: Known): Cause | null {
  const { kernelLog, buffer } = record;
  const chunk = kernelLog.find((text) => CHUNK.test(text));
  // Its own pages say that it was in one piece: it was refused for something else.
  const inOnePiece = contiguousByConstruction(record) || buffer?.segments === 1;
  if (inOnePiece && !chunk) return null;
  const { page, pageRefused, contiguous, twoPages } = separation(record, rung, known.trials);
  if (pageRefused && !page && !chunk) return null;
  const evidence: Evidence[] = [];
  if (page)
    evidence.push(seen(`one page of the same memory passes ${rung.name}`, page.record.cell));
  if (twoPages)
    evidence.push(seen('two pages that cannot be contiguous are refused', twoPages.record.cell));
  if (contiguous)
    evidence.push(seen(`as much contiguous memory passes ${rung.name}`, contiguous.record.cell));
  if (evidence.length === 0 && !chunk) return null;
  if (chunk) evidence.push(seen(`kernel log: ${chunk}`));
  if (buffer?.segments != null && buffer.segments > 1)
    evidence.push(seen(`the pages lie in ${buffer.segments} pieces (pagemap)`));
  evidence.push(...noIommu(record, known));
  return because('not-contiguous', surenessOf(page, contiguous ?? twoPages, chunk), ...evidence);
}

function surenessOf(
  page: Trial | undefined,
  asLarge: Trial | undefined,
  chunk: string | undefined,
): Sureness {
  if (page && asLarge) return 'proven';
  return chunk ? 'told' : 'likely';
}

/** Translates: `DMA`, `DMA-FQ`. An `identity` group is as none. */
const translates = (type: string | null) => type?.startsWith('DMA') === true;

function noIommu({ importer }: CellRecord, { inventory }: Known): Evidence[] {
  const devices = [...(inventory?.drm ?? []), ...(inventory?.v4l2 ?? [])];
  const device = devices.find(({ driver }) => driver === importer?.driver);
  if (!device || translates(device.iommuType)) return [];
  return [seen(`no IOMMU translates for ${device.driver}`)];
}

/** Errnos by which a driver has no import for such a buffer (kernel/drm_prime.c, virtgpu_prime.c). */
const NO_PRIME: Readonly<Record<string, string>> = {
  ENOSYS:
    'the driver has no PRIME import, or the exporter cannot give a list of pages (drm_prime.c)',
  ENODEV: 'the driver takes buffers of its own only (virtgpu_prime.c)',
};

function noPrime(record: CellRecord, rung: StageFact, { trials }: Known): Cause | null {
  const told = NO_PRIME[rung.errno ?? ''];
  if (told !== undefined && rung.name !== 'qbuf')
    return because('no-prime', 'told', seen(`${rung.errno}: ${told}`));
  const foreign = trials
    .alike(rung, record)
    .filter((trial) => sameQuestion(rung, record, trial.record) && !ownOf(trial.record));
  if (foreign.some((trial) => held(trial.record, rung))) return null;
  const page = foreign.find((trial) => isOnePage(trial.record) && stopped(trial.record, rung));
  const contiguous = foreign.find(
    (trial) => contiguousByConstruction(trial.record) && stopped(trial.record, rung),
  );
  if (!page || !contiguous) return null;
  return because(
    'no-prime',
    'proven',
    seen('a single page is refused as well', page.record.cell),
    seen('contiguous memory is refused as well', contiguous.record.cell),
    seen(`no buffer of another driver passes ${rung.name}`),
  );
}

/** What is left: errors of the mapping itself (kernel/dma/mapping.c, kernel/dma/direct.c). */
function mapping(rung: StageFact): Cause | null {
  if (rung.errno !== 'EIO') return null;
  return because(
    'address-range',
    'likely',
    seen(
      'EIO is DMA_MAPPING_ERROR: beyond the device’s address mask, or a bounce that found no room',
    ),
  );
}
