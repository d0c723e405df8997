import type { GateReport } from './model.ts';

/** `lab`: a board is missing or not whole. `stop`: what --fail-on names. */
export type GateVerdict = 'not-comparable' | 'lab' | 'stop' | 'go';

/** What a comparison comes to; the first that fits. */
export function verdictOf({ comparable, missingBoards, transitions }: GateReport): GateVerdict {
  if (!comparable) return 'not-comparable';
  if (missingBoards.length > 0) return 'lab';
  return transitions.some(({ stops }) => stops) ? 'stop' : 'go';
}
