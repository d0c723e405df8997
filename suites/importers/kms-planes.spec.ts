import { test } from '@japa/runner';
import { formatNamed, fourcc } from '../formats.ts';
import { planesFor } from './kms-planes.ts';

const LINEAR = 0n;
const TILED = 0x700000000000001n;
const XR24 = fourcc('XR24');

const plane = (name: string, modifiers: readonly bigint[] | null, formats = [XR24]) => ({
  name,
  formats,
  modifiers: modifiers && new Map(formats.map((code) => [code, new Set(modifiers)])),
});

const PLANES = [
  plane('without a list', null),
  plane('linear', [LINEAR]),
  plane('both', [LINEAR, TILED]),
  plane('another format', [LINEAR, TILED], [fourcc('NV12')]),
];

test('{title}')
  .with([
    {
      title: 'listing planes first',
      modifier: LINEAR,
      names: ['linear', 'both', 'without a list'],
    },
    { title: 'one that lists tiles', modifier: TILED, names: ['both', 'without a list'] },
    { title: 'one that nobody lists', modifier: 99n, names: ['without a list'] },
    {
      title: 'no modifier told: each plane of the format',
      modifier: null,
      names: ['without a list', 'linear', 'both'],
    },
  ])
  .run(({ assert }, { modifier, names }) => {
    const found = planesFor(PLANES, formatNamed('XR24'), modifier);
    assert.deepEqual(
      found.map(({ name }) => name),
      names,
    );
  });

test('where every plane has a list and none has the pair, there is no plane', ({ assert }) => {
  assert.deepEqual(planesFor(PLANES.slice(1), formatNamed('XR24'), 99n), []);
});
