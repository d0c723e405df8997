import type { BoardContext } from '../board.ts';
import { isSystemHeap } from '../heap-kind.ts';
import { allocateFromHeap } from './dma-buf.ts';
import type { MemoryWatch } from './memory-state.ts';
import { openAllocator } from './open-node.ts';
import { closeFd, pageBytes } from './syscalls.ts';

/** What part of all CMA a process may fail to give back before it has to go. */
const KEPT_PART = 1 / 4;

/**
 * Tells when this process keeps contiguous memory that its cells have let go of: a library can hold
 * on to what it imported until the process ends (Mesa 26.1's software renderer does, on a GBM render
 * node), and then later cells are refused for a reason that is ours.
 */
export class CmaKeeper {
  readonly #watch: MemoryWatch;
  readonly #heaps: readonly string[];
  readonly #first: number | null;

  constructor(watch: MemoryWatch, nodes: BoardContext['nodes']) {
    this.#watch = watch;
    this.#heaps = Object.entries(nodes).flatMap(([name, path]) =>
      name.startsWith('heap:') && !isSystemHeap(name.slice('heap:'.length)) ? [path] : [],
    );
    this.#first = this.#settledKiB();
  }

  /** KiB kept, when it is too much for cells to come; else null. @param freeKiB CmaFree, as last seen. */
  tooMuch(freeKiB: number | null): number | null {
    const total = this.#watch.cmaTotalKiB;
    if (total === null || this.#first === null || freeKiB === null) return null;
    const limit = this.#first - total * KEPT_PART;
    if (freeKiB >= limit) return null;
    const settled = this.#settledKiB();
    return settled !== null && settled < limit ? this.#first - settled : null;
  }

  /**
   * CmaFree leaves out freed pages on the processors' own lists, megabytes of them; the next
   * allocation from CMA calls them in (alloc_contig_range() in mm/page_alloc.c).
   */
  #settledKiB(): number | null {
    if (this.#watch.cmaTotalKiB === null) return null;
    for (const path of this.#heaps)
      try {
        closeFd(allocateFromHeap(openAllocator(path), pageBytes));
      } catch {
        // Closed to us, or used up: the figure is then what it is.
      }
    return this.#watch.look().cmaFreeKiB;
  }
}
