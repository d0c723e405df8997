/**
 * YUV contents: flat blocks, so that neither chroma siting nor filtering matters inside them, with
 * the colour varied by block and nonce.
 */

/** Pixels along a block's edge. */
export const BLOCK = 16;

/** First blocks that a nonce can choose. */
const STARTS = 1 << 12;
const STRIDE = 0x9e5;

export interface Yuv {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

/** A permutation of the 16-bit numbers. */
function mix16(index: number): number {
  let x = index & 0xffff;
  x = Math.imul(x ^ (x >>> 7), 0x9e37) & 0xffff;
  x = Math.imul(x ^ (x >>> 8), 0x85eb) & 0xffff;
  return x ^ (x >>> 9);
}

/**
 * The colour of the n-th block; 65536 different ones. All lie inside the RGB cube for BT.601 narrow
 * range, so that no error hides in clipping, and U is even where V is odd: they are never equal.
 */
export function blockColour(n: number): Yuv {
  const bits = mix16(n);
  const luma = bits & 63;
  return { y: 76 + luma + (luma >> 1), u: 98 + 2 * ((bits >> 6) & 31), v: 97 + 2 * (bits >> 11) };
}

const KR = 0.299;
const KB = 0.114;

/** What a sampler must make of it with the hints ITU_REC601 and YUV_NARROW_RANGE: R, G, B. */
export function bt601Narrow({ y, u, v }: Yuv): [number, number, number] {
  const luma = (y - 16) / 219;
  const red = luma + 2 * (1 - KR) * ((v - 128) / 224);
  const blue = luma + 2 * (1 - KB) * ((u - 128) / 224);
  const green = (luma - KR * red - KB * blue) / (1 - KR - KB);
  const byte = (x: number) => Math.round(255 * Math.min(1, Math.max(0, x)));
  return [byte(red), byte(green), byte(blue)];
}

/** What a row of blocks looks like in one plane: `group` bytes a sample group, so many a block. */
type Kind = 'y' | 'u' | 'v' | 'uv' | 'rgba';

/** Bytes that one block takes in a row of that kind; `rgba` is one sampled pixel a block. */
export const BLOCK_BYTES: Readonly<Record<Kind, number>> = {
  y: BLOCK,
  u: BLOCK / 2,
  v: BLOCK / 2,
  uv: BLOCK,
  rgba: 4,
};

function paint(kind: Kind, colour: Yuv): readonly number[] {
  switch (kind) {
    case 'y':
      return [colour.y];
    case 'u':
      return [colour.u];
    case 'v':
      return [colour.v];
    case 'uv':
      return [colour.u, colour.v];
    case 'rgba':
      return [...bt601Narrow(colour), 255];
  }
}

const strips = new Map<Kind, Buffer>();

function strip(kind: Kind, blocks: number): Buffer {
  const bytes = BLOCK_BYTES[kind];
  const known = strips.get(kind);
  if (known && known.length >= blocks * bytes) return known;
  const grown = Buffer.alloc(blocks * bytes);
  for (let n = 0; n < blocks; n++)
    grown.fill(Buffer.from(paint(kind, blockColour(n))), n * bytes, (n + 1) * bytes);
  strips.set(kind, grown);
  return grown;
}

/** The rows of `blocks` successive blocks for that nonce, without a copy: do not write to them. */
export function blockWindow(kind: Kind, blocks: number, nonce: number): Buffer {
  const start = (Math.imul(nonce, STRIDE) & (STARTS - 1)) * BLOCK_BYTES[kind];
  return strip(kind, blocks + STARTS).subarray(start, start + blocks * BLOCK_BYTES[kind]);
}
