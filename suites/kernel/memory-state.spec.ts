import { readFileSync } from 'node:fs';
import { test } from '@japa/runner';
import { MemoryWatch } from './memory-state.ts';

/** A field of /proc/meminfo in KiB, read in another way. */
function field(name: string): number | null {
  const match = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(
    readFileSync('/proc/meminfo', 'latin1'),
  );
  return match ? Number(match[1]) : null;
}

test('a look says what /proc/meminfo says', ({ assert }) => {
  const watch = new MemoryWatch();
  const { cmaFreeKiB } = watch.look();
  const available = (field('MemAvailable') ?? 0) * 1024;
  // Other programs run beside the test.
  assert.closeTo(watch.availableBytes, available, available / 5);
  assert.equal(watch.cmaTotalKiB, field('CmaTotal') || null);
  assert.equal(cmaFreeKiB === null, field('CmaFree') === null);
});
