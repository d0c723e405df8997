import type { BoardContext, Exporter } from '../board.ts';
import { allocateFromHeap, setDmaBufName } from '../kernel/dma-buf.ts';
import { openAllocator } from '../kernel/open-node.ts';
import { closeFd, seekEnd } from '../kernel/syscalls.ts';

/** The dma-heap of that name: `system`, `reserved`, `linux,cma`, or a vendor's. */
export function heapExporter(name: string, context: BoardContext): Exporter {
  const path = context.nodes[`heap:${name}`] ?? `/dev/dma_heap/${name}`;
  return {
    allocate: (_cell, layout, ladder) => {
      const heap = ladder.stage('open', () => openAllocator(path));
      return ladder.stage('alloc', () => {
        const fd = allocateFromHeap(heap, layout.size);
        ladder.cleanup(() => closeFd(fd));
        setDmaBufName(fd, 'bufmatrix');
        // Heaps map with remap_pfn_range (VM_PFNMAP), which pagemap passes over.
        return { fd, size: seekEnd(fd), layout, modifier: 0n, pagemapAddress: null };
      });
    },
  };
}
