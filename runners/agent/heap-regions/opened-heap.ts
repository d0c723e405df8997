import { allocateFromHeap } from '../../../suites/kernel/dma-buf.ts';
import { Errno } from '../../../suites/kernel/errno.ts';
import { openAllocator } from '../../../suites/kernel/open-node.ts';
import { pageBytes } from '../../../suites/kernel/syscalls.ts';

/** A heap that opened: read-only is enough to allocate. */
export interface OpenedHeap {
  readonly name: string;
  readonly fd: number;
}

/** @throws StageFailure where the node would not open. */
export function openHeap(name: string, path: string): OpenedHeap {
  return { name, fd: openAllocator(path) };
}

/** A dma-buf of that many pages, or null when the heap has no more (ENOMEM). @throws Errno */
export function takePages({ fd }: OpenedHeap, pages: number): number | null {
  try {
    return allocateFromHeap(fd, pages * pageBytes);
  } catch (error) {
    if (error instanceof Errno && error.code === 'ENOMEM') return null;
    throw error;
  }
}
