import { openSync, readSync } from 'node:fs';
import type { MemoryState } from '../record.ts';

/** /proc/meminfo has 1.5 KiB; its fields come in a fixed order (fs/proc/meminfo.c). */
const PAGE_BYTES = 4096;

interface Source {
  readonly fd: number;
  readonly page: Buffer;
}

function sourceOf(path: string): Source | null {
  try {
    return { fd: openSync(path, 'r'), page: Buffer.alloc(PAGE_BYTES) };
  } catch {
    return null;
  }
}

/** The decimal number from that byte on, blanks before it left out. */
function numberAt(page: Buffer, at: number): number {
  let value = 0;
  let index = at;
  while (page[index] === 0x20) index++;
  for (let digit = page[index] ?? 0; digit >= 0x30 && digit <= 0x39; digit = page[++index] ?? 0)
    value = value * 10 + digit - 0x30;
  return value;
}

/**
 * Looks at what the system has left. Files stay open and no text is made: it is asked twice a cell,
 * and a look must not cost what a cell does.
 */
export class MemoryWatch {
  readonly #meminfo = sourceOf('/proc/meminfo');
  /** For root, and where debugfs is mounted. */
  readonly #swiotlb = sourceOf('/sys/kernel/debug/swiotlb/io_tlb_used');
  /** KiB; null on a kernel without CMA. */
  readonly cmaTotalKiB = this.#field('CmaTotal:') || null;

  look(): MemoryState {
    const cmaFreeKiB = this.cmaTotalKiB === null ? null : this.#field('CmaFree:');
    return { cmaFreeKiB, swiotlbUsed: this.#bounced() };
  }

  #bounced(): number | null {
    if (this.#swiotlb === null) return null;
    const { fd, page } = this.#swiotlb;
    // The file ends with a newline, where the number ends as well.
    readSync(fd, page, 0, PAGE_BYTES, 0);
    return numberAt(page, 0);
  }

  #field(name: string): number | null {
    if (this.#meminfo === null) return null;
    const { fd, page } = this.#meminfo;
    const length = readSync(fd, page, 0, PAGE_BYTES, 0);
    const at = page.subarray(0, length).indexOf(name, 0, 'latin1');
    return at < 0 ? null : numberAt(page, at + name.length);
  }
}
