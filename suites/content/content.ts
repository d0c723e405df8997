import type { Cell } from '../cell.ts';
import type { PixelFormat } from '../formats.ts';
import type { FrameLayout, PlaneLayout } from '../layout.ts';
import type { VerifyFacts } from '../record.ts';
import { BLOCK, BLOCK_BYTES, blockWindow } from './blocks.ts';
import { compareRows, EXACT, type Rows, writeRows } from './compare.ts';
import { isLarge, type Sampled, sampledBlocks, sampledLines, sampledWhole } from './sampling.ts';
import { windowOf } from './words.ts';

/**
 * What a frame is filled with, and what must come out of it. Made anew for each cell: the nonce
 * changes every pixel, so that what a former frame left in the same memory cannot pass.
 */
export interface FrameContent {
  /** Fills a linear mapping of the frame. Padding between rows is not touched. */
  write(target: Buffer): void;
  /** Compares a linear mapping, byte for byte. Padding is not looked at. `control` is `none`. */
  compare(source: Buffer): VerifyFacts;
  /** The same for a frame that a device drew: XR24's X byte may be anything. */
  compareDrawn(source: Buffer): VerifyFacts;
  /** The first plane without padding, for glTexImage2D; null for YUV. Not to be written to. */
  readonly pixels: Buffer | null;
  /** What a sampler must see. `all` spares no texel of large frames either. */
  sampled(all: boolean): Sampled;
}

/**
 * The content of a frame.
 *
 * XR24, AR24 and GR32 have no two equal pixels (up to 2^24 of them); AR24's alpha varies, XR24's X
 * is 255. R8, GR88 and R16 have too few values for that: there no two of the frame's 4-byte groups
 * are equal (4, 2 and 2 pixels), so that a shift by any distance shows. NV12 and YU12 are flat
 * blocks of 16x16 pixels.
 */
export function contentFor(
  _cell: Pick<Cell, 'format'>,
  layout: FrameLayout,
  nonce: number,
): FrameContent {
  return layout.format.model === 'yuv' ? yuvContent(layout, nonce) : exactContent(layout, nonce);
}

function exactContent(layout: FrameLayout, nonce: number): FrameContent {
  const { format, height } = layout;
  const plane = layout.planes[0];
  if (!plane) throw new RangeError(`${format.name} has no planes`);
  const opaque = format.name === 'XR24';
  const top = opaque ? 'opaque' : 'varied';
  const { rowBytes } = plane;
  const table = windowOf(top, rowBytes * height, nonce);
  const start = (y: number) => y * rowBytes;
  const rows = placed(format, plane, 0, { table, start, solid: true });
  return {
    pixels: table,
    write: (target) => writeRows(rows, target),
    compare: (source) => compareRows([rows], source),
    compareDrawn: (source) => compareRows([rows], source, { ...EXACT, ignored: opaque ? 3 : null }),
    sampled: (all) =>
      isLarge(layout) && !all ? sampledLines(layout, top, nonce) : sampledWhole(layout, top, nonce),
  };
}

/** The plane kinds of a YUV format, by its number of planes: NV12 has two, YU12 three. */
const YUV_KINDS = { 2: ['y', 'uv'], 3: ['y', 'u', 'v'] } as const;

function yuvContent(layout: FrameLayout, nonce: number): FrameContent {
  const { format, width, height } = layout;
  const across = Math.ceil(width / BLOCK);
  const blocks = across * Math.ceil(height / BLOCK);
  const kinds = YUV_KINDS[format.planes.length === 3 ? 3 : 2];
  const planes = layout.planes.map((plane, index) => {
    const kind = kinds[index] ?? 'y';
    const lines = BLOCK / (format.planes[index]?.vsub ?? 1);
    const start = (y: number) => Math.floor(y / lines) * across * BLOCK_BYTES[kind];
    const table = blockWindow(kind, blocks, nonce);
    return placed(format, plane, index, { table, start, solid: false });
  });
  const compare = (source: Buffer) => compareRows(planes, source);
  return {
    pixels: null,
    write: (target) => {
      for (const rows of planes) writeRows(rows, target);
    },
    compare,
    compareDrawn: compare,
    sampled: () => sampledBlocks(layout, nonce),
  };
}

function placed(
  format: PixelFormat,
  plane: PlaneLayout,
  index: number,
  table: Pick<Rows, 'table' | 'start' | 'solid'>,
): Rows {
  const shape = format.planes[index];
  if (!shape) throw new RangeError(`${format.name} has no plane ${index}`);
  const { rows, rowBytes, offset, stride } = plane;
  const { bytes: group, hsub, vsub } = shape;
  const place = (at: number, y: number) => ({ x: at * hsub, y: y * vsub });
  const label = format.planes.length > 1 ? `plane ${index}: ` : '';
  return { ...table, rows, rowBytes, offset, stride, group, place, label };
}
