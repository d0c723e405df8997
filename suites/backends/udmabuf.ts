import type { BoardContext, Exporter } from '../board.ts';
import { createUdmabuf } from '../kernel/dma-buf.ts';
import { openAllocator } from '../kernel/open-node.ts';
import { framesAreVisible } from '../kernel/pagemap.ts';
import { closeFd, pageBytes, seekEnd } from '../kernel/syscalls.ts';
import { populate, requireUdmabufLimits, sealedMemory } from './sealed-memory.ts';

/** udmabuf as programs make it: one sealed memfd, one UDMABUF_CREATE over all of it. */
export function udmabufExporter(_name: string, _context: BoardContext): Exporter {
  return {
    allocate: (_cell, layout, ladder) => {
      const device = ladder.stage('open', () => openAllocator('/dev/udmabuf'));
      return ladder.stage('alloc', () => {
        const pages = Math.ceil(layout.size / pageBytes);
        requireUdmabufLimits(pages * pageBytes, 1);
        const memfd = sealedMemory(pages);
        // The dma-buf keeps the pages, and the mapping the file.
        try {
          const fd = createUdmabuf(device, memfd, pages * pageBytes);
          ladder.cleanup(() => closeFd(fd));
          // Without permission to see frame numbers the mapping would be for nothing.
          const mapping = framesAreVisible() ? populate(memfd, pages) : null;
          if (mapping) ladder.cleanup(mapping.unmap);
          const pagemapAddress = mapping?.address ?? null;
          return { fd, size: seekEnd(fd), layout, modifier: 0n, pagemapAddress };
        } finally {
          closeFd(memfd);
        }
      });
    },
  };
}
