import type { BoardContext, Exporter } from '../board.ts';
import { createUdmabufFromPages, udmabufPageList } from '../kernel/dma-buf.ts';
import { openAllocator } from '../kernel/open-node.ts';
import { closeFd, pageBytes, seekEnd } from '../kernel/syscalls.ts';
import { populate, requireUdmabufLimits, sealedMemory } from './sealed-memory.ts';

/** A prime larger than most page counts, so that neighbours come to lie far apart. */
const MULTIPLIER = 7919;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/**
 * The order in which a memfd's pages are put together: page (i * multiplier) mod n, then the first
 * one again. The multiplier is coprime with n, so every page comes once, and is not 1 mod n, which
 * would leave them in order. The repeated page cannot follow itself: wherever the pages lie, the
 * buffer as a whole is not contiguous.
 */
export function scatteredOrder(pages: number): number[] {
  let multiplier = MULTIPLIER;
  while (gcd(multiplier, pages) !== 1 || (pages > 2 && multiplier % pages === 1)) multiplier++;
  const order = Array.from({ length: pages }, (_, index) => (index * multiplier) % pages);
  return [...order, 0];
}

interface Scatter {
  readonly order: readonly number[];
  readonly list: Buffer;
}

/** By number of pages: the same few sizes come again and again. */
const scatters = new Map<number, Scatter>();

function scatterOf(pages: number): Scatter {
  const known = scatters.get(pages);
  if (known) return known;
  const order = scatteredOrder(pages);
  const scatter = { order, list: udmabufPageList(order) };
  scatters.set(pages, scatter);
  return scatter;
}

/**
 * udmabuf by UDMABUF_CREATE_LIST, one page an item, permuted: never contiguous, so that what an
 * importer says of it does not hang on where the pages happen to lie. One page larger than the frame.
 */
export function udmabufScatteredExporter(_name: string, _context: BoardContext): Exporter {
  return {
    allocate: (_cell, layout, ladder) => {
      const device = ladder.stage('open', () => openAllocator('/dev/udmabuf'));
      return ladder.stage('alloc', () => {
        const pages = Math.ceil(layout.size / pageBytes);
        requireUdmabufLimits((pages + 1) * pageBytes, pages + 1);
        const { order, list } = scatterOf(pages);
        const memfd = sealedMemory(pages);
        try {
          // Pages not there yet would be allocated item by item, and then lie in the list's own order.
          const mapping = populate(memfd, pages);
          ladder.cleanup(mapping.unmap);
          const fd = createUdmabufFromPages(device, memfd, list);
          ladder.cleanup(() => closeFd(fd));
          return {
            fd,
            size: seekEnd(fd),
            layout,
            modifier: 0n,
            pagemapAddress: mapping.address,
            pageOrder: order,
          };
        } finally {
          closeFd(memfd);
        }
      });
    },
  };
}
