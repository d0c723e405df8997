import type { SharedFrame } from '../board.ts';
import { type Contiguity, contiguity, pageFrames } from '../kernel/pagemap.ts';
import { pageBytes } from '../kernel/syscalls.ts';
import type { BufferFacts } from '../record.ts';

/**
 * What is known of any frame's memory; null where it is not to be known.
 * @param exporter the kernel's name of the dma-buf's exporter.
 */
export function bufferFacts(frame: SharedFrame, exporter: string | null): BufferFacts {
  const { size, layout, modifier } = frame;
  const lie = lieOf(frame);
  return {
    size,
    strides: layout.planes.map(({ stride }) => stride),
    offsets: layout.planes.map(({ offset }) => offset),
    modifier: modifier === null ? null : `0x${modifier.toString(16)}`,
    segments: lie?.segments ?? null,
    longestRun: lie?.longestRun ?? null,
    exporter,
  };
}

/** How the pages lie in the order in which a device sees them. */
function lieOf({ pagemapAddress, pageOrder, size }: SharedFrame): Contiguity | null {
  if (pagemapAddress === null) return null;
  if (!pageOrder) {
    const frames = pageFrames(pagemapAddress, Math.ceil(size / pageBytes));
    return frames && contiguity(frames);
  }
  const pages = pageOrder.reduce((most, page) => Math.max(most, page), 0) + 1;
  const frames = pageFrames(pagemapAddress, pages);
  return frames && contiguity(pageOrder.map((page) => frames[page] ?? 0));
}
