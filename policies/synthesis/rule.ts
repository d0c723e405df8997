/**
 * What one unit asks of an order, its providers being bits (bit n is the n-th of the vocabulary):
 * the first provider of `good` and `bad` that the order names is one of `good`.
 */
export interface Rule {
  readonly good: number;
  /** Shares no bit with `good`. */
  readonly bad: number;
}

/** The bits of a set, the most preferred provider first. */
export function bitsOf(set: number): number[] {
  const bits: number[] = [];
  for (let rest = set; rest !== 0; rest &= rest - 1) bits.push(31 - Math.clz32(rest & -rest));
  return bits;
}

/** Whether a rule is neither kept nor broken by trying these providers, whatever their order. */
export const isOpen = ({ good, bad }: Rule, tried: number): boolean => ((good | bad) & tried) === 0;

/** The providers that are good for one of the rules. Trying another would never help. */
export const usefulFor = (rules: readonly Rule[]): number =>
  rules.reduce((set, { good }) => set | good, 0);

/**
 * The largest set of useful providers that some order can try without breaking a rule. All rules can
 * be kept by one order exactly when it leaves none of them open.
 *
 * Takes whatever breaks no open rule, until nothing is left to take. That finds all: what breaks
 * nothing now breaks nothing later either, since trying others only closes rules.
 */
export function safeSet(rules: readonly Rule[]): number {
  const useful = usefulFor(rules);
  let tried = 0;
  for (;;) {
    let harmful = 0;
    for (const rule of rules) if (isOpen(rule, tried)) harmful |= rule.bad;
    const grown = tried | (useful & ~harmful);
    if (grown === tried) return tried;
    tried = grown;
  }
}

/** Whether one order keeps all rules. */
export function canBeKept(rules: readonly Rule[]): boolean {
  const safe = safeSet(rules);
  return !rules.some((rule) => isOpen(rule, safe));
}

/**
 * The rules that say the most: an order that keeps them keeps all. A rule with more good and fewer
 * bad providers follows from one with less of the former and more of the latter.
 */
export function strongest(rules: readonly Rule[]): Rule[] {
  const kept: Rule[] = [];
  for (const rule of rules) {
    if (kept.some((other) => follows(rule, other))) continue;
    const still = kept.filter((other) => !follows(other, rule));
    kept.splice(0, kept.length, ...still, rule);
  }
  return kept;
}

const follows = (rule: Rule, from: Rule): boolean =>
  (from.good & ~rule.good) === 0 && (rule.bad & ~from.bad) === 0;
