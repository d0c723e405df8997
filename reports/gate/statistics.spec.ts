import { test } from '@japa/runner';
import fc from 'fast-check';
import {
  atLeast,
  atMost,
  attemptsToConfirm,
  fisher,
  holm,
  type Share,
  wilson,
} from './statistics.ts';

/** Every way to place that many hits among so many tries, one bit a try. */
function* placings(tries: number, hits: number): Iterable<number> {
  for (let bits = 0; bits < 2 ** tries; bits += 1) if (ones(bits) === hits) yield bits;
}
const ones = (bits: number) => bits.toString(2).replaceAll('0', '').length;

/** A generator of our own, so that a test comes out the same every time. */
function generator(): () => number {
  let seed = 12345;
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
}

/** Fisher's test by going through all placings: the first tries are `a`'s. */
function byEnumeration(a: Share, b: Share): number {
  const counts = new Map<number, number>();
  let all = 0;
  for (const bits of placings(a.tries + b.tries, a.hits + b.hits)) {
    const own = ones(bits & (2 ** a.tries - 1));
    counts.set(own, (counts.get(own) ?? 0) + 1);
    all += 1;
  }
  const seen = counts.get(a.hits) ?? 0;
  const tail = [...counts.values()].filter((count) => count <= seen);
  return tail.reduce((sum, count) => sum + count, 0) / all;
}

const share = (most: number): fc.Arbitrary<Share> =>
  fc
    .integer({ min: 1, max: most })
    .chain((tries) => fc.record({ tries: fc.constant(tries), hits: fc.nat({ max: tries }) }));

test.group('Fisher’s exact test', () => {
  test('is what going through all placings gives, in every table of up to 6 and 6', ({
    assert,
  }) => {
    let tables = 0;
    for (let n = 1; n <= 6; n += 1)
      for (let m = 1; m <= 6; m += 1)
        for (let i = 0; i <= n; i += 1)
          for (let j = 0; j <= m; j += 1) {
            const [a, b] = [
              { hits: i, tries: n },
              { hits: j, tries: m },
            ];
            assert.closeTo(fisher(a, b), byEnumeration(a, b), 1e-12, JSON.stringify([a, b]));
            tables += 1;
          }
    assert.equal(tables, 729);
  });

  test('gives the figures that R’s documentation has', ({ assert }) => {
    // ?fisher.test: the tea tasting (3,1;1,3), and the convictions (2,15;10,3).
    assert.closeTo(fisher({ hits: 3, tries: 4 }, { hits: 1, tries: 4 }), 0.4857, 5e-5);
    assert.closeTo(fisher({ hits: 2, tries: 12 }, { hits: 15, tries: 18 }), 0.0005367, 5e-8);
  });

  test('does not hang on which side is first, nor on what counts as a hit', ({ assert }) => {
    fc.assert(
      fc.property(share(40), share(40), (a, b) => {
        const p = fisher(a, b);
        const misses = ({ hits, tries }: Share) => ({ hits: tries - hits, tries });
        assert.equal(fisher(b, a), p);
        assert.equal(fisher(misses(a), misses(b)), p);
        assert.isTrue(p > 0 && p <= 1);
      }),
    );
  });

  test('keeps its precision where the value is tiny', ({ assert }) => {
    const p = fisher({ hits: 300, tries: 300 }, { hits: 0, tries: 300 });
    // 2 / C(600,300), by Stirling's series to three terms.
    const log2 = 600 - Math.log2(Math.PI * 300) / 2 - Math.LOG2E / (8 * 300);
    assert.closeTo(Math.log2(p), 1 - log2, 1e-6);
  });
});

test.group('Wilson’s interval', () => {
  test('gives known figures, and ends at 0 and 1', ({ assert }) => {
    // R. G. Newcombe, Statist. Med. 17 (1998) 857, table I, method 3.
    for (const [hits, tries, low, high] of [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const) {
      const [from, to] = wilson({ hits, tries });
      assert.closeTo(from, low, 5e-5);
      assert.closeTo(to, high, 5e-5);
    }
    assert.equal(wilson({ hits: 7, tries: 7 })[1], 1);
    assert.throws(() => wilson({ hits: 0, tries: 0 }), RangeError);
  });

  test('holds the true rate about as often as it says', ({ assert }) => {
    const random = generator();
    for (const rate of [0.1, 0.5, 0.9]) {
      let inside = 0;
      for (let run = 0; run < 4000; run += 1) {
        let hits = 0;
        for (let i = 0; i < 30; i += 1) if (random() < rate) hits += 1;
        const [low, high] = wilson({ hits, tries: 30 });
        if (low <= rate && rate <= high) inside += 1;
      }
      assert.isAbove(inside / 4000, 0.92, `rate ${rate}`);
      assert.isBelow(inside / 4000, 0.99, `rate ${rate}`);
    }
  });
});

test.group('the binomial distribution', () => {
  test('is what going through all outcomes gives, of up to 10 tries', ({ assert }) => {
    for (const p of [0.1, 0.5, 0.6, 0.95])
      for (let tries = 1; tries <= 10; tries += 1) {
        const weights = Array.from({ length: 2 ** tries }, (_, bits) => ({
          hits: ones(bits),
          weight: p ** ones(bits) * (1 - p) ** (tries - ones(bits)),
        }));
        const sum = (of: (hits: number) => boolean) =>
          weights.reduce((all, { hits, weight }) => (of(hits) ? all + weight : all), 0);
        for (let hits = 0; hits <= tries; hits += 1) {
          const share = { hits, tries };
          assert.closeTo(
            atMost(share, p),
            sum((n) => n <= hits),
            1e-12,
          );
          assert.closeTo(
            atLeast(share, p),
            sum((n) => n >= hits),
            1e-12,
          );
        }
      }
  });

  test('gives the figures that R gives, tiny and of many tries', ({ assert }) => {
    // By hand: 0.4^20, and the one outcome with no hit of 10000 tries.
    assert.closeTo(atMost({ hits: 0, tries: 20 }, 0.6) / 0.4 ** 20, 1, 1e-9);
    assert.closeTo(
      Math.log(atMost({ hits: 0, tries: 10_000 }, 0.05)),
      10_000 * Math.log(0.95),
      1e-6,
    );
    // The median of a symmetric distribution, whose middle outcome is C(10000,5000)/2^10000.
    assert.closeTo(atMost({ hits: 5000, tries: 10_000 }, 0.5), 0.5 + 0.0079786 / 2, 1e-6);
  });

  test('has ends that are certain', ({ assert }) => {
    assert.equal(atMost({ hits: 4, tries: 4 }, 0.3), 1);
    assert.equal(atMost({ hits: 3, tries: 4 }, 1), 0);
    assert.equal(atMost({ hits: 0, tries: 4 }, 0), 1);
    assert.equal(atLeast({ hits: 0, tries: 4 }, 0.3), 1);
    assert.equal(atLeast({ hits: 1, tries: 4 }, 0), 0);
  });
});

test.group('Holm’s correction', () => {
  test('is the step-down by hand', ({ assert }) => {
    const adjusted = holm([0.04, 0.01, 0.03, 0.005], 4);
    [0.06, 0.03, 0.06, 0.02].forEach((wanted, index) => {
      assert.closeTo(adjusted[index] ?? Number.NaN, wanted, 1e-12);
    });
    assert.closeTo(holm([0.01], 10)[0] ?? 0, 0.1, 1e-12);
  });

  test('lies between no correction and Bonferroni’s, and keeps the order', ({ assert }) => {
    const ps = fc.array(fc.double({ min: 1e-9, max: 1, noNaN: true }), { maxLength: 30 });
    fc.assert(
      fc.property(ps, fc.nat({ max: 50 }), (values, more) => {
        const of = values.length + more;
        const adjusted = holm(values, of);
        values.forEach((p, index) => {
          const own = adjusted[index] ?? Number.NaN;
          assert.isTrue(own >= p && own <= Math.min(1, p * of) + 1e-15);
          values.forEach((other, at) => {
            if (other <= p) assert.isTrue((adjusted[at] ?? Number.NaN) <= own);
          });
        });
      }),
    );
  });
});

test('tells how many attempts a change needs, and no fewer', ({ assert }) => {
  assert.equal(attemptsToConfirm(0.05, 1), 4);
  for (const cells of [1, 30, 2000]) {
    const n = attemptsToConfirm(0.05, cells);
    const p = (tries: number) => fisher({ hits: tries, tries }, { hits: 0, tries }) * cells;
    assert.isTrue(p(n) <= 0.05 && p(n - 1) > 0.05, `${n} for ${cells}`);
  }
});
