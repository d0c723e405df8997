import { formatNamed, fourcc } from '../formats.ts';
import { syncEnd, syncStart } from '../kernel/dma-buf.ts';
import { createDumb, primeHandleToFd } from '../kernel/drm.ts';
import { addFb2 } from '../kernel/drm-atomic.ts';
import { type Mapping, mmap, PROT_READ, PROT_WRITE, seekEnd } from '../kernel/syscalls.ts';
import { type FrameLayout, frameLayout } from '../layout.ts';
import type { KmsDevice } from './kms-device.ts';

/** A framebuffer of the device's own memory that stays for the life of the process. */
export interface OwnFramebuffer {
  readonly id: number;
  readonly layout: FrameLayout;
  /** Looks at it or changes it, between SYNC START and END. */
  touch<T>(body: (memory: Buffer) => T): T;
}

const kept = new Map<string, OwnFramebuffer>();

/**
 * The device's own XR24 framebuffer of that size, for one purpose; made once. @throws Errno
 */
export function ownFramebuffer(
  device: KmsDevice,
  purpose: 'below' | 'writeback' | 'reference',
  { width, height }: { width: number; height: number },
): OwnFramebuffer {
  const key = `${device.node} ${purpose} ${width}x${height}`;
  const known = kept.get(key);
  if (known) return known;
  const { fd } = device;
  const dumb = createDumb(fd, width, height, 32);
  const layout = frameLayout(formatNamed('XR24'), width, height, dumb.pitch);
  const id = addFb2(fd, {
    width,
    height,
    format: fourcc('XR24'),
    handle: dumb.handle,
    planes: layout.planes,
    modifier: null,
  });
  let mapping: Mapping | null = null;
  const dmaBuf = primeHandleToFd(fd, dumb.handle);
  const made: OwnFramebuffer = {
    id,
    layout,
    touch: (body) => {
      mapping ??= mmap(dmaBuf, seekEnd(dmaBuf), PROT_READ | PROT_WRITE);
      syncStart(dmaBuf, 'both');
      try {
        return body(mapping.bytes);
      } finally {
        syncEnd(dmaBuf, 'both');
      }
    },
  };
  kept.set(key, made);
  return made;
}
