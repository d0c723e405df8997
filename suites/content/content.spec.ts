import { test } from '@japa/runner';
import fc from 'fast-check';
import { FORMATS, formatNamed } from '../formats.ts';
import { frameLayout } from '../layout.ts';
import type { VerifyFacts } from '../record.ts';
import { BLOCK, blockColour, bt601Narrow } from './blocks.ts';
import { contentFor } from './content.ts';

const EXACT_FORMATS = FORMATS.filter((format) => format.model !== 'yuv').map(({ name }) => name);
const ALL_FORMATS = FORMATS.map(({ name }) => name);

const frame = fc.record({
  name: fc.constantFrom(...ALL_FORMATS),
  width: fc.integer({ min: 16, max: 200 }).map((x) => x * 2),
  height: fc.integer({ min: 1, max: 40 }).map((x) => x * 2),
  nonce: fc.integer({ min: 0, max: 1 << 20 }),
});

const layoutOf = (name: string, width: number, height: number) =>
  frameLayout(formatNamed(name), width, height);

function filled(name: string, width: number, height: number, nonce: number) {
  const layout = layoutOf(name, width, height);
  const content = contentFor({ format: name }, layout, nonce);
  const memory = Buffer.alloc(layout.size, 0x5a);
  content.write(memory);
  return { layout, content, memory };
}

test.group('content in memory', () => {
  test('{$self}: no two 4-byte groups of a 640x480 frame are equal')
    .with(EXACT_FORMATS)
    .run(({ assert }, name) => {
      const { content } = filled(name, 640, 480, 7);
      const bytes = content.pixels ?? Buffer.alloc(0);
      const groups = new Uint32Array(bytes.length / 4);
      const ignored = name === 'XR24' ? 0x00ffffff : 0xffffffff;
      for (let i = 0; i < groups.length; i++) groups[i] = bytes.readUInt32LE(i * 4) & ignored;
      assert.isAbove(groups.length, 0);
      assert.equal(new Set(groups).size, groups.length);
    });

  test('1920x1080 XR24: every pixel differs from every other, X is 255', ({ assert }) => {
    const { content } = filled('XR24', 1920, 1080, 3);
    const bytes = content.pixels ?? Buffer.alloc(0);
    const pixels = new Set<number>();
    let opaque = 0;
    for (let at = 0; at < bytes.length; at += 4) {
      pixels.add(bytes.readUIntLE(at, 3));
      if (bytes[at + 3] === 255) opaque++;
    }
    assert.equal(pixels.size, 1920 * 1080);
    assert.equal(opaque, 1920 * 1080);
  });

  test('{$self}: a shift by up to 64 pixels or 16 lines leaves next to nothing in place')
    .with(EXACT_FORMATS)
    .run(({ assert }, name) => {
      const { layout, content } = filled(name, 320, 64, 1);
      const bytes = content.pixels ?? Buffer.alloc(0);
      const group = layout.format.planes[0]?.bytes ?? 1;
      const row = layout.planes[0]?.rowBytes ?? 0;
      const used = name === 'XR24' ? 3 : group;
      for (let shift = 1; shift <= 64 + 16; shift++) {
        const by = shift <= 64 ? shift * group : (shift - 64) * row;
        let same = 0;
        for (let at = 0; at + by < bytes.length; at += group)
          if (bytes.compare(bytes, at, at + used, at + by, at + by + used) === 0) same++;
        assert.isBelow(same / (bytes.length / group), 0.02);
      }
    });

  test('another nonce changes every row, and every pixel of XR24, AR24 and GR32', ({ assert }) => {
    const other = fc.integer({ min: 1, max: 4095 });
    fc.assert(
      fc.property(frame, other, ({ name, width, height, nonce }, delta) => {
        const { layout, memory: one } = filled(name, width, height, nonce);
        const { memory: two } = filled(name, width, height, nonce + delta);
        const wide = width >= 8 * BLOCK;
        for (const { offset, stride, rows, rowBytes } of wide ? layout.planes : [])
          for (let y = 0; y < rows; y++) {
            const at = offset + y * stride;
            assert.notEqual(one.compare(two, at, at + rowBytes, at, at + rowBytes), 0);
          }
        if (layout.format.planes[0]?.bytes !== 4) return;
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            const at = y * (layout.planes[0]?.stride ?? 0) + x * 4;
            assert.notEqual(one.readUInt32LE(at), two.readUInt32LE(at));
          }
      }),
      { numRuns: 60 },
    );
  });

  test('what is written compares equal, and padding is neither touched nor looked at', ({
    assert,
  }) => {
    fc.assert(
      fc.property(frame, ({ name, width, height, nonce }) => {
        const { layout, content, memory } = filled(name, width, height, nonce);
        for (const { offset, stride, rows, rowBytes } of layout.planes)
          for (let y = 0; y < rows; y++) {
            const padding = memory.subarray(
              offset + y * stride + rowBytes,
              offset + (y + 1) * stride,
            );
            assert.isTrue(padding.every((byte) => byte === 0x5a));
            padding.fill(0xc3);
          }
        const facts = content.compare(memory);
        assert.equal(facts.wrong, 0);
        assert.isUndefined(facts.first);
        const groups = layout.planes.map(
          ({ rows, rowBytes }, index) =>
            (rows * rowBytes) / (layout.format.planes[index]?.bytes ?? 1),
        );
        assert.equal(
          facts.compared,
          groups.reduce((a, b) => a + b),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('any single changed byte is found, where it is', ({ assert }) => {
    const where = fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(frame, where, ({ name, width, height, nonce }, [plane, row, column, flip]) => {
        const { layout, content, memory } = filled(name, width, height, nonce);
        const index = plane % layout.planes.length;
        const place = layout.planes[index];
        const shape = layout.format.planes[index];
        if (!place || !shape) return assert.fail('no plane');
        const y = row % place.rows;
        const byte = column % place.rowBytes;
        const at = place.offset + y * place.stride + byte;
        memory.writeUInt8((memory[at] ?? 0) ^ flip, at);
        const { wrong, first } = content.compare(memory);
        assert.equal(wrong, 1);
        const x = Math.floor(byte / shape.bytes) * shape.hsub;
        assert.deepInclude(first, { x, y: y * shape.vsub });
        const ignored = name === 'XR24' && byte % 4 === 3;
        assert.equal(content.compareDrawn(memory).wrong, ignored ? 0 : 1);
      }),
      { numRuns: 100 },
    );
  });

  test('{$self}: one wrong pixel anywhere in 1920x1080 is found, in memory and as read back')
    .with(ALL_FORMATS)
    .run(({ assert }, name) => {
      const { layout, content, memory } = filled(name, 1920, 1080, 21);
      const [plane] = layout.planes;
      const group = layout.format.planes[0]?.bytes ?? 1;
      if (!plane) return assert.fail('no plane');
      const exact = EXACT_FORMATS.includes(name);
      const packed = exact ? Buffer.from(content.pixels ?? []) : null;
      const corners = [0, 1919].flatMap((x) => [0, 1079].map((y) => [x, y] as const));
      const anywhere = fc.tuple(fc.nat({ max: 1919 }), fc.nat({ max: 1079 }));
      const flips = fc.integer({ min: 1, max: 255 });
      fc.assert(
        fc.property(fc.oneof(fc.constantFrom(...corners), anywhere), flips, ([x, y], flip) => {
          const spoilt = (bytes: Buffer, at: number, compare: () => VerifyFacts) => {
            const right = bytes[at] ?? 0;
            bytes.writeUInt8(right ^ flip, at);
            const { wrong, compared, first } = compare();
            bytes.writeUInt8(right, at);
            assert.deepEqual([wrong, first?.x, first?.y], [1, x, y]);
            assert.isAtLeast(compared, 1920 * 1080);
          };
          spoilt(memory, plane.offset + y * plane.stride + x * group, () =>
            content.compare(memory),
          );
          if (!packed) return;
          const at = (y * 1920 + x) * group;
          spoilt(packed, at, () => content.sampled(true).compare(packed, 255));
        }),
        { numRuns: 30 },
      );
    });

  test('a frame of another nonce is wrong in every pixel of XR24', ({ assert }) => {
    const { layout, memory } = filled('XR24', 640, 480, 1);
    const { wrong, compared } = contentFor({ format: 'XR24' }, layout, 2).compare(memory);
    assert.equal(wrong, compared);
    assert.equal(compared, 640 * 480);
  });
});

test.group('content as sampled', () => {
  test('{$self}: the packed image is the memory without padding')
    .with(EXACT_FORMATS)
    .run(({ assert }, name) => {
      for (const width of [640, 322]) {
        const { layout, content, memory } = filled(name, width, 20, 9);
        const sampled = content.sampled(true);
        const { width: across, height } = sampled;
        const rgba = Buffer.alloc(across * height * 4, 0x77);
        const { stride, rowBytes } = layout.planes[0] ?? { stride: 0, rowBytes: 0 };
        for (let y = 0; y < height; y++)
          memory.copy(rgba, y * across * 4, y * stride, y * stride + rowBytes);
        assert.equal(sampled.compare(rgba, 0).wrong, 0);
        rgba.writeUInt8((rgba[0] ?? 0) ^ 1, 0);
        assert.deepInclude(sampled.compare(rgba, 255), { wrong: 1, tolerance: 0 });
      }
    });

  test('{$self}: large frames give one word of each 64-byte line, along a slant')
    .with(EXACT_FORMATS)
    .run(({ assert }, name) => {
      for (const [width, height] of [
        [1920, 1080],
        [1364, 768],
      ] as const) {
        const { layout, content, memory } = filled(name, width, height, 77);
        const sampled = content.sampled(false);
        const { stride, rowBytes } = layout.planes[0] ?? { stride: 0, rowBytes: 0 };
        assert.equal(sampled.width, Math.floor(rowBytes / 64));
        const rgba = Buffer.alloc(sampled.width * height * 4);
        for (let y = 0; y < height; y++)
          for (let x = 0; x < sampled.width; x++) {
            const at = y * stride + x * 64 + (y % 16) * 4;
            memory.copy(rgba, (y * sampled.width + x) * 4, at, at + 4);
          }
        const facts = sampled.compare(rgba, 0);
        assert.deepInclude(facts, { wrong: 0, compared: sampled.width * height });
        rgba.writeUInt8((rgba[4] ?? 0) ^ 1, 4);
        const texels = 4 / (layout.format.planes[0]?.bytes ?? 4);
        assert.deepInclude(sampled.compare(rgba, 0).first, { x: 16 * texels, y: 0 });
      }
    });

  test('YUV: one RGB value for each line of each block, equal within the tolerance', ({
    assert,
  }) => {
    const { layout, content, memory } = filled('NV12', 160, 50, 11);
    const sampled = content.sampled(false);
    const { width, height, step } = sampled;
    assert.deepEqual([width, height, step], [10, 50, 16]);
    const rgba = Buffer.alloc(width * height * 4);
    const chroma = layout.planes[1] ?? { offset: 0, stride: 0 };
    for (let y = 0; y < height; y++)
      for (let block = 0; block < width; block++) {
        const uv = chroma.offset + (y >> 1) * chroma.stride + block * 16 + 8;
        const luma = memory[y * (layout.planes[0]?.stride ?? 0) + block * 16 + 8] ?? 0;
        const [r, g, b] = bt601Narrow({ y: luma, u: memory[uv] ?? 0, v: memory[uv + 1] ?? 0 });
        rgba.set([r + 1, g - 1, b + 1, 255], (y * width + block) * 4);
      }
    assert.equal(sampled.compare(rgba, 1).wrong, 0);
    const strict = sampled.compare(rgba, 0);
    assert.equal(strict.wrong, strict.compared);
  });

  test('BT.601 narrow range, by the published table')
    .with([
      { y: 16, u: 128, v: 128, rgb: [0, 0, 0] },
      { y: 235, u: 128, v: 128, rgb: [255, 255, 255] },
      { y: 180, u: 100, v: 160, rgb: [242, 176, 134] },
      { y: 100, u: 160, v: 100, rgb: [53, 108, 162] },
      { y: 81, u: 90, v: 240, rgb: [254, 0, 0] },
    ])
    .run(({ assert }, { rgb, ...yuv }) => {
      assert.deepEqual([...bt601Narrow(yuv)], rgb);
    });

  test('block colours never clip, differ from one another, and have U unlike V', ({ assert }) => {
    const seen = new Set<number>();
    for (let n = 0; n < 65536; n++) {
      const { y, u, v } = blockColour(n);
      const rgb = bt601Narrow({ y, u, v });
      if (u !== v && Math.min(...rgb) > 0 && Math.max(...rgb) < 255)
        seen.add((y << 16) | (u << 8) | v);
    }
    assert.equal(seen.size, 65536);
  });
});
