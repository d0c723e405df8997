import { test } from '@japa/runner';
import fc from 'fast-check';
import { synthesize } from './synthesize.ts';
import { anyPossibleBoards, anyUnits } from './testing/arbitrary.ts';
import { holdsForAll } from './testing/brute-force.ts';
import type { ProviderClass, Synthesis, Unit } from './types.ts';

/** Too large to try all orders; the answers are known from how the worlds are made. */
const PROVIDERS = Array.from({ length: 12 }, (_, index) => `heap:${index}`);
const heap = (index: number): string => PROVIDERS[index % PROVIDERS.length] ?? '';

/** A use case that wants the first heap tried before the second, or the first one tried at all. */
type Wish = readonly [good: number, bad?: number];
type Boards = readonly (readonly Wish[])[];

const unitsOf = (boards: Boards): Unit[] =>
  boards.flatMap((wishes, board) =>
    wishes.map(([good, bad], useCase) => ({
      board: `board-${board}`,
      useCase: `use-${useCase}`,
      classes: new Map<string, ProviderClass>([
        ...(bad === undefined ? [] : [[heap(bad), 'bad'] as const]),
        [heap(good), 'good'],
      ]),
    })),
  );

/** All 45 pairs of ten heaps. The other two are left to set whole worlds against each other. */
const PAIRS = Array.from({ length: 10 }, (_, high) =>
  Array.from({ length: high }, (__, low) => [low, high] as const),
).flat();

/** Two boards for each pair, that want it either way, and the same wish besides. */
const eitherWay = (pairs: typeof PAIRS, ...besides: readonly Wish[]): Boards =>
  pairs.flatMap(([low, high]) => [
    [[low, high], ...besides],
    [[high, low], ...besides],
  ]);

/** Time of our own, so that a busy machine fails nothing. Milliseconds. */
function timed(units: readonly Unit[]): { found: Synthesis; ms: number } {
  const start = process.cpuUsage();
  const found = synthesize(units, PROVIDERS);
  return { found, ms: process.cpuUsage(start).user / 1000 };
}

test.group('synthesis of hard worlds', () => {
  /** Many orders are equally good in these, so that nothing but a bound ends the search. */
  const worlds: readonly { name: string; boards: Boards; fewest: number; conflict: number }[] = [
    {
      name: 'two boards for each pair, which want it either way',
      boards: eitherWay(PAIRS),
      fewest: 45,
      conflict: 2,
    },
    {
      name: 'the same, and a heap that all want, and that breaks one board if it is the first',
      boards: [...eitherWay(PAIRS, [11]), [[0, 11]]],
      fewest: 45,
      conflict: 2,
    },
    {
      name: 'the same, and one board against all others',
      boards: [...eitherWay(PAIRS, [11, 10]), [[10, 11]]],
      fewest: 46,
      conflict: 2,
    },
    {
      name: 'four boards for each of 25 pairs, which want two pairs in all four ways',
      boards: [
        ...eitherWay(PAIRS.slice(0, 25), [11, 10]),
        ...eitherWay(PAIRS.slice(0, 25), [10, 11]),
      ],
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
      const units = unitsOf(boards);
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
