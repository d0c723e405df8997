import { readFileSync } from 'node:fs';
import {
  dmaBufSync,
  dmaHeapAllocationData,
  udmabufCreate,
  udmabufCreateItem,
  udmabufCreateList,
} from './dma-buf-structs.ts';
import { POINTER_BYTES } from './struct.ts';
import { ioctl, pageBytes } from './syscalls.ts';

const UDMABUF_CREATE = 0x40187542;
const UDMABUF_CREATE_LIST = 0x40087543;
const UDMABUF_FLAGS_CLOEXEC = 1;
const DMA_HEAP_IOCTL_ALLOC = 0xc0184800;
const DMA_BUF_IOCTL_SYNC = 0x40086200;
/** Its number holds the size of a pointer, by historic accident. */
const DMA_BUF_SET_NAME = POINTER_BYTES === 4 ? 0x40046201 : 0x40086201;
/** Bytes of a dma-buf's name, the NUL included. */
const DMA_BUF_NAME_LEN = 32;
const O_RDWR = 0x2;
const O_CLOEXEC = 0x80000;

/**
 * UDMABUF_CREATE: a dma-buf over `size` bytes of a memfd sealed with F_SEAL_SHRINK.
 * @returns the dma-buf's fd. @throws Errno
 */
export function createUdmabuf(device: number, memfd: number, size: number): number {
  const request = udmabufCreate.make({ memfd, flags: UDMABUF_FLAGS_CLOEXEC, size });
  return ioctl(device, UDMABUF_CREATE, request, 'UDMABUF_CREATE');
}

/** The request of UDMABUF_CREATE_LIST for a memfd's pages in that order, one item a page. */
export function udmabufPageList(pages: readonly number[]): Buffer {
  const request = Buffer.alloc(udmabufCreateList.size + pages.length * udmabufCreateItem.size);
  udmabufCreateList.set(request, 'flags', UDMABUF_FLAGS_CLOEXEC);
  udmabufCreateList.set(request, 'count', pages.length);
  pages.forEach((page, index) => {
    const item = udmabufCreateItem.make({ offset: page * pageBytes, size: pageBytes });
    item.copy(request, udmabufCreateList.size + index * udmabufCreateItem.size);
  });
  return request;
}

/**
 * UDMABUF_CREATE_LIST: a dma-buf of single pages of a memfd.
 * @param list of {@link udmabufPageList}; it may be used again, the memfd is written into it.
 * @returns the dma-buf's fd. @throws Errno
 */
export function createUdmabufFromPages(device: number, memfd: number, list: Buffer): number {
  const first = udmabufCreateList.size + udmabufCreateItem.fields.memfd.offset;
  for (let at = first; at < list.length; at += udmabufCreateItem.size) list.writeInt32LE(memfd, at);
  return ioctl(device, UDMABUF_CREATE_LIST, list, 'UDMABUF_CREATE_LIST');
}

/**
 * DMA_HEAP_IOCTL_ALLOC of `size` bytes, which the kernel rounds up to whole pages. Never ask for
 * more than is free: the system heap does not refuse, the OOM killer ends the caller.
 * @returns the dma-buf's fd. @throws Errno
 */
export function allocateFromHeap(heap: number, size: number): number {
  const request = dmaHeapAllocationData.make({ len: size, fd_flags: O_RDWR | O_CLOEXEC });
  ioctl(heap, DMA_HEAP_IOCTL_ALLOC, request, 'DMA_HEAP_IOCTL_ALLOC');
  return dmaHeapAllocationData.get(request, 'fd');
}

const SYNC_DIRECTION = { read: 1, write: 2, both: 3 } as const;
export type SyncDirection = keyof typeof SYNC_DIRECTION;
const DMA_BUF_SYNC_END = 4;

/** DMA_BUF_IOCTL_SYNC START: the CPU is about to touch the mapping. Waits for devices. @throws Errno */
export function syncStart(fd: number, direction: SyncDirection): void {
  sync(fd, SYNC_DIRECTION[direction], `DMA_BUF_IOCTL_SYNC START ${direction}`);
}

/** DMA_BUF_IOCTL_SYNC END: the CPU has done; devices will see it. @throws Errno */
export function syncEnd(fd: number, direction: SyncDirection): void {
  const flags = DMA_BUF_SYNC_END | SYNC_DIRECTION[direction];
  sync(fd, flags, `DMA_BUF_IOCTL_SYNC END ${direction}`);
}

function sync(fd: number, flags: number, name: string): void {
  // ioctl() repeats EINTR and EAGAIN, both of which this one may answer with.
  ioctl(fd, DMA_BUF_IOCTL_SYNC, dmaBufSync.make({ flags }), name);
}

/** DMA_BUF_SET_NAME: what /proc/PID/fdinfo and debugfs will call it; cut at 31 bytes. @throws Errno */
export function setDmaBufName(fd: number, name: string): void {
  const bytes = Buffer.alloc(DMA_BUF_NAME_LEN);
  bytes.write(name, 0, DMA_BUF_NAME_LEN - 1, 'latin1');
  ioctl(fd, DMA_BUF_SET_NAME, bytes, 'DMA_BUF_SET_NAME');
}

/** `exp_name` of /proc/self/fdinfo: `udmabuf`, `system`, `reserved`, `drm`; null where it is not to be read. */
export function exporterName(fd: number): string | null {
  try {
    const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
    return /^exp_name:\s*(\S+)$/m.exec(text)?.[1] ?? null;
  } catch {
    return null;
  }
}
