import { test } from '@japa/runner';
import fc from 'fast-check';
import { FORMATS, formatNamed } from './formats.ts';
import { type FrameLayout, frameLayout } from './layout.ts';
import { differs, VARIATIONS, type Variation, varied } from './variation.ts';

const even = (most: number) => fc.integer({ min: 1, max: most / 2 }).map((half) => half * 2);
const frame = fc
  .record({
    format: fc.constantFrom(...FORMATS.map(({ name }) => name)),
    width: even(2000),
    height: even(1200),
  })
  .map(({ format, width, height }) => frameLayout(formatNamed(format), width, height));

/** What each variation promises of the first plane's stride and of where planes begin. */
const PROMISES: Readonly<Record<Variation, (layout: FrameLayout, usual: FrameLayout) => boolean>> =
  {
    'tight-stride': ({ planes }) => planes[0]?.stride === planes[0]?.rowBytes,
    'stride-64': ({ planes }) => (planes[0]?.stride ?? 1) % 64 === 0,
    'stride-256': ({ planes }) => (planes[0]?.stride ?? 1) % 256 === 0,
    'page-offsets': ({ planes }) => planes.every(({ offset }) => offset % 4096 === 0),
    padded: ({ size }, usual) => size >= usual.size + 65_536,
  };

test.group('variations', () => {
  test('{name}: what it promises holds, no row is cut and no planes overlap')
    .with(VARIATIONS.map((name) => ({ name })))
    .run(({ assert }, { name }) => {
      fc.assert(
        fc.property(frame, (usual) => {
          const layout = varied(usual, name);
          assert.isTrue(PROMISES[name](layout, usual));
          let end = 0;
          layout.planes.forEach(({ offset, stride, rows, rowBytes }, index) => {
            assert.isAtLeast(offset, end);
            assert.isAtLeast(stride, rowBytes);
            assert.equal(rows, usual.planes[index]?.rows);
            end = offset + stride * rows;
          });
          assert.isAtLeast(layout.size, end);
        }),
      );
    });

  test('a frame that is as demanded already does not differ', ({ assert }) => {
    const wide = frameLayout(formatNamed('XR24'), 640, 480);
    for (const name of ['tight-stride', 'stride-64', 'stride-256', 'page-offsets'] as const)
      assert.isFalse(differs(wide, varied(wide, name)), name);
    const odd = frameLayout(formatNamed('NV12'), 1080, 600);
    for (const name of ['tight-stride', 'stride-64', 'page-offsets', 'padded'] as const)
      assert.isTrue(differs(odd, varied(odd, name)), name);
  });
});
