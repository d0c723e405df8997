import * as layouts from './drm-structs.ts';
import { Errno } from './errno.ts';
import { io, iow, iowr } from './ioctl-number.ts';
import { addressOf, ioctl } from './syscalls.ts';

/** The DRM ioctls that need no KMS: identity, capabilities, master, PRIME and dumb buffers. */
const VERSION = iowr('d', 0x00, layouts.drmVersion);
const GEM_CLOSE = iow('d', 0x09, layouts.drmGemClose);
const GET_CAP = iowr('d', 0x0c, layouts.drmGetCap);
const SET_CLIENT_CAP = iow('d', 0x0d, layouts.drmSetClientCap);
const AUTH_MAGIC = iow('d', 0x11, layouts.drmAuth);
const SET_MASTER = io('d', 0x1e);
const DROP_MASTER = io('d', 0x1f);
const PRIME_HANDLE_TO_FD = iowr('d', 0x2d, layouts.drmPrimeHandle);
const PRIME_FD_TO_HANDLE = iowr('d', 0x2e, layouts.drmPrimeHandle);
const CREATE_DUMB = iowr('d', 0xb2, layouts.drmModeCreateDumb);
const DESTROY_DUMB = iowr('d', 0xb4, layouts.drmModeDestroyDumb);

export const DRM_CAP_DUMB_BUFFER = 0x1;
export const DRM_CAP_PRIME = 0x5;
export const DRM_CAP_ADDFB2_MODIFIERS = 0x10;
export const DRM_CLIENT_CAP_UNIVERSAL_PLANES = 2;
export const DRM_CLIENT_CAP_ATOMIC = 3;
export const DRM_CLIENT_CAP_WRITEBACK_CONNECTORS = 5;

/** O_CLOEXEC and O_RDWR, without which a writable mmap of the dma-buf fails with EACCES. */
const PRIME_FLAGS = 0x80000 | 0x2;

/** Characters up to the first NUL. */
export function text(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end === -1 ? bytes.length : end);
}

/** The driver's name: `vc4`, `i915`, `vkms`. @throws Errno */
export function drmDriverName(fd: number): string {
  const name = Buffer.alloc(64);
  const version = layouts.drmVersion.make({ name_len: name.length, name: addressOf(name) });
  ioctl(fd, VERSION, version, 'DRM_IOCTL_VERSION');
  return name.toString(
    'latin1',
    0,
    Math.min(name.length, layouts.drmVersion.get(version, 'name_len')),
  );
}

/** A capability's value; 0 where the driver or the kernel does not know it. */
export function drmCap(fd: number, capability: number): number {
  const arg = layouts.drmGetCap.make({ capability });
  try {
    ioctl(fd, GET_CAP, arg, 'DRM_IOCTL_GET_CAP');
  } catch (error) {
    if (error instanceof Errno) return 0;
    throw error;
  }
  return layouts.drmGetCap.get(arg, 'value');
}

/** Whether the kernel granted the client capability (EOPNOTSUPP and EINVAL: it did not). */
export function setClientCap(fd: number, capability: number): boolean {
  const arg = layouts.drmSetClientCap.make({ capability, value: 1 });
  try {
    ioctl(fd, SET_CLIENT_CAP, arg, 'DRM_IOCTL_SET_CLIENT_CAP');
    return true;
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
}

/**
 * Whether this fd is DRM master: AUTH_MAGIC of no magic is EACCES for others and EINVAL for it, as
 * libdrm's drmIsMaster finds out.
 */
export function isMaster(fd: number): boolean {
  try {
    ioctl(fd, AUTH_MAGIC, layouts.drmAuth.make({}), 'DRM_IOCTL_AUTH_MAGIC');
    return true;
  } catch (error) {
    if (error instanceof Errno) return error.code !== 'EACCES';
    throw error;
  }
}

const granted = (body: () => number): boolean => {
  try {
    body();
    return true;
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
};

/** Becomes DRM master if nobody is. @returns whether this fd is master now. */
export function takeMaster(fd: number): boolean {
  return isMaster(fd) || granted(() => ioctl(fd, SET_MASTER, 0, 'DRM_IOCTL_SET_MASTER'));
}

/**
 * Gives up the DRM master that the first opener of a primary node becomes unasked, so that KMS stays
 * free for others. Of no effect on a node that is not master or has none.
 */
export function dropMaster(fd: number): void {
  granted(() => ioctl(fd, DROP_MASTER, 0, 'DRM_IOCTL_DROP_MASTER'));
}

/** The GEM handle of a dma-buf; the same one each time for one dma-buf on one fd. @throws Errno */
export function primeFdToHandle(fd: number, dmaBuf: number): number {
  const arg = layouts.drmPrimeHandle.make({ fd: dmaBuf });
  ioctl(fd, PRIME_FD_TO_HANDLE, arg, 'PRIME_FD_TO_HANDLE');
  return layouts.drmPrimeHandle.get(arg, 'handle');
}

/** A new dma-buf fd, CLOEXEC and writable. @throws Errno */
export function primeHandleToFd(fd: number, handle: number): number {
  const arg = layouts.drmPrimeHandle.make({ handle, flags: PRIME_FLAGS, fd: -1 });
  ioctl(fd, PRIME_HANDLE_TO_FD, arg, 'PRIME_HANDLE_TO_FD');
  return layouts.drmPrimeHandle.get(arg, 'fd');
}

/** Drops the handle for all its users on this fd. @throws Errno */
export function gemClose(fd: number, handle: number): void {
  ioctl(fd, GEM_CLOSE, layouts.drmGemClose.make({ handle }), 'GEM_CLOSE');
}

export interface DumbBuffer {
  readonly handle: number;
  /** Bytes from one row to the next, as the driver wants it. */
  readonly pitch: number;
  readonly size: number;
}

/** @param bpp bits per pixel: 32, or 8 for rows of plain bytes. @throws Errno */
export function createDumb(fd: number, width: number, height: number, bpp: number): DumbBuffer {
  const { drmModeCreateDumb: layout } = layouts;
  const arg = layout.make({ width, height, bpp });
  ioctl(fd, CREATE_DUMB, arg, 'CREATE_DUMB');
  return {
    handle: layout.get(arg, 'handle'),
    pitch: layout.get(arg, 'pitch'),
    size: layout.get(arg, 'size'),
  };
}

/** @throws Errno */
export function destroyDumb(fd: number, handle: number): void {
  ioctl(fd, DESTROY_DUMB, layouts.drmModeDestroyDumb.make({ handle }), 'DESTROY_DUMB');
}
