import type { Inventory } from '../../../suites/inventory.ts';
import { accessOf } from '../../../suites/kernel/access.ts';
import { linkOf, namesIn, numberOf } from './files.ts';

const HEAPS = '/dev/dma_heap';

/**
 * The dma-heaps; a symlink such as Raspberry Pi OS's `vidbuf_cached` is one more name. Their regions
 * are left out: to find them takes allocations, so another process does (../heap-regions).
 */
export function heapsOf(): Inventory['heaps'] {
  return namesIn(HEAPS).flatMap((name) => {
    const path = `${HEAPS}/${name}`;
    const node = accessOf(path);
    return node ? [{ name, node, target: linkOf(path), region: null }] : [];
  });
}

/** udmabuf's node and the limits of its module. */
export function udmabufOf(): Inventory['udmabuf'] {
  const parameters = '/sys/module/udmabuf/parameters';
  return {
    node: accessOf('/dev/udmabuf'),
    listLimit: numberOf(`${parameters}/list_limit`),
    sizeLimitMiB: numberOf(`${parameters}/size_limit_mb`),
  };
}
