import type { BoardContext, Exporter, Ladder, SharedFrame } from '../board.ts';
import { requireWithinLimit } from '../buffer-limit.ts';
import { orBlocked } from '../kernel/busy.ts';
import { Errno } from '../kernel/errno.ts';
import { openDevice } from '../kernel/open-device.ts';
import { framesAreVisible } from '../kernel/pagemap.ts';
import { closeFd, mmap, PROT_READ, seekEnd } from '../kernel/syscalls.ts';
import { v4l2Capabilities } from '../kernel/v4l2.ts';
import { exportBuffer, MEMORY_MMAP, requestBuffers } from '../kernel/v4l2-buffers.ts';
import { rawFormat, rawLayout } from '../kernel/v4l2-raw.ts';

/** The kinds of node that hold raw frames, by preference: an output device may be the importer. */
const KINDS = [
  { kind: 'v4l2-capture', queue: 'capture' },
  { kind: 'v4l2-output', queue: 'output' },
  { kind: 'v4l2-m2m', queue: 'output' },
] as const;

/**
 * Buffers that a V4L2 driver allocates for its own queue (MMAP), exported with EXPBUF. The layout is
 * what the driver sets for the format.
 */
export function v4l2Exporter(driver: string, context: BoardContext): Exporter {
  const place = KINDS.map(({ kind, queue }) => ({
    node: context.nodes[`${kind}:${driver}`],
    queue,
  })).find(({ node }) => node !== undefined);
  return {
    allocate: (_cell, layout, ladder) => {
      const { node = '', queue = 'capture' } = place ?? {};
      const { fd, type } = ladder.stage('open', () => {
        const opened = openDevice(place?.node, `V4L2 video node of ${driver}`, true);
        ladder.cleanup(() => closeFd(opened));
        return { fd: opened, type: v4l2Capabilities(opened).types[queue] };
      });
      return ladder.stage('alloc', (): SharedFrame => {
        const { format } = layout;
        const set = orBlocked(node, () => rawFormat(fd, type, format, layout));
        const own = rawLayout(format, layout, set);
        requireWithinLimit(own.size, context.limits.bufferBytes);
        orBlocked(node, () => requestBuffers(fd, type, MEMORY_MMAP, 1));
        ladder.cleanup(() => requestBuffers(fd, type, MEMORY_MMAP, 0));
        const dmaBuf = exportBuffer(fd, type, 0);
        ladder.cleanup(() => closeFd(dmaBuf));
        const size = seekEnd(dmaBuf);
        const pagemapAddress = mapForPagemap(dmaBuf, size, ladder);
        return { fd: dmaBuf, size, layout: own, modifier: 0n, pagemapAddress };
      });
    },
  };
}

/**
 * videobuf2's vmalloc and scatter-gather buffers are mapped page by page, and pagemap tells of them; its
 * contiguous ones are VM_PFNMAP, of which it does not. Null where there is nothing to be seen.
 */
function mapForPagemap(dmaBuf: number, size: number, ladder: Ladder): bigint | null {
  if (!framesAreVisible()) return null;
  try {
    const mapping = mmap(dmaBuf, size, PROT_READ);
    ladder.cleanup(mapping.unmap);
    return mapping.address;
  } catch (error) {
    // Whoever has to map it says so in a rung of its own.
    if (error instanceof Errno) return null;
    throw error;
  }
}
