import { test } from '@japa/runner';
import fc from 'fast-check';
import { synthesize } from './synthesize.ts';
import { anyPossibleBoards, anyUnits } from './testing/arbitrary.ts';
import { holdsForAll } from './testing/brute-force.ts';
import type { Synthesis, Unit } from './types.ts';

/** Too large to try all orders; the answers are known from how the worlds are made. */
const PROVIDERS = Array.from({ length: 12 }, (_, index) => `heap:${index}`);
const heap = (index: number): string => PROVIDERS[index % PROVIDERS.length] ?? '';

/** A use case that wants one heap tried before another. */
type Before = readonly [number, number];

const boardsOf = (boards: readonly (readonly Before[])[]): Unit[] =>
  boards.flatMap((wants, board) =>
    wants.map(([good, bad], useCase) => ({
      board: `board-${board}`,
      useCase: `use-${useCase}`,
      classes: new Map([
        [heap(good), 'good'],
        [heap(bad), 'bad'],
      ]),
    })),
  );

/** All pairs of the first ten heaps. The other two are left to set whole worlds against each other. */
const PAIRS: readonly Before[] = Array.from({ length: 10 }, (_, high) =>
  Array.from({ length: high }, (__, low): Before => [low, high]),
).flat();
const reverse = ([good, bad]: Before): Before => [bad, good];

/** Time of our own, so that a busy machine fails nothing. Milliseconds. */
function timed(units: readonly Unit[]): { found: Synthesis; ms: number } {
  const start = process.cpuUsage();
  const found = synthesize(units, PROVIDERS);
  return { found, ms: process.cpuUsage(start).user / 1000 };
}

test.group('synthesis of hard worlds', () => {
  /** Many orders are equally good in these, so that nothing but a bound ends the search. */
  const worlds: readonly {
    name: string;
    boards: readonly (readonly Before[])[];
    fewest: number;
    conflict: number;
  }[] = [
    {
      name: 'two boards for each pair, which want it either way',
      boards: PAIRS.flatMap((pair) => [[pair], [reverse(pair)]]),
      fewest: 45,
      conflict: 2,
    },
    {
      name: 'the same, and one board against all others',
      boards: [
        ...PAIRS.flatMap(
          (pair) =>
            [
              [pair, [11, 10]],
              [reverse(pair), [11, 10]],
            ] as const,
        ),
        [[10, 11]],
      ],
      fewest: 46,
      conflict: 2,
    },
    {
      name: 'four boards for each of 25 pairs, which want two pairs in all four ways',
      boards: PAIRS.slice(0, 25).flatMap(
        (pair) =>
          [
            [pair, [11, 10]],
            [pair, [10, 11]],
            [reverse(pair), [11, 10]],
            [reverse(pair), [10, 11]],
          ] as const,
      ),
      fewest: 75,
      conflict: 2,
    },
    {
      name: 'eight times a ring of twelve, none of which can be kept whole',
      boards: Array.from({ length: 96 }, (_, index) => [[index, index + 1]] as const),
      fewest: 8,
      conflict: 12,
    },
  ];
  for (const { name, boards, fewest, conflict } of worlds) {
    test(`finds the fewest exceptions at once: ${name}`, ({ assert }) => {
      const units = boardsOf(boards);
      const { found, ms } = timed(units);
      if (found.kind !== 'exceptions') return assert.fail(`it is ${found.kind}`);
      assert.lengthOf(found.exceptions, fewest);
      assert.lengthOf(found.conflict, conflict);
      const excepted = new Set(found.exceptions.map(({ board }) => board));
      assert.isTrue(
        holdsForAll(
          found.order,
          units.filter(({ board }) => !excepted.has(board)),
        ),
      );
      assert.isBelow(ms, 1000);
    });
  }

  test('takes less than a second for 100 boards, 12 providers and 10 use cases', ({ assert }) => {
    const size = { names: PROVIDERS, minNames: 12, minBoards: 100, boards: 100, useCases: 10 };
    fc.assert(
      fc.property(fc.oneof(anyPossibleBoards(size), anyUnits(size)), ({ units }) => {
        const { found, ms } = timed(units);
        assert.isBelow(ms, 1000);
        if (found.kind === 'none') return;
        const own = found.kind === 'exceptions' ? found.exceptions : [];
        const orders = new Map(own.map(({ board, order }) => [board, order]));
        for (const unit of units) {
          assert.isTrue(holdsForAll(orders.get(unit.board) ?? found.order, [unit]));
        }
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });
});
