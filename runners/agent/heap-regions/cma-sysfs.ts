import { closeFd, pageBytes } from '../../../suites/kernel/syscalls.ts';
import { namesIn, numberOf } from '../inventory/files.ts';
import { agreed } from './agreement.ts';
import { type OpenedHeap, takePages } from './opened-heap.ts';

/** CONFIG_CMA_SYSFS (mm/cma_sysfs.c): a folder a region; the counters are in pages. */
const FOLDER = '/sys/kernel/mm/cma';

/** Names of the regions that this kernel counts for; none without CONFIG_CMA_SYSFS. */
export const countedRegions = (): readonly string[] =>
  namesIn(FOLDER).filter((region) => allocated(region) !== null);

const allocated = (region: string): number | null =>
  numberOf(`${FOLDER}/${region}/alloc_pages_success`);

/**
 * KiB of a region: total_pages, which 6.12 does not have yet; where debugfs is open to us, its count
 * of pages (mm/cma_debug.c); of the only region, all that there is of CMA. Else null.
 * @param cmaTotalKiB CmaTotal of /proc/meminfo, which is all regions together.
 */
export function regionKiB(
  region: string,
  regions: readonly string[],
  cmaTotalKiB: number | null,
): number | null {
  const pages =
    numberOf(`${FOLDER}/${region}/total_pages`) ??
    numberOf(`/sys/kernel/debug/cma/${region}/count`);
  if (pages !== null) return (pages * pageBytes) / 1024;
  return regions.length === 1 ? cmaTotalKiB : null;
}

/**
 * The region whose counter rises by just what is taken from the heap; null when none rises at all.
 * Undefined when other programs' allocations hide it, or the heap gives nothing. @throws Errno
 */
export function regionByCounter(
  heap: OpenedHeap,
  regions: readonly string[],
): string | null | undefined {
  return agreed((round) => {
    // A number of pages that nobody else is likely to ask for, and another one each time.
    const pages = 3 + 2 * round;
    const before = regions.map(allocated);
    const buffer = takePages(heap, pages);
    if (buffer === null) return undefined;
    const rises = regions.map((region, at) => (allocated(region) ?? 0) - (before[at] ?? 0));
    closeFd(buffer);
    if (rises.every((rise) => rise === 0)) return null;
    const [only, ...more] = regions.filter((_, at) => rises[at] === pages);
    return more.length ? undefined : only;
  });
}
