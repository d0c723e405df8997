import { test } from '@japa/runner';
import type { VerifyFacts } from '../record.ts';
import { both } from './egl-look.ts';

const facts = (compared: number, wrong: number): VerifyFacts => ({
  compared,
  wrong,
  tolerance: 0,
  control: 'none',
  ...(wrong ? { first: { x: compared, y: 0, expected: '00', got: '01' } } : {}),
});

test('a large picture is right when both its reading and its drawing are', ({ assert }) => {
  assert.deepEqual(both(facts(2_073_600, 0), facts(129_600, 0)), facts(2_073_600, 0));
  assert.deepEqual(both(facts(2_073_600, 1), facts(129_600, 0)), facts(2_073_600, 1));
  assert.deepEqual(both(facts(2_073_600, 3), facts(129_600, 2)), facts(2_073_600, 3));
  const drawnWrong = both(facts(2_073_600, 0), facts(129_600, 2));
  assert.deepEqual(drawnWrong, { ...facts(129_600, 2), compared: 2_073_600 });
});
