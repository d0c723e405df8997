import type { BoardContext, Exporter, SharedFrame } from '../board.ts';
import { destroyDumb, dropMaster, primeHandleToFd } from '../kernel/drm.ts';
import { createDumbFor } from '../kernel/drm-dumb.ts';
import { openDevice } from '../kernel/open-device.ts';
import { closeFd, seekEnd } from '../kernel/syscalls.ts';

/** Opened primary nodes, kept for the life of the process. None of them is DRM master. */
const opened = new Map<string, number>();

/**
 * Whoever opens a primary node first becomes DRM master unasked. Dumb buffers and PRIME need no
 * master, so that is given back at once for a KMS importer to have.
 */
function openCard(node: string | undefined, driver: string): number {
  const known = node === undefined ? undefined : opened.get(node);
  if (known !== undefined) return known;
  const fd = openDevice(node, `primary DRM node of ${driver}`);
  dropMaster(fd);
  if (node !== undefined) opened.set(node, fd);
  return fd;
}

/** Dumb buffers of that driver's primary node. The stride is the driver's own. */
export function dumbExporter(driver: string, context: BoardContext): Exporter {
  const node = context.nodes[`card:${driver}`];
  return {
    allocate: (_cell, layout, ladder) => {
      const card = ladder.stage('open', () => openCard(node, driver));
      return ladder.stage('alloc', (): SharedFrame => {
        const dumb = createDumbFor(card, layout);
        ladder.cleanup(() => destroyDumb(card, dumb.handle));
        const fd = primeHandleToFd(card, dumb.handle);
        ladder.cleanup(() => closeFd(fd));
        return {
          fd,
          size: seekEnd(fd),
          layout: dumb.layout,
          modifier: 0n,
          pagemapAddress: null,
        };
      });
    },
  };
}
