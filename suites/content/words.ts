/**
 * The endless strip of words that exact contents are cut from. A frame is a window of it, a nonce is
 * where the window begins, so that filling and comparing are memcpy and memcmp.
 */

/** Window starts, in words of 4 bytes: as many different contents before one comes again. */
const STARTS = 1 << 16;

/** Odd, so that 2^16 successive nonces have 2^16 different starts, far from one another. */
const STRIDE = 0x9e37;

/** The word that a nonce's window begins with. */
export const startOf = (nonce: number): number => Math.imul(nonce, STRIDE) & (STARTS - 1);

/** A permutation of the 24-bit numbers (each step can be undone) that looks random in every byte. */
function mix24(index: number): number {
  let x = index & 0xffffff;
  x = Math.imul(x ^ (x >>> 12), 0x9e3779) & 0xffffff;
  x = Math.imul(x ^ (x >>> 11), 0x85ebcb) & 0xffffff;
  return x ^ (x >>> 13);
}

/** What the top byte of each word holds: bits of the word's own, or 255. */
export type TopByte = 'varied' | 'opaque';

const strips = new Map<TopByte, Uint32Array>();

/**
 * At least `words` words. The low 24 bits of any 2^24 successive ones are all different. A longer
 * strip begins with the shorter one, so growing it changes no content.
 */
function strip(top: TopByte, words: number): Uint32Array {
  const known = strips.get(top);
  if (known && known.length >= words) return known;
  const grown = new Uint32Array(words);
  const opaque = top === 'opaque';
  for (let index = 0; index < words; index++) {
    const low = mix24(index);
    const high = opaque ? 0xff : (low ^ (low >>> 8) ^ (low >>> 16) ^ index) & 0xff;
    grown[index] = low | (high << 24);
  }
  strips.set(top, grown);
  return grown;
}

/** `bytes` bytes for that nonce, without a copy: do not write to them. */
export function windowOf(top: TopByte, bytes: number, nonce: number): Buffer {
  const words = strip(top, Math.ceil(bytes / 4) + STARTS);
  return Buffer.from(words.buffer, startOf(nonce) * 4, bytes);
}

/** Words of a 64-byte cache line. */
export const LINE_WORDS = 16;

/** Every 16th word of the strip: word `n * 16 + phase` at `phase * length + n`. */
export interface Thinned {
  readonly table: Buffer;
  /** Words of one phase. */
  readonly length: number;
}

const thinnedStrips = new Map<TopByte, Thinned>();

/** All words that a window of `bytes` bytes can hold, sorted by their place in a cache line. */
export function thinned(top: TopByte, bytes: number): Thinned {
  const words = strip(top, Math.ceil(bytes / 4) + STARTS);
  const length = Math.floor(words.length / LINE_WORDS);
  const known = thinnedStrips.get(top);
  if (known && known.length === length) return known;
  const sorted = new Uint32Array(length * LINE_WORDS);
  for (let phase = 0, at = 0; phase < LINE_WORDS; phase++)
    for (let n = 0; n < length; n++) sorted[at++] = words[n * LINE_WORDS + phase] ?? 0;
  const made = { table: Buffer.from(sorted.buffer), length };
  thinnedStrips.set(top, made);
  return made;
}
