import { fewestExceptions } from './fewest-exceptions.ts';
import { bitsOf, type Rule } from './rule.ts';
import { shortestOrder } from './shortest-order.ts';
import { smallestConflict } from './smallest-conflict.ts';
import type { BoardOrder, Conflict, ImpossibleBoard, Synthesis, Unit } from './types.ts';

/**
 * The searches walk sets of providers. With 12 of them and 100 boards of 10 use cases that is well
 * below a second; with 20, of whose sets there are a million, most such worlds take as long, but some
 * in which nearly every order is equally good take minutes.
 */
export const MAX_PROVIDERS = 20;

/**
 * The shortest order of providers with which a program ends well on every unit, or why there is none
 * and what comes closest. Exact, and the same whatever order the units come in. Without units it is
 * the empty order.
 * @param providers what an order may name, each once, the preferred one first. What units say of
 *   others is left out.
 * @throws RangeError where there are more than `MAX_PROVIDERS`, or one is named twice.
 */
export function synthesize(units: readonly Unit[], providers: readonly string[]): Synthesis {
  checkProviders(providers);
  const named = (bits: readonly number[]) => bits.flatMap((bit) => providers.slice(bit, bit + 1));
  const orderFor = (rules: readonly Rule[]) => {
    const bits = shortestOrder(rules);
    return bits && named(bits);
  };
  const conflictOf = (rules: readonly UnitRule[]): Conflict =>
    (smallestConflict(rules) ?? []).map(({ board, useCase, good, bad }) => ({
      board,
      useCase,
      good: named(bitsOf(good)),
      bad: named(bitsOf(bad)),
    }));

  const all = units.map((unit) => ruleOf(unit, providers)).sort(byName);
  const order = orderFor(all);
  if (order) return { kind: 'order', order };
  const conflict = conflictOf(all);

  const possible: (BoardOrder & { readonly rules: readonly UnitRule[] })[] = [];
  const impossible: ImpossibleBoard[] = [];
  for (const [board, rules] of Map.groupBy(all, (rule) => rule.board)) {
    const own = orderFor(rules);
    if (own) possible.push({ board, order: own, rules });
    else impossible.push({ board, conflict: conflictOf(rules) });
  }
  if (impossible.length > 0) return { kind: 'none', impossible, conflict };

  const excepted = new Set(fewestExceptions(possible.map(({ rules }) => rules)));
  const rest = orderFor(possible.flatMap(({ rules }, index) => (excepted.has(index) ? [] : rules)));
  if (!rest) throw new Error('an order for the boards that are not exceptions was found and lost');
  const exceptions = possible
    .filter((_, index) => excepted.has(index))
    .map(({ board, order: own }) => ({ board, order: own }));
  return { kind: 'exceptions', order: rest, exceptions, conflict };
}

interface UnitRule extends Rule {
  readonly board: string;
  readonly useCase: string;
}

function ruleOf({ board, useCase, classes }: Unit, providers: readonly string[]): UnitRule {
  const setOf = (wanted: 'good' | 'bad') =>
    providers.reduce(
      (set, name, bit) => (classes.get(name) === wanted ? set | (1 << bit) : set),
      0,
    );
  return { board, useCase, good: setOf('good'), bad: setOf('bad') };
}

/** By code units, so that the machine's language changes nothing. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The last two only tell apart what has been given twice. */
const byName = (a: UnitRule, b: UnitRule): number =>
  compare(a.board, b.board) || compare(a.useCase, b.useCase) || a.good - b.good || a.bad - b.bad;

function checkProviders(providers: readonly string[]): void {
  const { length } = providers;
  if (length > MAX_PROVIDERS) {
    throw new RangeError(
      `${length} providers to make an order of: no more than ${MAX_PROVIDERS} can be searched ` +
        'exactly; name only those that come into question',
    );
  }
  const twice = providers.find((name, index) => providers.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new RangeError(
      `the provider ${twice} is named twice: name it where it is preferred most`,
    );
  }
}
