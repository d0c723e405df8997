/** How often something held among independent tries. */
export interface Share {
  readonly hits: number;
  readonly tries: number;
}

/** The 97.5 % point of the normal distribution: intervals are of 95 %. */
const Z = 1.959963984540054;

/**
 * Wilson's score interval of a share, 95 %, both ends from 0 to 1.
 * Source: E. B. Wilson, JASA 22 (1927) 209. @throws RangeError without tries.
 */
export function wilson({ hits, tries }: Share): readonly [number, number] {
  if (tries < 1 || hits < 0 || hits > tries)
    throw new RangeError(`no share: ${hits} of ${tries} tries`);
  const rate = hits / tries;
  const scale = 1 + Z ** 2 / tries;
  const middle = (rate + Z ** 2 / (2 * tries)) / scale;
  const half = (Z / scale) * Math.sqrt((rate * (1 - rate)) / tries + Z ** 2 / (4 * tries ** 2));
  // The formula gives these ends exactly; floating point does not.
  return [hits === 0 ? 0 : middle - half, hits === tries ? 1 : middle + half];
}

/**
 * Fisher's exact test, two-sided: how likely a table at most as likely as this one is, where both
 * shares are the same and the margins are given. In whole numbers, so that ties are ties.
 * Source: R. A. Fisher, The Design of Experiments (1935); the same sum as R's fisher.test().
 */
export function fisher(a: Share, b: Share): number {
  const hits = a.hits + b.hits;
  const least = Math.max(0, hits - b.tries);
  const most = Math.min(a.tries, hits);
  const weights: bigint[] = [];
  let weight = choose(a.tries, least) * choose(b.tries, hits - least);
  for (let x = least; x <= most; x += 1) {
    weights.push(weight);
    // C(n,x+1) = C(n,x)(n-x)/(x+1) for the one side, and the inverse for the other.
    weight =
      (weight * BigInt(a.tries - x) * BigInt(hits - x)) /
      (BigInt(x + 1) * BigInt(b.tries - hits + x + 1));
  }
  const own = weights[a.hits - least] ?? 0n;
  const tail = weights.reduce((sum, next) => (next <= own ? sum + next : sum), 0n);
  return ratio(tail, choose(a.tries + b.tries, hits));
}

/**
 * How likely at most so many hits are where each try hits with that probability, by the binomial
 * distribution: the sum of all cases, each from the one before it, in logarithms.
 */
export function atMost({ hits, tries }: Share, probability: number): number {
  if (hits >= tries || probability <= 0) return 1;
  if (probability >= 1) return 0;
  const odds = Math.log(probability) - Math.log1p(-probability);
  let log = tries * Math.log1p(-probability);
  let sum = 0;
  for (let k = 0; k <= hits; k += 1) {
    sum += Math.exp(log);
    log += odds + Math.log((tries - k) / (k + 1));
  }
  return Math.min(1, sum);
}

/** The same of at least so many. */
export const atLeast = ({ hits, tries }: Share, probability: number): number =>
  atMost({ hits: tries - hits, tries }, 1 - probability);

function choose(n: number, k: number): bigint {
  let result = 1n;
  for (let i = 1; i <= Math.min(k, n - k); i += 1)
    result = (result * BigInt(n - i + 1)) / BigInt(i);
  return result;
}

/** a/b as a number, to its full precision however small it is. */
function ratio(a: bigint, b: bigint): number {
  const shift = Math.max(0, bits(b) - bits(a)) + 64;
  return Number((a << BigInt(shift)) / b) * 2 ** -shift;
}

const bits = (value: bigint) => value.toString(16).length * 4;

/**
 * Holm's step-down correction: p-values that may each be held against one significance level.
 * @param of how many tests there were; those that are not in `values` had a p of 1.
 * Source: S. Holm, Scand. J. Statist. 6 (1979) 65.
 */
export function holm(values: readonly number[], of: number): number[] {
  const order = values.map((_, index) => index).sort((a, b) => at(values, a) - at(values, b));
  const adjusted: number[] = new Array(values.length).fill(1);
  let last = 0;
  order.forEach((index, rank) => {
    last = Math.max(last, Math.min(1, (of - rank) * at(values, index)));
    adjusted[index] = last;
  });
  return adjusted;
}

const at = (values: readonly number[], index: number) => values[index] ?? 1;

/**
 * How many attempts a cell needs on either side before a change from always to never can reach
 * `alpha` among `cells` that are compared.
 */
export function attemptsToConfirm(alpha: number, cells: number): number {
  for (let n = 1; n < 1000; n += 1)
    if (fisher({ hits: n, tries: n }, { hits: 0, tries: n }) * cells <= alpha) return n;
  return 1000;
}
