import { test } from '@japa/runner';
import fc from 'fast-check';
import { fourcc } from '../formats.ts';
import { parseInFormats } from './drm-in-formats.ts';

interface Entry {
  readonly formats: bigint;
  readonly offset: number;
  readonly modifier: bigint;
}

const alignUp = (value: number) => Math.ceil(value / 8) * 8;

/** As create_in_format_blob() of drivers/gpu/drm/drm_plane.c lays it out, written by hand. */
function blobOf(codes: readonly number[], entries: readonly Entry[], version = 1): Buffer {
  const formatsAt = 24;
  const entriesAt = alignUp(formatsAt + codes.length * 4);
  const blob = Buffer.alloc(entriesAt + entries.length * 24);
  [version, 0, codes.length, formatsAt, entries.length, entriesAt].forEach((word, index) => {
    blob.writeUInt32LE(word, index * 4);
  });
  codes.forEach((code, index) => {
    blob.writeUInt32LE(code, formatsAt + index * 4);
  });
  entries.forEach(({ formats, offset, modifier }, index) => {
    const at = entriesAt + index * 24;
    blob.writeBigUInt64LE(formats, at);
    blob.writeUInt32LE(offset, at + 8);
    blob.writeBigUInt64LE(modifier, at + 16);
  });
  return blob;
}

/** One entry for each modifier and each window of 64 formats in which it goes with any. */
function entriesOf(pairs: ReadonlyMap<number, ReadonlySet<bigint>>): Entry[] {
  const codes = [...pairs.keys()];
  const modifiers = new Set([...pairs.values()].flatMap((each) => [...each]));
  return [...modifiers].flatMap((modifier) =>
    Array.from({ length: Math.ceil(codes.length / 64) }, (_, window) => {
      const offset = window * 64;
      const formats = codes
        .slice(offset, offset + 64)
        .reduce(
          (bits, code, bit) => (pairs.get(code)?.has(modifier) ? bits | (1n << BigInt(bit)) : bits),
          0n,
        );
      return { formats, offset, modifier };
    }).filter(({ formats }) => formats !== 0n),
  );
}

test('what a plane lists comes out of its blob, in any number of formats', ({ assert }) => {
  const modifier = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
  const pairs = fc.uniqueArray(
    fc.tuple(
      fc.integer({ min: 0, max: 0xffffffff }),
      fc.array(modifier, { maxLength: 4 }).map((each) => new Set(each)),
    ),
    { maxLength: 150, selector: ([code]) => code, size: 'max' },
  );
  fc.assert(
    fc.property(pairs, (list) => {
      const wanted = new Map(list);
      assert.deepEqual(parseInFormats(blobOf([...wanted.keys()], entriesOf(wanted))), wanted);
    }),
  );
});

test('a window need not begin at a multiple of 64, and its bits may lie beyond the formats', ({
  assert,
}) => {
  const codes = ['XR24', 'AR24', 'NV12'].map(fourcc);
  const parsed = parseInFormats(
    blobOf(codes, [{ formats: (1n << 64n) - 1n, offset: 1, modifier: 7n }]),
  );
  assert.deepEqual(
    [...(parsed?.values() ?? [])].map((modifiers) => [...modifiers]),
    [[], [7n], [7n]],
  );
});

test('nothing follows from a blob of another version, or a short one', ({ assert }) => {
  const whole = blobOf([fourcc('XR24')], [{ formats: 1n, offset: 0, modifier: 0n }]);
  assert.isNull(parseInFormats(blobOf([fourcc('XR24')], [], 2)));
  for (let length = 0; length < whole.length; length++)
    assert.isNull(parseInFormats(whole.subarray(0, length)), `${length} bytes`);
});
