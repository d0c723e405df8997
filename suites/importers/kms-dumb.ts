import type { Ladder } from '../board.ts';
import { formatNamed } from '../formats.ts';
import { syncEnd, syncStart } from '../kernel/dma-buf.ts';
import { destroyDumb, primeHandleToFd } from '../kernel/drm.ts';
import { addFb2, removeFb } from '../kernel/drm-atomic.ts';
import { createDumbFor } from '../kernel/drm-dumb.ts';
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

/** The device's own XR24 framebuffer of that size. @throws Errno */
export function ownFramebuffer(
  device: KmsDevice,
  { width, height }: { width: number; height: number },
  ladder: Ladder,
): OwnFramebuffer {
  // No wider than the picture: some controllers (mxsfb, pl111) want no padding at all.
  const layout = frameLayout(formatNamed('XR24'), width, height, width * 4);
  return ownFramebufferLike(device, layout, ladder);
}

/**
 * The device's own framebuffer of that format and size, with those strides where the driver gives
 * them. It lives as long as the cell: where contiguous memory is scarce, one that was kept would make
 * later cells fail. @throws Errno
 */
export function ownFramebufferLike(
  { fd }: KmsDevice,
  wanted: FrameLayout,
  ladder: Ladder,
): OwnFramebuffer {
  const { handle, layout } = createDumbFor(fd, wanted);
  ladder.cleanup(() => destroyDumb(fd, handle));
  const { format, width, height, planes } = layout;
  const id = addFb2(fd, { width, height, format: format.code, handle, planes, modifier: null });
  ladder.cleanup(() => removeFb(fd, id));
  let mapped: (Mapping & { readonly dmaBuf: number }) | null = null;
  const map = () => {
    const dmaBuf = primeHandleToFd(fd, handle);
    ladder.cleanup(() => closeFd(dmaBuf));
    const mapping = mmap(dmaBuf, seekEnd(dmaBuf), PROT_READ | PROT_WRITE);
    ladder.cleanup(mapping.unmap);
    return { ...mapping, dmaBuf };
  };
  return {
    id,
    layout,
    touch: (body) => {
      mapped ??= map();
      const { bytes, dmaBuf } = mapped;
      syncStart(dmaBuf, 'both');
      try {
        return body(bytes);
      } finally {
        syncEnd(dmaBuf, 'both');
      }
    },
  };
}
