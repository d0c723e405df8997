import {
  type Contradiction,
  contradictions,
  isWorse,
  type RateSeen,
  rateSeen,
  shareWords,
} from '../rate.ts';
import type { GateBoard } from './model.ts';
import { fisher } from './statistics.ts';

/** That a candidate's cell comes out otherwise than as often as its profile expects. */
export interface BrokenRate {
  readonly words: string;
  /** To the worse, and the baseline's own attempts do not show as much, nor nearly as much. */
  readonly fell: boolean;
}

/** The candidate's cells whose rate is contradicted, at that level of all of them together. */
export function brokenRates(
  pairs: readonly (readonly [GateBoard, GateBoard])[],
  alpha: number,
): (board: string, id: string) => BrokenRate | undefined {
  const seen = new Map<string, RateSeen & { readonly before: RateSeen | null }>();
  for (const [baseline, { board, rated, claimOf, cells }] of pairs)
    for (const [id, { results }] of rated ? cells : []) {
      const own = rateSeen(claimOf(id), results);
      if (!own) continue;
      const before = rateSeen(own.claim, baseline.cells.get(id)?.results ?? []);
      seen.set(keyOf(board, id), { ...own, before });
    }
  const broken = new Map<string, BrokenRate>();
  for (const [key, against] of contradictions(seen, alpha)) {
    const own = seen.get(key);
    if (!own) continue;
    const old = own.before && contradictions(new Map([[key, own.before]]), alpha).get(key);
    const excused = old?.end === against.end && !isFurther(own, own.before, against.end, alpha);
    const fell = isWorse(own.claim, against) && !excused;
    broken.set(key, { words: shareWords(own, against), fell });
  }
  return (board, id) => broken.get(keyOf(board, id));
}

/** Whether a share lies further beyond an end than another, more than two shares that are alike do by chance. */
function isFurther(
  { share: now }: RateSeen,
  before: RateSeen | null,
  end: Contradiction['end'],
  alpha: number,
): boolean {
  if (!before || fisher(before.share, now) > alpha) return false;
  const [own, other] = [now, before.share].map(({ hits, tries }) => hits / tries);
  return own !== undefined && other !== undefined && (end === 'min' ? own < other : own > other);
}

const keyOf = (board: string, id: string) => `${board}\n${id}`;
