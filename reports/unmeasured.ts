import { sourceWords } from '../suites/claim.ts';
import { describeCell, explainCell } from './describe.ts';
import type { BoardRun, MatrixCell } from './model.ts';
import { oneLine } from './sanitize.ts';
import { standInLabel } from './stand-in.ts';

/** Why a cell that no run tried is skipped; of a claim, all that a reader needs to judge it. */
export function notMeasured(run: BoardRun, entry: MatrixCell): string {
  if (entry.state === 'filtered') return `not-run: ${entry.reason ?? ''}`;
  const source = entry.claim ? `; ${sourceWords(entry.claim)}` : '';
  const beside = entry.standIn
    ? `; measured on ${standInLabel(run)}: ${describeCell(entry.standIn)}`
    : '';
  return oneLine(explainCell(entry) + source + beside);
}
