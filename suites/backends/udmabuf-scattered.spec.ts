import { test } from '@japa/runner';
import fc from 'fast-check';
import { scatteredOrder } from './udmabuf-scattered.ts';

test('every page comes once, and the first one again at the end', ({ assert }) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), (pages) => {
      const order = scatteredOrder(pages);
      assert.equal(order.length, pages + 1);
      assert.equal(order.at(-1), order[0]);
      assert.equal(new Set(order).size, pages);
      assert.isTrue(order.every((page) => page >= 0 && page < pages));
    }),
  );
});

// 7918 = 2 * 37 * 107: modulo its divisors the multiplier is 1 and would permute nothing.
test('neighbouring pages do not stay neighbours')
  .with([3, 37, 74, 107, 113, 300, 760, 3959, 7918, 7919, 2 * 7919])
  .run(({ assert }, pages) => {
    const order = scatteredOrder(pages).slice(0, -1);
    const kept = order.filter((page, index) => index > 0 && page === (order[index - 1] ?? 0) + 1);
    assert.isAtMost(kept.length, 1);
  });
