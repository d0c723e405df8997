import { type Cell, importerName } from '../suites/cell.ts';
import { claimWords } from '../suites/claim.ts';
import { attribution, causeOfUntried } from '../suites/diagnose/attribute.ts';
import type { Cause } from '../suites/diagnose/cause.ts';
import type { PlannedCell } from '../suites/plan.ts';
import type { CellRecord } from '../suites/record.ts';
import { type CellState, severity } from './glyphs.ts';
import type { Attempt, BoardRun, MatrixCell } from './model.ts';
import { contradictions, rateSeen, shareWords } from './rate.ts';

/** The cell that a record is an attempt at. */
function cellOf(record: CellRecord): Cell {
  const { suite, backend, format, width, height, modifier } = record;
  const importer = record.importer && {
    kind: record.importer.kind,
    driver: record.importer.driver,
  };
  return { id: record.cell, suite, backend, importer, format, width, height, modifier };
}

/** Attempts in the order of trying, whatever the order in the file: a resumed run appends. */
function inOrder(records: readonly CellRecord[]): CellRecord[] {
  return [...records].sort(
    (a, b) =>
      a.attempt - b.attempt ||
      compareText(a.at, b.at) ||
      compareText(JSON.stringify(a), JSON.stringify(b)),
  );
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function stateOfRecord(record: CellRecord): CellState {
  return record.outcome === 'pass' && record.lucky ? 'lucky' : record.outcome;
}

/** The state that several attempts make. A `not-run` says nothing beside one that was tried. */
function stateOf(tried: readonly Attempt[], skipped: boolean): CellState {
  if (!tried.length) return skipped ? 'filtered' : 'not-run';
  const outcomes = new Set(tried.map(({ record }) => record.outcome));
  if (outcomes.size > 1) return 'flaky';
  const states = tried.map(({ record }) => stateOfRecord(record));
  return states.reduce((a, b) => (severity(b) < severity(a) ? b : a));
}

/** The attempt to show first: an unexpected one before all others, then the worst. */
function representative(attempts: readonly Attempt[]): Attempt | undefined {
  const rank = (attempt: Attempt) =>
    (attempt.expectation.expected ? 100 : 0) + severity(stateOfRecord(attempt.record));
  return attempts.reduce<Attempt | undefined>(
    (best, next) => (best && rank(best) <= rank(next) ? best : next),
    undefined,
  );
}

function fold(
  run: BoardRun,
  cell: Cell,
  planned: PlannedCell | undefined,
  records: readonly CellRecord[],
  causeOf: (record: CellRecord) => Cause | null,
): MatrixCell {
  const attempts = inOrder(records).map((record) => ({
    record,
    expectation: run.expected(record),
  }));
  const tried = attempts.filter(({ record }) => record.outcome !== 'not-run');
  const skip = planned?.skip ?? null;
  const state = stateOf(tried, skip !== null);
  const shown = representative(tried.length ? tried : attempts);
  const common = {
    cell,
    state,
    attempts,
    tried: tried.length,
    passes: tried.filter(({ record }) => record.outcome === 'pass').length,
    missing: planned && skip === null ? Math.max(0, run.plan.repeat - tried.length) : 0,
    planned: planned !== undefined,
    witness: planned?.witness === true,
    shown: shown?.record ?? null,
    claim: run.claimOf(cell),
    standIn: null,
    cause: shown ? causeOf(shown.record) : causeOfUntried(skip, run.incomplete ?? null),
  };
  if (state === 'filtered') return { ...common, ...unmeasured(run, cell, skip) };
  if (!shown) {
    const reason = run.incomplete ? `no record; ${run.incomplete}` : 'planned, but no record of it';
    const { claim } = common;
    const why = claim
      ? `missing: never reported, but expected ${claimWords(claim)}`
      : 'never reported';
    return { ...common, expected: false, why, expectReason: claim?.reason ?? null, reason };
  }
  // Any attempt that is not as expected makes the cell so, one that did not get as far as trying too.
  const judged = attempts.find(({ expectation }) => !expectation.expected) ?? shown;
  const { expected, why, reason } = judged.expectation;
  const rest = { expectReason: reason ?? null, reason: shown.record.reason };
  const unreported = planned && skip === null ? run.plan.repeat - attempts.length : 0;
  const lost = attempts.some(({ record }) => record.end.kind === 'board-lost');
  if (expected && unreported > 0 && !lost)
    return { ...common, ...rest, expected: false, why: `${unreported} attempts never reported` };
  return { ...common, ...rest, expected, why };
}

/** A cell that no run was to try: with what is claimed of it, where that is asked for. */
function unmeasured({ claims, claimOf }: BoardRun, cell: Cell, skip: string | null) {
  const common = { expected: true, expectReason: null };
  if (!claims) return { ...common, claim: claimOf(cell), why: 'not asked for', reason: skip };
  const claim = claims.get(cell.id) ?? null;
  const state: CellState = claim ? 'claimed' : 'unknown';
  return { ...common, claim, state, why: 'not measured', reason: claim?.reason ?? null };
}

/**
 * Every cell of the plan once, in the plan's order, then recorded cells that the plan lacks, by id.
 * Does not depend on the order of the records; a planned cell without a record is `not-run`.
 */
export function foldCells(run: BoardRun): MatrixCell[] {
  const { records, experiments = [], inventory } = run;
  const causeOf = attribution({ records, experiments, inventory });
  const recorded = Map.groupBy(records, (record) => record.cell);
  const planned = new Map(run.plan.cells.map((cell) => [cell.id, cell]));
  const cells = [...planned.values()].map((entry) => {
    const { skip: _, witness: __, ...cell } = entry;
    return fold(run, cell, entry, recorded.get(cell.id) ?? [], causeOf);
  });
  const strangers = [...recorded.entries()]
    .filter(([id]) => !planned.has(id))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [, attempts] of strangers) {
    const first = attempts[0];
    if (first) cells.push(fold(run, cellOf(first), undefined, attempts, causeOf));
  }
  return withRates(cells);
}

/** The significance level at which a rate is contradicted, of all cells of a board together. */
const ALPHA = 0.05;

/** All attempts of a cell together, where its profile says how often it comes out so. */
function withRates(cells: readonly MatrixCell[]): MatrixCell[] {
  const seen = new Map(
    cells.flatMap((entry) => {
      const tried = entry.attempts.filter(({ record }) => record.outcome !== 'not-run');
      const results = tried.map(({ record }) => ({ ...record, attempts: 1 }));
      const own = rateSeen(entry.claim, results);
      return own ? [[entry, own] as const] : [];
    }),
  );
  const against = contradictions(seen, ALPHA);
  return cells.map((entry) => {
    const own = seen.get(entry);
    if (!own || !entry.expected) return entry;
    const found = against.get(entry);
    return { ...entry, expected: found === undefined, why: shareWords(own, found) };
  });
}

/** `kms:vc4`, or an empty string for the suites that give their buffer to nobody. */
export function importerLabel(cell: Cell): string {
  return cell.importer ? importerName(cell.importer) : '';
}

/** `640x480`. */
export function sizeLabel(cell: Pick<Cell, 'width' | 'height'>): string {
  return `${cell.width}x${cell.height}`;
}
