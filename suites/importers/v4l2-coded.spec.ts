import { test } from '@japa/runner';
import { fourcc } from '../formats.ts';
import { isAllZero, isHeadersAlone } from './v4l2-coded.ts';

const unit = (...bytes: number[]) => [0, 0, 0, 1, ...bytes];

test('{name}')
  .with([
    {
      name: 'SPS and PPS alone',
      codec: 'H264',
      bytes: [...unit(0x67), ...unit(0x68)],
      alone: true,
    },
    {
      name: 'SPS, PPS and an IDR slice',
      codec: 'H264',
      bytes: [...unit(0x67), ...unit(0x68), ...unit(0x65)],
      alone: false,
    },
    { name: 'a slice of another picture', codec: 'H264', bytes: unit(0x41), alone: false },
    {
      name: 'VPS, SPS and PPS alone',
      codec: 'HEVC',
      bytes: [...unit(0x40), ...unit(0x42), ...unit(0x44)],
      alone: true,
    },
    { name: 'an IDR_W_RADL slice', codec: 'HEVC', bytes: unit(0x26), alone: false },
    { name: 'H264 without start codes', codec: 'H264', bytes: [0, 0, 0, 9, 0x65], alone: false },
    { name: 'a format without such units', codec: 'FWHT', bytes: unit(0x67), alone: false },
  ])
  .run(({ assert }, { codec, bytes, alone }) => {
    assert.equal(isHeadersAlone(fourcc(codec), Buffer.from(bytes)), alone);
  });

test('zeros are told from a single other byte, wherever it is', ({ assert }) => {
  const bytes = Buffer.alloc(200_000);
  assert.isTrue(isAllZero(bytes));
  for (const at of [0, 65_535, 65_536, 199_999]) {
    bytes[at] = 1;
    assert.isFalse(isAllZero(bytes));
    bytes[at] = 0;
  }
});
