import { CAUSES, type Cause } from '../suites/diagnose/cause.ts';
import { type CauseCount, causeLabel, countCauses } from '../suites/diagnose/summary.ts';
import { explainCell, witnessMark } from './describe.ts';
import type { MatrixCell } from './model.ts';
import { oneLine } from './sanitize.ts';

/** The board's causes, the most frequent first. */
export const causesOf = (cells: readonly MatrixCell[]): CauseCount<MatrixCell>[] =>
  countCauses(cells);

/** `not-contiguous (proven): 48 cells, e.g.`, to be followed by the first cell's id. */
export function causeCountText(count: CauseCount<MatrixCell>): string {
  const { length } = count.cells;
  return `${causeLabel(count)}: ${length} ${length === 1 ? 'cell:' : 'cells, e.g.'}`;
}

/** One line each: the cause and its meaning, its evidence with the cells that show it, what is missing. */
export function causeLines(cause: Cause): string[] {
  const missing = cause.needed === null ? [] : [`needed to tell: ${cause.needed}`];
  return [
    `cause: ${causeLabel(cause)}: ${CAUSES[cause.cause]}`,
    ...cause.evidence.map(({ text, cell }) => `${text}${cell === null ? '' : ` [${cell}]`}`),
    ...missing,
  ].map(oneLine);
}

/** `; cause: format (proven)`; empty without one, and where the reason is the cause already. */
export function causeSuffix({ cause, state }: MatrixCell): string {
  return cause === null || state === 'filtered' ? '' : `; cause: ${causeLabel(cause)}`;
}

/** What became of a cell, with its cause, and whether it ran as a witness only: `refused …; cause: …`. */
export const tellCell = (entry: MatrixCell): string =>
  explainCell(entry) + causeSuffix(entry) + witnessMark(entry);
