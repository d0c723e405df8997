import { bitsOf, isOpen, type Rule, safeSet, strongest } from './rule.ts';

/**
 * The fewest rules that no order keeps, in their order; of several such sets the one that comes first
 * in the order of the rules. Null where one order keeps all rules.
 *
 * Rules cannot be kept together exactly when there are some among them of which every good provider
 * is bad for another one: the first provider of theirs that an order names breaks one, and an order
 * that names none keeps none. (The other way round: those that `safeSet` leaves open are such rules.)
 * So all that counts of a few rules is which providers are good but not yet outweighed, and which are
 * bad. They are a conflict when the former set is empty, and only a rule for which a provider is bad
 * can outweigh it: over these the search branches, for one more rule each time.
 */
export function smallestConflict<R extends Rule>(rules: readonly R[]): readonly R[] | null {
  const safe = safeSet(rules);
  // A rule with a safe provider is in no conflict: the first that is tried would break another of it.
  const inside = rules.filter((rule) => isOpen(rule, safe));
  if (inside.length === 0) return null;
  const canEnd = endings(strongest(inside));
  let size = 1;
  while (!inside.some((rule) => canEnd(join(NOTHING, rule), size - 1))) size++;

  const chosen: R[] = [];
  let joined = NOTHING;
  for (const rule of inside) {
    const next = join(joined, rule);
    if (!canEnd(next, size - chosen.length - 1)) continue;
    chosen.push(rule);
    joined = next;
    if (chosen.length === size) break;
  }
  return chosen;
}

/** A few rules together; `good` is what is good for one of them and bad for none. */
type Joined = Rule;

const NOTHING: Joined = { good: 0, bad: 0 };

function join(one: Joined, other: Rule): Joined {
  const bad = one.bad | other.bad;
  return { good: (one.good | other.good) & ~bad, bad };
}

/** Tells whether some rules can become a conflict with at most so many more of `rules`. */
function endings(rules: readonly Rule[]): (joined: Joined, more: number) => boolean {
  const fewestToOutweigh = coverSize(rules.map(({ bad }) => bad));
  const against = new Map<number, readonly Rule[]>();
  const rulesAgainst = (bit: number): readonly Rule[] => {
    const known = against.get(bit) ?? rules.filter(({ bad }) => (bad & (1 << bit)) !== 0);
    against.set(bit, known);
    return known;
  };
  /** How many more were not enough. */
  const failed = new Map<number, number>();
  const canEnd = (joined: Joined, more: number): boolean => {
    if (joined.good === 0) return true;
    if (fewestToOutweigh(joined.good) > more) return false;
    const key = joined.good * 2 ** 20 + joined.bad;
    if ((failed.get(key) ?? 0) >= more) return false;
    const [next = []] = bitsOf(joined.good)
      .map(rulesAgainst)
      .sort((a, b) => a.length - b.length);
    if (next.some((rule) => canEnd(join(joined, rule), more - 1))) return true;
    failed.set(key, more);
    return false;
  };
  return canEnd;
}

/** The fewest of `sets` that together hold all bits of a set: a bound, as they may bring new ones. */
function coverSize(sets: readonly number[]): (set: number) => number {
  const distinct = [...new Set(sets)];
  const largest = distinct.filter(
    (set) => !distinct.some((other) => other !== set && (set & ~other) === 0),
  );
  const known = new Map<number, number>([[0, 0]]);
  const size = (set: number): number => {
    const before = known.get(set);
    if (before !== undefined) return before;
    const first = set & -set;
    let fewest = Number.POSITIVE_INFINITY;
    for (const one of largest) {
      if ((one & first) !== 0) fewest = Math.min(fewest, 1 + size(set & ~one));
    }
    known.set(set, fewest);
    return fewest;
  };
  return size;
}
