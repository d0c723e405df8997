import { type Cell, cellId, importerName } from './cell.ts';
import { isSystemHeap } from './heap-kind.ts';
import type { CellRecord } from './record.ts';

/**
 * Luck: a contiguous-only importer accepts pages that merely happened to lie side by side. It shows
 * when `udmabuf-scattered`, which cannot be contiguous, was refused by the same importer for the
 * same format and size. A backend is above suspicion when its memory is contiguous by construction.
 */
type Identity = Pick<
  Cell,
  'suite' | 'backend' | 'importer' | 'format' | 'width' | 'height' | 'modifier'
>;

/** The id of the cell whose verdict tells whether this one's pass was luck. */
export function scatteredSibling(cell: Identity): string {
  const { suite, importer, format, width, height } = cell;
  const driver = importer && { kind: importer.kind, driver: importer.driver };
  return cellId({
    suite,
    backend: 'udmabuf-scattered',
    importer: driver,
    format,
    width,
    height,
    modifier: '0x0',
  });
}

/**
 * Whether the backend's memory is contiguous by construction: a CMA heap, or the importing
 * device's own buffer, which its driver made for itself; or any buffer that a device allocated
 * whose own importer takes nothing scattered (`contiguousDrivers`).
 */
export function contiguousByConstruction(
  cell: Identity,
  contiguousDrivers: ReadonlySet<string>,
): boolean {
  const [kind, name] = split(cell.backend);
  if (kind === 'heap') return !isSystemHeap(name);
  if (kind === 'dumb' || kind === 'gbm' || kind === 'v4l2')
    return name === cell.importer?.driver || contiguousDrivers.has(name);
  return false;
}

function split(backend: string): [string, string] {
  const colon = backend.indexOf(':');
  return colon < 0 ? [backend, ''] : [backend.slice(0, colon), backend.slice(colon + 1)];
}

/** Sees a board's records one after another and tells which passes were luck, as far as known by then. */
export interface LuckWatch {
  see(record: CellRecord): void;
  mark(record: CellRecord): CellRecord;
}

/** A new watch for one board. Scattered cells run before their siblings, so marks are right as they come. */
export function luckWatch(): LuckWatch {
  /** Cells of udmabuf-scattered that were refused, and importers that refused one for its memory. */
  const refused = new Set<string>();
  const choosy = new Set<string>();
  /** Drivers whose importer took something contiguous: they can import, they are just choosy. */
  const importing = new Set<string>();
  return {
    see: (record) => {
      if (!record.importer) return;
      const { driver } = record.importer;
      if (record.outcome === 'pass' && contiguousByConstruction(record, new Set()))
        importing.add(driver);
      if (record.backend !== 'udmabuf-scattered' || record.outcome !== 'refused') return;
      if (record.stages.at(-1)?.side === 'exporter') return;
      refused.add(record.cell);
      if (looksAtMemory(record)) choosy.add(importerName(record.importer));
    },
    mark: (record) => {
      const lucky =
        record.outcome === 'pass' &&
        record.importer !== null &&
        record.backend !== 'udmabuf-scattered' &&
        (refused.has(scatteredSibling(record)) || choosy.has(importerName(record.importer))) &&
        !contiguousByConstruction(record, contiguous(choosy, importing));
      return lucky === record.lucky ? record : { ...record, lucky };
    },
  };
}

/** Drivers that allocate contiguous memory, since their own importer takes nothing else. */
function contiguous(choosy: ReadonlySet<string>, importing: ReadonlySet<string>): Set<string> {
  const drivers = [...choosy].map((name) => name.slice(name.indexOf(':') + 1));
  return new Set(drivers.filter((driver) => importing.has(driver)));
}

/** Marks the lucky passes among all of one board's records. Pure. */
export function markLuck(records: readonly CellRecord[]): CellRecord[] {
  const watch = luckWatch();
  records.forEach(watch.see);
  return records.map(watch.mark);
}

/** Refused where a DRM or V4L2 importer looks at the memory, not at format or size. */
function looksAtMemory(record: CellRecord): boolean {
  return record.stage === 'prime-import' || record.stage === 'qbuf';
}
