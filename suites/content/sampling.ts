import type { FrameLayout } from '../layout.ts';
import type { VerifyFacts } from '../record.ts';
import { BLOCK, blockWindow } from './blocks.ts';
import { compareRows, EXACT, type Rows } from './compare.ts';
import { LINE_WORDS, startOf, type TopByte, thinned, windowOf } from './words.ts';

/**
 * Which texels are drawn into an RGBA8 image, so that every bit of them can be read back from it. A
 * pixel takes in as many texels as have 4 bytes, and becomes the very bytes that they have in memory:
 * four of R8, two of GR88, two of R16 (low byte, high byte), one of GR32, and one of XR24 or AR24 in
 * the order B G R A (X reads as 255).
 */
export interface Sampling {
  /** Pixels of the RGBA8 image; rows have no padding. */
  readonly width: number;
  readonly height: number;
  /** Texels from the first one of a pixel to the first one of the next. */
  readonly step: number;
  /** Texels from the middle of a step to the centre of its first texel. */
  readonly first: number;
  /** Texels by which the samples of each line lie further right than those above, for 16 lines. */
  readonly skew: number;
}

/** A sampling, and what must come out. */
export interface Sampled extends Sampling {
  /** Compares the RGBA8 image. `tolerance` holds for YUV alone; all else is exact. */
  compare(rgba: Buffer, tolerance: number): VerifyFacts;
}

/** Frames up to this many pixels are drawn in every pixel, larger ones in every cache line. */
const WHOLE_PIXELS = 640 * 480;

/** Whether {@link sampledLines} is enough for the frame: it is large, and its lines are whole words. */
export function isLarge({ width, height, planes }: FrameLayout): boolean {
  const rowBytes = planes[0]?.rowBytes ?? 0;
  return width * height > WHOLE_PIXELS && rowBytes % 4 === 0;
}

/** Every texel of an exact format. */
export function sampledWhole(layout: FrameLayout, top: TopByte, nonce: number): Sampled {
  const { width, height, format } = layout;
  const rowBytes = layout.planes[0]?.rowBytes ?? 0;
  const across = Math.ceil(rowBytes / 4);
  const step = (4 * width) / rowBytes;
  const rows: Rows = {
    table: windowOf(top, rowBytes * height, nonce),
    start: (y) => y * rowBytes,
    solid: true,
    rows: height,
    rowBytes,
    offset: 0,
    stride: across * 4,
    group: format.planes[0]?.bytes ?? 4,
    place: (index, y) => ({ x: index, y }),
    label: '',
  };
  const compare = (rgba: Buffer) => compareRows([rows], rgba);
  return { width: across, height, step, first: 0.5 - 0.5 * step, skew: 0, compare };
}

/**
 * The texels of one word in each cache line of 64 bytes, another one in each of 16 lines: less than
 * that no cache, page or tile is mistaken in. All of a 1920x1080 frame would take a software renderer
 * on an emulated board most of a second. What is left out here has to be read in another way.
 */
export function sampledLines(layout: FrameLayout, top: TopByte, nonce: number): Sampled {
  const { width, height } = layout;
  const rowWords = (layout.planes[0]?.rowBytes ?? 0) / 4;
  const { table, length } = thinned(top, rowWords * 4 * height);
  const first = startOf(nonce);
  const texels = width / rowWords;
  const across = Math.floor(rowWords / LINE_WORDS);
  const step = LINE_WORDS * texels;
  const rows: Rows = {
    table,
    start: (y) => {
      const word = first + y * rowWords + (y % LINE_WORDS);
      return ((word % LINE_WORDS) * length + Math.floor(word / LINE_WORDS)) * 4;
    },
    solid: false,
    rows: height,
    rowBytes: across * 4,
    offset: 0,
    stride: across * 4,
    group: 4,
    place: (index, y) => ({ x: index * step + (y % LINE_WORDS) * texels, y }),
    label: '',
  };
  const compare = (rgba: Buffer) => compareRows([rows], rgba);
  return { width: across, height, step, first: 0.5 - 0.5 * step, skew: texels, compare };
}

/** Linear chroma filtering and either siting reach one line of pixels across a block's edge. */
const atBlockEdge = (y: number) => y % BLOCK === 0 || y % BLOCK === BLOCK - 1;

/** Of YUV, the horizontal middle of each line of each block, but for its first and last line. */
export function sampledBlocks({ width, height }: FrameLayout, nonce: number): Sampled {
  const across = Math.ceil(width / BLOCK);
  const rows: Rows = {
    table: blockWindow('rgba', across * Math.ceil(height / BLOCK), nonce),
    start: (y) => Math.floor(y / BLOCK) * across * 4,
    solid: false,
    rows: height,
    rowBytes: across * 4,
    offset: 0,
    stride: across * 4,
    group: 4,
    place: (index, y) => ({ x: index * BLOCK + BLOCK / 2, y }),
    label: '',
  };
  const compare = (rgba: Buffer, tolerance: number) =>
    compareRows([rows], rgba, { ...EXACT, tolerance, skip: atBlockEdge });
  return { width: across, height, step: BLOCK, first: 0, skew: 0, compare };
}
