import { UNMEASURED } from './glyphs.ts';
import type { Attempt, BoardRun, MatrixCell } from './model.ts';

/** KCIDB's words for how a test came out, in its own order: the first one of several counts. */
export const KCIDB_STATUSES = ['FAIL', 'ERROR', 'MISS', 'PASS', 'DONE', 'SKIP'] as const;
export type KcidbStatus = (typeof KCIDB_STATUSES)[number];

/** The first of them in KCIDB's order. @param fallback where there are none. */
export function summaryStatus(statuses: Iterable<KcidbStatus>, fallback: KcidbStatus): KcidbStatus {
  const all = new Set(statuses);
  return KCIDB_STATUSES.find((status) => all.has(status)) ?? fallback;
}

/**
 * FAIL says that the kernel or the driver is wrong, ERROR that the test could not tell, MISS that the
 * lab did not get as far. A refusal that the profile expects is how the device is, and so a PASS; a
 * crash, a hang or wrong data is a fault, and a FAIL, also where the profile knows of it.
 */
function attemptStatus({ record, expectation }: Attempt): KcidbStatus {
  switch (record.outcome) {
    case 'not-run':
      // `bufmatrix itself failed` names the stage that it had come to; else nothing was started.
      return record.end.kind === 'never' ? 'MISS' : 'ERROR';
    case 'blocked':
      return 'ERROR';
    case 'unsupported':
      return expectation.expected ? 'SKIP' : 'FAIL';
    case 'pass':
    case 'refused':
      return expectation.expected ? 'PASS' : 'FAIL';
    case 'corrupt':
    case 'hang':
      return 'FAIL';
    case 'crash':
      // No rung was entered: what died was the worker, before it touched a device.
      return record.stages.length ? 'FAIL' : 'ERROR';
  }
}

/** Null where no run was to try the cell: then there is no test to speak of. */
export function cellStatus(entry: MatrixCell): KcidbStatus | null {
  if (UNMEASURED.has(entry.state)) return null;
  const missing: KcidbStatus[] = entry.missing > 0 ? ['MISS'] : [];
  return summaryStatus([...entry.attempts.map(attemptStatus), ...missing], 'MISS');
}

/** Of the board as a whole: that of its worst cell; a run that is not complete is never a PASS. */
export function boardStatus(run: BoardRun, cells: readonly MatrixCell[]): KcidbStatus {
  const missing: KcidbStatus[] = run.incomplete || !cells.length ? ['MISS'] : [];
  return summaryStatus([...cells.flatMap((entry) => cellStatus(entry) ?? []), ...missing], 'SKIP');
}
