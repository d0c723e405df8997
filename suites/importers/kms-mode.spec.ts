import { test } from '@japa/runner';
import fc from 'fast-check';
import type { KmsMode } from '../kernel/drm-mode.ts';
import { chooseMode, visiblePart } from './kms-mode.ts';

const mode = (width: number, height: number): KmsMode => ({
  width,
  height,
  refresh: 60,
  name: `${width}x${height}`,
  info: Buffer.alloc(0),
});

const MODES = [mode(1920, 1080), mode(1280, 720), mode(800, 600), mode(640, 480)];

test('{title}')
  .with([
    { title: 'its own size', modes: MODES, frame: [1280, 720], name: '1280x720' },
    { title: 'else the largest that it covers', modes: MODES, frame: [700, 500], name: '640x480' },
    { title: 'else the smallest that holds it', modes: MODES, frame: [320, 240], name: '640x480' },
    {
      title: 'else the largest',
      modes: [mode(480, 800), mode(1024, 480)],
      frame: [600, 600],
      name: '1024x480',
    },
  ])
  .run(({ assert }, { modes, frame: [width = 0, height = 0], name }) => {
    assert.equal(chooseMode(modes, { width, height })?.name, name);
  });

test('no modes, no mode', ({ assert }) => {
  assert.isUndefined(chooseMode([], { width: 640, height: 480 }));
});

test('what is seen lies in both, and is cut at even places', ({ assert }) => {
  const size = fc.record({
    width: fc.integer({ min: 2, max: 4096 }),
    height: fc.integer({ min: 2, max: 4096 }),
  });
  fc.assert(
    fc.property(size, size, (seen, frame) => {
      const part = visiblePart(seen, frame);
      assert.isAtMost(part.width, Math.min(seen.width, frame.width));
      assert.isAtMost(part.height, Math.min(seen.height, frame.height));
      assert.isTrue(part.width === frame.width || part.width % 2 === 0);
      assert.isTrue(part.height === frame.height || part.height % 2 === 0);
    }),
  );
});
