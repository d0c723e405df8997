import { drmFormatModifier, drmFormatModifierBlob } from './drm-structs.ts';

/** The modifiers that a plane lists for each of its formats, by fourcc. */
export type FormatModifiers = ReadonlyMap<number, ReadonlySet<bigint>>;

/** FORMAT_BLOB_CURRENT: the only version there is. */
const VERSION = 1;

/** How many formats one entry's bits speak of. */
const WINDOW = 64;

/**
 * Reads a plane's IN_FORMATS blob: a header, fourccs, and for each modifier the formats that it goes
 * with, as bits of a window of 64 of them. A modifier with more formats has several entries.
 * @returns null for a blob that is not what this knows: nothing follows from it.
 */
export function parseInFormats(blob: Buffer): FormatModifiers | null {
  const { get, size } = drmFormatModifierBlob;
  if (blob.length < size || get(blob, 'version') !== VERSION) return null;
  const count = get(blob, 'count_formats');
  const formatsAt = get(blob, 'formats_offset');
  const entries = get(blob, 'count_modifiers');
  const entriesAt = get(blob, 'modifiers_offset');
  const entry = drmFormatModifier;
  if (formatsAt + count * 4 > blob.length) return null;
  if (entriesAt + entries * entry.size > blob.length) return null;

  const codes = Array.from({ length: count }, (_, at) => blob.readUInt32LE(formatsAt + at * 4));
  const found = new Map(codes.map((code) => [code, new Set<bigint>()]));
  for (let index = 0; index < entries; index++) {
    const from = entriesAt + index * entry.size;
    const one = blob.subarray(from, from + entry.size);
    const bits = entry.getBig(one, 'formats');
    const first = entry.get(one, 'offset');
    const modifier = entry.getBig(one, 'modifier');
    codes.slice(first, first + WINDOW).forEach((code, bit) => {
      if ((bits >> BigInt(bit)) & 1n) found.get(code)?.add(modifier);
    });
  }
  return found;
}
