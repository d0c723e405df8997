import type { Inventory } from '../../inventory.ts';
import type { CellRecord } from '../../record.ts';
import { BUFFER_LIMIT, LIST_LIMIT, SIZE_LIMIT } from '../../wording.ts';
import { because, type Cause, seen } from '../cause.ts';
import { bytesOf } from '../frames.ts';
import { type Known, type Rule, rungOf } from '../trials.ts';

const ABSENT = new Set(['ENOENT', 'ENODEV', 'ENXIO']);

/**
 * What the kernel has called the default CMA region's heap: its area's name (`reserved`, a device tree's
 * `linux,cma` or `default-pool`), and since 6.17 `default_cma_region`
 * (Documentation/userspace-api/dma-buf-heaps.rst).
 */
const DEFAULT_CMA = new Set(['reserved', 'linux,cma', 'default-pool', 'default_cma_region']);

/** What ends a cell before there is a buffer: no such heap, and limits that are known in numbers. */
export const exporter: Rule = (record, rung, known) => {
  if (!rung) return null;
  if (rung.name === 'open' && rung.side === 'exporter' && record.backend.startsWith('heap:'))
    return ABSENT.has(rung.errno ?? '') ? noHeap(record.backend.slice(5), known) : null;
  return rung.name === 'alloc' || rung.detail?.includes(BUFFER_LIMIT) ? limit(record, known) : null;
};

function noHeap(name: string, { inventory }: Known): Cause {
  const here = inventory?.heaps.map((heap) => heap.name) ?? [];
  const renamed = DEFAULT_CMA.has(name) ? here.filter((other) => DEFAULT_CMA.has(other)) : [];
  const list = here.length ? `heaps here: ${here.join(', ')}` : 'the board shows no heaps';
  if (renamed.length)
    return because(
      'heap-renamed',
      'likely',
      seen(`${renamed.join(' and ')} and ${name} are names of the default CMA region`),
      seen(list),
    );
  return because('heap-absent', 'told', seen(`there is no /dev/dma_heap/${name}; ${list}`));
}

/** By the numbers, and where they are not known, by the agent's words. */
function limit(record: CellRecord, { inventory }: Known): Cause | null {
  const detail = rungOf(record)?.detail ?? '';
  const limits = record.backend.startsWith('udmabuf') ? (inventory?.udmabuf ?? null) : null;
  const items = itemsOf(record, inventory);
  if (limits?.listLimit != null && items > limits.listLimit)
    return because(
      'list-limit',
      'told',
      seen(`${items} pages, one an item, and udmabuf's list_limit is ${limits.listLimit}`),
    );
  const bytes = bytesOf(record);
  if (limits?.sizeLimitMiB != null && bytes > limits.sizeLimitMiB * 1024 * 1024)
    return because(
      'size-limit',
      'told',
      seen(`${bytes} bytes, and udmabuf's size_limit_mb is ${limits.sizeLimitMiB}`),
    );
  if (detail.includes(LIST_LIMIT)) return because('list-limit', 'told', seen(detail));
  if (detail.includes(SIZE_LIMIT)) return because('size-limit', 'told', seen(detail));
  if (detail.includes(BUFFER_LIMIT)) return because('size-limit', 'told', seen(detail));
  return null;
}

/** Items of UDMABUF_CREATE_LIST; `udmabuf` itself has one. */
function itemsOf(record: CellRecord, inventory: Inventory | null): number {
  if (record.backend !== 'udmabuf-scattered') return 1;
  return Math.ceil(bytesOf(record) / (inventory?.memory.pageSize ?? 4096)) + 1;
}
