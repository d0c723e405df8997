import { bitsOf, canBeKept, isOpen, type Rule } from './rule.ts';

/**
 * The shortest order that keeps all rules, as numbers of bits; of several the first by preference,
 * provider by provider. Null where there is none.
 *
 * A breadth-first search over sets of tried providers, since which rules are open hangs on the set
 * alone. Sets of one size are reached in the order of the most preferred way to them, so the first
 * set that leaves nothing open is reached by the order that is asked for. A provider that is good for
 * no open rule is never tried: a shortest order does without.
 */
export function shortestOrder(rules: readonly Rule[]): number[] | null {
  // Else every set that can be tried would be walked in vain.
  if (!canBeKept(rules)) return null;
  /** Each set that was reached, and the provider that was tried last. Grows while it is walked. */
  const reached = new Map<number, number>([[0, -1]]);
  for (const tried of reached.keys()) {
    let open = false;
    let useful = 0;
    let harmful = 0;
    for (const rule of rules) {
      if (!isOpen(rule, tried)) continue;
      open = true;
      useful |= rule.good;
      harmful |= rule.bad;
    }
    if (!open) return wayTo(tried, reached);
    for (const bit of bitsOf(useful & ~harmful)) {
      const next = tried | (1 << bit);
      if (!reached.has(next)) reached.set(next, bit);
    }
  }
  return null;
}

function wayTo(end: number, reached: ReadonlyMap<number, number>): number[] {
  const way: number[] = [];
  for (let set = end; set !== 0; ) {
    const last = reached.get(set) ?? 0;
    way.push(last);
    set &= ~(1 << last);
  }
  return way.reverse();
}
