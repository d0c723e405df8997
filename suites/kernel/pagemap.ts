import { openSync, readSync } from 'node:fs';
import { addressOf, pageBytes } from './syscalls.ts';

/** Bits of a /proc/PID/pagemap entry (Documentation/admin-guide/mm/pagemap.rst). */
const PRESENT = 0x80000000;
const PFN_HIGH_MASK = 0x7fffff;
const ENTRY_BYTES = 8;

/** Kept open: opening it costs as much as reading it. */
let pagemap: number | null = null;

/**
 * The page frame numbers behind `pages` pages of this process from `address` on. Null
 * where they cannot be known: without CAP_SYS_ADMIN they read as 0, a page that was never touched is
 * not present, and pagemap passes over mappings without struct pages (VM_PFNMAP: most dma-bufs).
 */
export function pageFrames(address: bigint, pages: number): number[] | null {
  const entries = Buffer.alloc(pages * ENTRY_BYTES);
  try {
    pagemap ??= openSync('/proc/self/pagemap', 'r');
    const at = (address / BigInt(pageBytes)) * BigInt(ENTRY_BYTES);
    if (readSync(pagemap, entries, 0, entries.length, at) !== entries.length) return null;
  } catch {
    // A kernel without PROC_PAGE_MONITOR, or a process that is not allowed to.
    return null;
  }
  const frames: number[] = [];
  for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
    const high = entries.readUInt32LE(at + 4);
    const frame = (high & PFN_HIGH_MASK) * 2 ** 32 + entries.readUInt32LE(at);
    if ((high & PRESENT) === 0 || frame === 0) return null;
    frames.push(frame);
  }
  return frames;
}

let visible: boolean | null = null;

/** Whether this process may see page frame numbers at all (CAP_SYS_ADMIN); asked once. */
export function framesAreVisible(): boolean {
  if (visible === null) {
    const page = Buffer.alloc(2 * pageBytes, 1);
    visible = pageFrames(addressOf(page) + BigInt(pageBytes), 1) !== null;
  }
  return visible;
}

/** How memory lies: runs of physically contiguous pages, and the longest one in bytes. */
export interface Contiguity {
  readonly segments: number;
  readonly longestRun: number;
}

/** Counts the runs of page frames that follow one another. At least one frame. */
export function contiguity(frames: readonly number[]): Contiguity {
  let segments = 0;
  let longest = 0;
  let run = 0;
  frames.forEach((frame, index) => {
    const follows = index > 0 && frame === (frames[index - 1] ?? 0) + 1;
    run = follows ? run + 1 : 1;
    if (!follows) segments++;
    if (run > longest) longest = run;
  });
  return { segments, longestRun: longest * pageBytes };
}
