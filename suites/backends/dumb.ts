import type { BoardContext, Exporter, SharedFrame } from '../board.ts';
import { createDumb, destroyDumb, dropMaster, primeHandleToFd } from '../kernel/drm.ts';
import { openDevice } from '../kernel/open-device.ts';
import { closeFd, seekEnd } from '../kernel/syscalls.ts';
import { type FrameLayout, frameLayout } from '../layout.ts';

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

/** Rows of the first plane until the next plane begins, padding included. */
export function paddedRows(layout: FrameLayout): number {
  const [first, second] = layout.planes;
  if (!first) throw new RangeError(`${layout.format.name} has no planes`);
  return second ? second.offset / first.stride : first.rows;
}

/**
 * Dumb buffers of that driver's primary node. RGB is asked for by pixels of 32 bits; all else as rows of
 * plain bytes, as many as the planes need. The stride is the driver's own.
 */
export function dumbExporter(driver: string, context: BoardContext): Exporter {
  const node = context.nodes[`card:${driver}`];
  return {
    allocate: (_cell, layout, ladder) => {
      const card = ladder.stage('open', () => openCard(node, driver));
      return ladder.stage('alloc', (): SharedFrame => {
        const stride = layout.planes[0]?.stride ?? 0;
        const bpp = layout.format.model === 'rgb' ? 32 : 8;
        const rows = Math.ceil(layout.size / stride);
        const dumb = createDumb(card, (stride * 8) / bpp, rows, bpp);
        ladder.cleanup(() => destroyDumb(card, dumb.handle));
        const fd = primeHandleToFd(card, dumb.handle);
        ladder.cleanup(() => closeFd(fd));
        return {
          fd,
          size: seekEnd(fd),
          layout: dumb.pitch === stride ? layout : restrided(layout, dumb.pitch),
          modifier: 0n,
          pagemapAddress: null,
        };
      });
    },
  };
}

function restrided(layout: FrameLayout, pitch: number): FrameLayout {
  const { format, width, height } = layout;
  return frameLayout(format, width, height, pitch, paddedRows(layout));
}
