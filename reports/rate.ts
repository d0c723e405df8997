import {
  type Claim,
  claimFits,
  claimWords,
  type Rate,
  rateWords,
  type Seen,
} from '../suites/claim.ts';
import { atLeast, atMost, holm, type Share } from './gate/statistics.ts';
import { pWords } from './gate/words.ts';

/** How often a cell came out as claimed, and how often it is claimed to. */
export interface RateSeen {
  readonly claim: Claim;
  readonly rate: Rate;
  readonly share: Share;
}

/** That a share contradicts a rate. */
export interface Contradiction {
  /** The end of the rate that it lies beyond. */
  readonly end: keyof Rate;
  /** One-sided binomial test against that end, after Holm's correction. */
  readonly p: number;
  /** How many tests it was corrected for. */
  readonly tests: number;
}

/**
 * Null where no rate is claimed, or nothing was tried.
 * @param results what attempts that were made came to, and how many of them.
 */
export function rateSeen(
  claim: Claim | null,
  results: readonly (Seen & { readonly attempts: number })[],
): RateSeen | null {
  if (!claim?.rate) return null;
  const share = { hits: 0, tries: 0 };
  for (const result of results) {
    share.tries += result.attempts;
    if (claimFits(claim, result)) share.hits += result.attempts;
  }
  return share.tries ? { claim, rate: claim.rate, share } : null;
}

/** Which of these shares contradict their rates, at that level of all tests together. */
export function contradictions<K>(
  seen: ReadonlyMap<K, RateSeen>,
  alpha: number,
): Map<K, Contradiction> {
  const tests = [...seen].flatMap(([key, { rate, share }]) =>
    endsOf(rate).map((end) => ({ key, end, p: tailOf(share, rate, end) })),
  );
  const adjusted = holm(
    tests.map(({ p }) => p),
    tests.length,
  );
  return new Map(
    tests.flatMap(({ key, end }, index): [K, Contradiction][] => {
      const p = adjusted[index] ?? 1;
      return p <= alpha ? [[key, { end, p, tests: tests.length }]] : [];
    }),
  );
}

/** Ends that some share could lie beyond. */
const endsOf = ({ min, max }: Rate): (keyof Rate)[] => [
  ...(min > 0 ? (['min'] as const) : []),
  ...(max < 1 ? (['max'] as const) : []),
];

const tailOf = (share: Share, rate: Rate, end: keyof Rate) =>
  end === 'min' ? atMost(share, rate.min) : atLeast(share, rate.max);

/** Whether that is to the worse: less of what passes, or more of what does not. */
export const isWorse = ({ outcome }: Claim, { end }: Contradiction): boolean =>
  outcome.includes('pass') === (end === 'min');

/** `14 of 20 passed, as expected: 60 to 95 %`, `3 of 20 passed, expected at least 60 %: p 0.0001`. */
export function shareWords({ claim, rate, share }: RateSeen, against?: Contradiction): string {
  const onlyPass = claim.outcome.every((one) => one === 'pass');
  const what = onlyPass ? 'passed' : claimWords({ ...claim, rate: null });
  const seen = `${share.hits} of ${share.tries} ${what}`;
  if (!against) return `${seen}, as expected: ${rateWords(rate)}`;
  const { end, p, tests } = against;
  const beyond = rateWords({ min: 0, max: 1, [end]: rate[end] });
  const corrected = tests > 1 ? ` (corrected for ${tests} tests)` : '';
  return `${seen}, expected ${beyond}: p ${pWords(p)}${corrected}`;
}
