import { type BoardFacts, systemChange } from './board.ts';
import { type Court, courtOf, judgePolicy } from './judge.ts';
import type { Policy } from './policy.ts';
import type { UseCase } from './use-case.ts';
import type { User } from './user.ts';
import type { Verdict } from './verdict.ts';

/** A board on its newest system, and on the others that it was measured on, newest first. */
export interface BoardHistory {
  readonly now: BoardFacts;
  readonly before: readonly BoardFacts[];
}

/**
 * Every policy on every board for every use case. Where the program comes to another provider than
 * on an earlier system of the same board, that is a finding of its own, whatever the verdict.
 * @param user for whom; null: for the one as whom each board was measured.
 */
export function checkPolicies(
  boards: readonly BoardHistory[],
  policies: readonly Policy[],
  useCases: readonly UseCase[],
  user: User | null,
): Verdict[] {
  return boards.flatMap(({ now, before }) => {
    const court = courtOf(now, user);
    // For one user throughout: another one's rights are no change of the system.
    const earlier = before.map((facts) => courtOf(facts, user ?? now.inventory.user));
    return policies.flatMap((policy) =>
      useCases.map((useCase) => {
        const verdict = judgePolicy(court, policy, useCase);
        return { ...verdict, findings: driftOf(verdict, now, earlier, policy, useCase) };
      }),
    );
  });
}

function driftOf(
  verdict: Verdict,
  now: BoardFacts,
  earlier: readonly Court[],
  policy: Policy,
  useCase: UseCase,
): string[] {
  return earlier.flatMap((court) => {
    const then = judgePolicy(court, policy, useCase);
    if (!then.applies || !verdict.applies || then.provider === verdict.provider) return [];
    const name = (provider: string | null) => provider ?? 'no provider';
    const change = systemChange(court.facts.inventory, now.inventory);
    const text = `${policy.name} silently changes provider, from ${name(then.provider)} to ${name(verdict.provider)} (${change})`;
    return [then.verdict === verdict.verdict ? text : `${text}; it ${then.verdict} then`];
  });
}
