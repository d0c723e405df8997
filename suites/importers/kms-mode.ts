import type { KmsMode } from '../kernel/drm-mode.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

const area = ({ width, height }: Size): number => width * height;

/**
 * The mode to show a frame in, unscaled. Many primary planes must cover the whole screen, so the best
 * is a mode of the frame's own size, then the largest one that the frame covers. Else the smallest
 * that holds the frame, or the largest.
 */
export function chooseMode(modes: readonly KmsMode[], frame: Size): KmsMode | undefined {
  const exact = modes.find(({ width, height }) => width === frame.width && height === frame.height);
  if (exact) return exact;
  const down = [...modes].sort((a, b) => area(b) - area(a));
  const covered = down.find(({ width, height }) => width <= frame.width && height <= frame.height);
  if (covered) return covered;
  const holding = down.filter(
    ({ width, height }) => width >= frame.width && height >= frame.height,
  );
  return holding.at(-1) ?? down[0];
}

/** What of the frame is seen in that mode: its upper left part. Even, as subsampled formats need. */
export function visiblePart(mode: Size, frame: Size): Size {
  const even = (value: number) => value - (value % 2);
  const part = (seen: number, whole: number) => (seen < whole ? even(seen) : whole);
  return { width: part(mode.width, frame.width), height: part(mode.height, frame.height) };
}
