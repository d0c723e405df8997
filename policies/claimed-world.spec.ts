import { test } from '@japa/runner';
import { claimedWorld } from './claimed-world.ts';
import type { Provider } from './provider.ts';
import { profileFixture } from './testing/facts.ts';
import type { Frame } from './world.ts';

const udmabuf: Provider = {
  from: 'udmabuf',
  open: 'rw',
  ifClosed: 'next',
  when: 'always',
  copied: false,
};
const frame: Frame = {
  format: 'XR24',
  width: 640,
  height: 480,
  count: 1,
  modifier: 'linear',
  seals: [],
};

test('a board of which {outcome} is claimed, {rate}, answers {kind}')
  .with([
    { outcome: 'pass', rate: undefined, kind: 'yes' },
    { outcome: 'pass', rate: { min: 0.9 }, kind: 'sometimes' },
    { outcome: 'refused', rate: undefined, kind: 'no' },
    { outcome: 'refused', rate: { max: 0.2 }, kind: 'sometimes' },
    { outcome: 'crash', rate: { max: 0.2 }, kind: 'fatal' },
    { outcome: 'corrupt', rate: { max: 0.2 }, kind: 'wrong' },
  ])
  .run(({ assert }, { outcome, rate, kind }) => {
    const entry = { cells: {}, outcome, rate, reason: 'r', source: 's', basis: 'claimed' };
    const world = claimedWorld(profileFixture({ expect: [entry] }));
    assert.equal(world.allocates(udmabuf, frame, 0).kind, kind);
  });
