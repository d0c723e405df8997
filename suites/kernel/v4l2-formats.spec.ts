import { test } from '@japa/runner';
import { FORMATS, formatNamed } from '../formats.ts';
import { fourccText, v4l2Fourccs } from './v4l2-formats.ts';

test('{name}: its DRM fourcc comes first and reads back as its name')
  .with(FORMATS.map(({ name }) => ({ name })))
  .run(({ assert }, { name }) => {
    const [first = 0] = v4l2Fourccs(formatNamed(name));
    assert.equal(fourccText(first), name);
  });

test('formats that V4L2 spells otherwise', ({ assert }) => {
  const names = (name: string) => v4l2Fourccs(formatNamed(name)).map(fourccText);
  assert.deepEqual(names('XR24'), ['XR24', 'BGR4']);
  assert.deepEqual(names('R8'), ['R8', 'GREY']);
  assert.deepEqual(names('R16'), ['R16', 'Y16']);
});
