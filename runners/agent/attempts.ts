import type { Plan } from '../../suites/plan.ts';
import type { Attempt } from './job.ts';

/** What is left to try of a plan, in its order: each cell's attempts up to `repeat`, less those done. */
export function attemptsOf(plan: Plan, done: Readonly<Record<string, number>>): Attempt[] {
  return plan.cells.flatMap(({ skip, ...cell }) => {
    if (skip !== null) return [];
    const before = done[cell.id] ?? 0;
    const left = Math.max(0, plan.repeat - before);
    return Array.from({ length: left }, (_, index) => ({ cell, attempt: before + index + 1 }));
  });
}
