import type { MemoryWatch } from '../../../suites/kernel/memory-state.ts';
import { closeFd, pageBytes } from '../../../suites/kernel/syscalls.ts';
import { microseconds } from '../clock.ts';
import { type OpenedHeap, takePages } from './opened-heap.ts';

/**
 * How long a region may be held used up. Writing each refusal to a serial console takes longest: 3 s
 * of the 4 that an emulated 32-bit Arm board took for 64 MiB on a busy machine, in steps of a half.
 */
const HOLD_US = 5_000_000;
/** What pieces shrink by when one is refused: few refusals, for the same reason. */
const SHRINK = 8;
/** Fills of one heap before its comparisons count as unanswered. */
const TRIES = 3;
/** KiB outside CMA that must stay free when what lies in the region has to move out of it. */
const SPARE_KIB = 64 * 1024;

/** Why a heap must not or could not be used up; null when it was. */
export type NotExhausted = string | null;

/** What one heap that was used up says of the others: same memory, other memory; absent: no answer. */
export interface Comparison {
  readonly same: ReadonlyMap<string, boolean>;
  readonly why: NotExhausted;
}

/**
 * Compares a CMA heap with others by using it up: a page that the other one then still gives is other
 * memory, one that it gives only when a page of the first is let go is the same memory. Both are
 * looked at from both sides, since other programs take and give as well. Everything is given back.
 * @throws Errno other than ENOMEM.
 */
export function compareByExhausting(
  heap: OpenedHeap,
  others: readonly OpenedHeap[],
  memory: MemoryWatch,
): Comparison {
  const same = new Map<string, boolean>();
  const refusal = notEnoughOutside(memory);
  if (refusal !== null) return { same, why: refusal };
  let why: NotExhausted = null;
  for (let tries = 0; tries < TRIES && same.size < others.length; tries++) {
    const hoard = new Hoard(heap, memory.cmaTotalKiB ?? 0);
    try {
      why = hoard.fill();
      if (why !== null) break;
      for (const other of others) {
        if (same.has(other.name)) continue;
        const answer = isSame(hoard, heap, other);
        if (answer !== undefined) same.set(other.name, answer);
        else if (hoard.fill() !== null) break;
      }
    } finally {
      hoard.release();
    }
  }
  const open = others.filter(({ name }) => !same.has(name)).map(({ name }) => name);
  if (why === null && open.length)
    why = `using ${heap.name} up said nothing of ${open.join(', ')}: something else takes or gives there`;
  return { same, why };
}

/** Undefined: what was seen fits neither. The hoard may be short of a page afterwards. */
function isSame(hoard: Hoard, heap: OpenedHeap, other: OpenedHeap): boolean | undefined {
  const given = takePages(other, 1);
  if (given !== null) {
    closeFd(given);
    // Were it the same memory, the page that the other has just let go could be had again.
    return hoard.more() ? undefined : false;
  }
  if (!hoard.letGo()) return undefined;
  const freed = takePages(other, 1);
  if (freed !== null) {
    // And the first one has nothing to give while the other holds it.
    const still = takePages(heap, 1);
    for (const fd of [freed, still]) if (fd !== null) closeFd(fd);
    return still === null && hoard.more() ? true : undefined;
  }
  hoard.more();
  return undefined;
}

/** All that a heap gives, in pieces. */
class Hoard {
  readonly #heap: OpenedHeap;
  readonly #mostPages: number;
  readonly #deadline = microseconds() + HOLD_US;
  readonly #buffers: number[] = [];
  /** One page apart from the rest, to be let go and taken back. */
  #page: number | null = null;
  #held = 0;

  constructor(heap: OpenedHeap, totalKiB: number) {
    this.#heap = heap;
    this.#mostPages = Math.floor((totalKiB * 1024) / pageBytes);
  }

  /** Takes until not one page more is given. @returns why that did not come about. */
  fill(): NotExhausted {
    const { name } = this.#heap;
    if (this.#page === null && !this.more()) return `${name} has not one page to give`;
    for (let pages = Math.ceil(this.#mostPages / SHRINK); ; ) {
      if (microseconds() > this.#deadline)
        return `using ${name} up took longer than ${HOLD_US / 1e6} s`;
      if (this.#held > this.#mostPages) return `${name} gave more than all CMA regions have`;
      const wanted = Math.max(1, Math.min(pages, this.#mostPages - this.#held));
      const buffer = takePages(this.#heap, wanted);
      if (buffer === null) {
        if (wanted === 1) return null;
        pages = Math.floor(wanted / SHRINK);
        continue;
      }
      this.#buffers.push(buffer);
      this.#held += wanted;
    }
  }

  /** Whether the heap has one more page after all; it is kept. */
  more(): boolean {
    const page = takePages(this.#heap, 1);
    if (page === null) return false;
    this.#held++;
    if (this.#page === null) this.#page = page;
    else this.#buffers.push(page);
    return true;
  }

  /** Lets one page go. @returns false when there is none apart. */
  letGo(): boolean {
    if (this.#page === null) return false;
    closeFd(this.#page);
    this.#page = null;
    this.#held--;
    return true;
  }

  release(): void {
    this.letGo();
    for (const fd of this.#buffers.splice(0)) closeFd(fd);
  }
}

/** Pages that other programs have in a CMA region move out of it, and must have where to go. */
function notEnoughOutside(memory: MemoryWatch): NotExhausted {
  const freeKiB = memory.look().cmaFreeKiB ?? 0;
  const outsideKiB = memory.availableBytes / 1024 - freeKiB;
  const neededKiB = (memory.cmaTotalKiB ?? 0) - freeKiB + SPARE_KIB;
  if (outsideKiB >= neededKiB) return null;
  return `no heap was used up: ${Math.floor(outsideKiB)} KiB are free outside CMA, and ${neededKiB} must be`;
}
