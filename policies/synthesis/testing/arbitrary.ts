import fc from 'fast-check';
import type { ProviderClass, Unit } from '../types.ts';

export interface World {
  readonly units: readonly Unit[];
  readonly providers: readonly string[];
}

const NAMES = ['udmabuf', 'heap:linux,cma', 'heap:system', 'dumb', 'gbm'] as const;

const classes = (weights: Record<ProviderClass, number>): fc.Arbitrary<ProviderClass> =>
  fc.oneof(
    { arbitrary: fc.constant('good' as const), weight: weights.good },
    { arbitrary: fc.constant('bad' as const), weight: weights.bad },
    { arbitrary: fc.constant('skip' as const), weight: weights.skip },
  );

/** From sparse to dense, and from easy to impossible. */
const WEIGHTS = [
  { good: 1, bad: 1, skip: 1 },
  { good: 1, bad: 1, skip: 4 },
  { good: 3, bad: 1, skip: 1 },
  { good: 3, bad: 1, skip: 6 },
] as const;

/**
 * A use case that is well on some order. `order` is what its board prefers: what comes first in it and
 * is not skipped is good, so that a board's units can always be kept together.
 */
const unitWithin = (
  order: readonly string[],
  of: fc.Arbitrary<ProviderClass>,
): fc.Arbitrary<Unit['classes']> =>
  fc.array(of, { minLength: order.length, maxLength: order.length }).map((told) => {
    const entries = order.map((name, index) => [name, told[index] ?? 'skip'] as const);
    const first = entries.findIndex(([, it]) => it !== 'skip');
    return new Map(
      entries.map(([name, it], index) =>
        index === first || (first < 0 && index === 0) ? [name, 'good'] : [name, it],
      ),
    );
  });

const unitOf = (providers: readonly string[], of: fc.Arbitrary<ProviderClass>) =>
  fc
    .array(of, { minLength: providers.length, maxLength: providers.length })
    .map((told) => new Map(providers.map((name, index) => [name, told[index] ?? 'skip'])));

interface Size {
  /** What the vocabulary is taken from. */
  readonly names?: readonly string[];
  readonly minNames?: number;
  readonly minBoards?: number;
  readonly boards: number;
  /** Of each board. */
  readonly useCases: number;
}

function anyWorld(
  { names = NAMES, minNames = 1, minBoards = 1, boards }: Size,
  anyBoard: (
    providers: string[],
    of: fc.Arbitrary<ProviderClass>,
  ) => fc.Arbitrary<Unit['classes'][]>,
): fc.Arbitrary<World> {
  // Shuffled, as the order by preference must not be taken for that of the alphabet.
  const anyProviders = fc.shuffledSubarray([...names], { minLength: minNames });
  return fc.tuple(anyProviders, fc.constantFrom(...WEIGHTS)).chain(([providers, weights]) =>
    fc
      .array(anyBoard(providers, classes(weights)), {
        minLength: minBoards,
        maxLength: boards,
        size: 'max',
      })
      .map((told) => ({
        providers,
        units: told.flatMap((some, board) =>
          some.map((one, useCase) => ({
            board: `board-${board}`,
            useCase: `use-${useCase}`,
            classes: one,
          })),
        ),
      })),
  );
}

/** Anything, boards included that no order is good for. */
export const anyUnits = (size: Size): fc.Arbitrary<World> =>
  anyWorld(size, (providers, of) =>
    fc.array(unitOf(providers, of), { minLength: 1, maxLength: size.useCases, size: 'max' }),
  );

/** Each board has an order of its own, and most have one that differs from the others'. */
export const anyPossibleBoards = (size: Size): fc.Arbitrary<World> =>
  anyWorld(size, (providers, of) =>
    fc
      .shuffledSubarray(providers, { minLength: providers.length })
      .chain((order) =>
        fc.array(unitWithin(order, of), { minLength: 1, maxLength: size.useCases, size: 'max' }),
      ),
  );

/** Each use case only wants one provider before another: much hangs on what was tried before. */
export const anyPrecedences = (size: Size): fc.Arbitrary<World> =>
  anyWorld(size, (providers) =>
    fc.shuffledSubarray(providers, { minLength: providers.length }).chain((order) =>
      fc.array(
        fc.subarray(order, { minLength: 2, maxLength: 2 }).map(
          ([first = '', second = '']) =>
            new Map<string, ProviderClass>([
              [first, 'good'],
              [second, 'bad'],
            ]),
        ),
        { minLength: 1, maxLength: size.useCases, size: 'max' },
      ),
    ),
  );
