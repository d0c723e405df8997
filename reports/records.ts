import type { BoardRun } from './model.ts';
import { safeJson } from './sanitize.ts';

/**
 * The records themselves, one a line as in records.ndjson, with outcomes as this version judges them.
 * Claims are no records: of a board that nobody has run there is no line.
 */
export function recordsReport(runs: readonly BoardRun[]): string {
  return runs
    .flatMap(({ records }) => records)
    .map((record) => `${safeJson(record)}\n`)
    .join('');
}
