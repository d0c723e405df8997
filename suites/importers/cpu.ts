import type { Importer } from '../board.ts';
import { contentFor } from '../content/content.ts';
import { nextNonce } from '../content/nonce.ts';
import { syncEnd, syncStart } from '../kernel/dma-buf.ts';
import { mmap, PROT_READ, PROT_WRITE } from '../kernel/syscalls.ts';

/**
 * The CPU as importer: writes through one mapping and reads back through another, each between SYNC
 * START and END as the kernel's documentation demands.
 */
export function cpuImporter(): Importer {
  return {
    layout: () => null,
    take: (cell, frame, ladder) => {
      const content = contentFor(cell, frame.layout, nextNonce());
      const map = (prot: number) => {
        const mapping = mmap(frame.fd, frame.size, prot);
        ladder.cleanup(mapping.unmap);
        return mapping.bytes;
      };
      const target = ladder.stage('map', () => map(PROT_READ | PROT_WRITE));
      ladder.stage('sync', () => {
        syncStart(frame.fd, 'write');
        content.write(target);
        syncEnd(frame.fd, 'write');
      });
      const facts = ladder.stage('readback', () => {
        const source = map(PROT_READ);
        syncStart(frame.fd, 'read');
        const compared = content.compare(source);
        syncEnd(frame.fd, 'read');
        return compared;
      });
      ladder.stage('verify', () => ladder.verified(facts));
    },
  };
}
