import { test } from '@japa/runner';
import { compareCrcs } from './kms-crc.ts';

test('a checksum counts only where another picture has another one', ({ assert }) => {
  assert.throws(
    () => compareCrcs({ got: '0x1', expected: '0x1', other: '0x1' }),
    /another picture/,
  );
  assert.throws(
    () => compareCrcs({ got: '0x2', expected: '0x1', other: '0x1' }),
    /another picture/,
  );
  assert.include(compareCrcs({ got: '0x1', expected: '0x1', other: '0x2' }), {
    compared: 1,
    wrong: 0,
  });
  const wrong = compareCrcs({ got: '0x2', expected: '0x1', other: '0x2' });
  assert.equal(wrong.wrong, 1);
  assert.include(wrong.first, { expected: '0x1', got: '0x2' });
});
