import type { Ladder } from '../board.ts';
import { formatNamed, fourcc } from '../formats.ts';
import { syncEnd, syncStart } from '../kernel/dma-buf.ts';
import { createDumb, destroyDumb, primeHandleToFd } from '../kernel/drm.ts';
import { addFb2, removeFb } from '../kernel/drm-atomic.ts';
import { closeFd, type Mapping, mmap, PROT_READ, PROT_WRITE, seekEnd } from '../kernel/syscalls.ts';
import { type FrameLayout, frameLayout } from '../layout.ts';
import type { KmsDevice } from './kms-device.ts';

/** A framebuffer of the device's own memory. */
export interface OwnFramebuffer {
  readonly id: number;
  readonly layout: FrameLayout;
  /** Looks at it or changes it, between SYNC START and END. */
  touch<T>(body: (memory: Buffer) => T): T;
}

/**
 * The device's own XR24 framebuffer of that size. It lives as long as the cell: where contiguous
 * memory is scarce, one that was kept would make later cells fail. @throws Errno
 */
export function ownFramebuffer(
  { fd }: KmsDevice,
  { width, height }: { width: number; height: number },
  ladder: Ladder,
): OwnFramebuffer {
  const dumb = createDumb(fd, width, height, 32);
  ladder.cleanup(() => destroyDumb(fd, dumb.handle));
  const layout = frameLayout(formatNamed('XR24'), width, height, dumb.pitch);
  const id = addFb2(fd, {
    width,
    height,
    format: fourcc('XR24'),
    handle: dumb.handle,
    planes: layout.planes,
    modifier: null,
  });
  ladder.cleanup(() => removeFb(fd, id));
  let mapping: Mapping | null = null;
  const dmaBuf = primeHandleToFd(fd, dumb.handle);
  ladder.cleanup(() => closeFd(dmaBuf));
  const mapped = () => {
    if (mapping) return mapping;
    mapping = mmap(dmaBuf, seekEnd(dmaBuf), PROT_READ | PROT_WRITE);
    ladder.cleanup(mapping.unmap);
    return mapping;
  };
  return {
    id,
    layout,
    touch: (body) => {
      const { bytes } = mapped();
      syncStart(dmaBuf, 'both');
      try {
        return body(bytes);
      } finally {
        syncEnd(dmaBuf, 'both');
      }
    },
  };
}
