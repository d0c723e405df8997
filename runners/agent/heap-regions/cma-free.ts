import type { MemoryWatch } from '../../../suites/kernel/memory-state.ts';
import { closeFd, pageBytes } from '../../../suites/kernel/syscalls.ts';
import { agreed } from './agreement.ts';
import { type OpenedHeap, takePages } from './opened-heap.ts';

/** KiB that are taken at a time: more than other programs move in a moment, less than any region has. */
const SIZE_KIB = 1024;

/**
 * Whether what is taken from a heap is missing from CmaFree, so that it comes from some CMA region.
 * Undefined when it is not clear, or the heap gives nothing. @throws Errno
 */
export function takesFromCma(heap: OpenedHeap, memory: MemoryWatch): boolean | undefined {
  if (memory.cmaTotalKiB === null) return false;
  return agreed(() => {
    // CmaFree is exact only after an allocation from CMA (see suites/kernel/cma-keeper.ts).
    const page = takePages(heap, 1);
    const before = memory.look().cmaFreeKiB;
    const buffer = takePages(heap, (SIZE_KIB * 1024) / pageBytes);
    const held = memory.look().cmaFreeKiB;
    for (const fd of [page, buffer]) if (fd !== null) closeFd(fd);
    if (page === null || buffer === null || before === null || held === null) return undefined;
    const fallen = before - held;
    if (fallen >= SIZE_KIB) return true;
    return fallen < SIZE_KIB / 2 ? false : undefined;
  });
}
