import { openSync, readSync } from 'node:fs';
import type { MemoryState } from '../record.ts';

/** /proc/meminfo has 1.5 KiB; its fields come in a fixed order (fs/proc/meminfo.c). */
const PAGE_BYTES = 4096;

/** A file of /proc or debugfs that is read again and again. */
class Source {
  readonly #fd: number | null;
  readonly #page = Buffer.alloc(PAGE_BYTES);
  #length = 0;

  constructor(path: string) {
    this.#fd = opened(path);
  }

  get there(): boolean {
    return this.#fd !== null;
  }

  read(): void {
    if (this.#fd !== null) this.#length = readSync(this.#fd, this.#page, 0, PAGE_BYTES, 0);
  }

  /** The decimal number after that name, as last read; null without one. */
  number(name: string): number | null {
    const at = this.#page.subarray(0, this.#length).indexOf(name, 0, 'latin1');
    if (at < 0) return null;
    let index = at + name.length;
    while (this.#page[index] === 0x20) index++;
    let value = 0;
    for (; isDigit(this.#page[index]); index++)
      value = value * 10 + (this.#page[index] ?? 0) - 0x30;
    return value;
  }
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;

function opened(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch {
    return null;
  }
}

/**
 * Looks at what the system has left. Files stay open and no text is made: it is asked twice a cell,
 * and a look must not cost what a cell does.
 */
export class MemoryWatch {
  readonly #meminfo = new Source('/proc/meminfo');
  /** For root, and where debugfs is mounted. */
  readonly #swiotlb = new Source('/sys/kernel/debug/swiotlb/io_tlb_used');
  /** KiB; null on a kernel without CMA. */
  readonly cmaTotalKiB: number | null;
  #availableKiB = 0;

  constructor() {
    this.look();
    this.cmaTotalKiB = this.#meminfo.number('CmaTotal:') || null;
  }

  /** Bytes that the kernel would have given away at the last look (MemAvailable); 0 when it did not say. */
  get availableBytes(): number {
    return this.#availableKiB * 1024;
  }

  look(): MemoryState {
    this.#meminfo.read();
    this.#availableKiB = this.#meminfo.number('MemAvailable:') ?? 0;
    this.#swiotlb.read();
    return {
      cmaFreeKiB: this.#meminfo.number('CmaFree:'),
      swiotlbUsed: this.#swiotlb.there ? this.#swiotlb.number('') : null,
    };
  }
}
