import { struct } from './struct.ts';

/** Structs of linux/udmabuf.h, linux/dma-heap.h and linux/dma-buf.h: alike on all architectures. */
export const udmabufCreate = struct({
  size: 24,
  fields: {
    memfd: { type: 'u32', offset: 0 },
    flags: { type: 'u32', offset: 4 },
    offset: { type: 'u64', offset: 8 },
    size: { type: 'u64', offset: 16 },
  },
});
export const udmabufCreateItem = struct({
  size: 24,
  fields: {
    memfd: { type: 'u32', offset: 0 },
    offset: { type: 'u64', offset: 8 },
    size: { type: 'u64', offset: 16 },
  },
});
/** Followed directly by `count` items. */
export const udmabufCreateList = struct({
  size: 8,
  fields: {
    flags: { type: 'u32', offset: 0 },
    count: { type: 'u32', offset: 4 },
  },
});
export const dmaHeapAllocationData = struct({
  size: 24,
  fields: {
    len: { type: 'u64', offset: 0 },
    fd: { type: 'u32', offset: 8 },
    fd_flags: { type: 'u32', offset: 12 },
    heap_flags: { type: 'u64', offset: 16 },
  },
});
export const dmaBufSync = struct({ size: 8, fields: { flags: { type: 'u64', offset: 0 } } });
