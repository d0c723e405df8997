import type { ImporterKind } from '../cell.ts';
import { formatNamed } from '../formats.ts';
import { frameLayout } from '../layout.ts';
import type { CellRecord } from '../record.ts';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The page of all boards that are supported; where pages are larger, a frame of this size has one too. */
export const PAGE_BYTES = 4096;

const WIDTH = 64;
const MOST_ROWS = 16;

/**
 * The largest frame that fits a page: 64x16 in XR24, 64x10 in NV12. V4L2 devices choose strides by
 * themselves, without padding, and have a smallest height, for which 16 rows are good.
 */
export function onePageFrame(format: string, kind: ImporterKind | null): Size {
  const tight = kind === 'v4l2-m2m' || kind === 'v4l2-output';
  const shape = formatNamed(format);
  for (let height = MOST_ROWS; height > 2; height -= 2) {
    const stride = tight ? WIDTH * (shape.planes[0]?.bytes ?? 1) : undefined;
    if (frameLayout(shape, WIDTH, height, stride).size <= PAGE_BYTES)
      return { width: WIDTH, height };
  }
  return { width: WIDTH, height: 2 };
}

/** Half the width and height, both even. Null where it is that small already. */
export function halfOf({ width, height }: Size): Size | null {
  const half = (length: number) => Math.floor(length / 4) * 2;
  const size = { width: half(width), height: half(height) };
  return size.width >= WIDTH && size.height >= MOST_ROWS ? size : null;
}

/** Bytes that the frame needs, whether or not there is a buffer: as the planner lays it out. */
export function bytesOf({ buffer, format, width, height }: CellRecord): number {
  return buffer?.size ?? frameLayout(formatNamed(format), width, height).size;
}

export const pixels = ({ width, height }: Size): number => width * height;
