import { readFileSync } from 'node:fs';

/** Kernel taint flags by bit (Documentation/admin-guide/tainted-kernels.rst). */
const FLAGS = [
  'P proprietary module',
  'F module was force loaded',
  'S out-of-specification system',
  'R module was force unloaded',
  'M machine check exception',
  'B bad page',
  'U requested by user',
  'D kernel died (oops or BUG)',
  'A ACPI table overridden',
  'W kernel warning',
  'C staging driver',
  'I firmware bug worked around',
  'O out-of-tree module',
  'E unsigned module',
  'L soft lockup',
  'K live patched',
  'X distribution-defined',
  'T randomised struct layout',
];

/** The words for the bits that are set. */
export function taintWords(bits: number): string {
  return FLAGS.filter((_, bit) => (bits & (1 << bit)) !== 0).join(', ') || `0x${bits.toString(16)}`;
}

/** The kernel's taint now; 0 where it cannot be read. */
export function readTaint(): number {
  try {
    return Number(readFileSync('/proc/sys/kernel/tainted', 'latin1')) || 0;
  } catch {
    return 0;
  }
}

/** Sees the kernel's taint change. A taint stays until the next boot, so it is told once. */
export class TaintWatch {
  #known = readTaint();

  /** Somebody else has told of what there is by now. */
  forget(): void {
    this.#known = readTaint();
  }

  /** What is new since the last look, in words; null when nothing is. */
  news(when: string): string | null {
    const now = readTaint();
    const added = now & ~this.#known;
    if (added === 0) return null;
    const text = `kernel taint ${this.#known} -> ${now} (${taintWords(added)}) in ${when}`;
    this.#known = now;
    return text;
  }
}
