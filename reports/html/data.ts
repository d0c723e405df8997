import { type Claim, claimWords } from '../../suites/claim.ts';
import type { CellRecord } from '../../suites/record.ts';
import { causeLines } from '../causes.ts';
import { describeCell, describeRecord, rerunCommand, ruleOf, slotLetter } from '../describe.ts';
import { kindClass, kindOf } from '../environment.ts';
import { UNMEASURED } from '../glyphs.ts';
import { type BoardMatrix, slotOf } from '../matrix.ts';
import type { Attempt, MatrixCell } from '../model.ts';
import { isPlainJson, oneLine } from '../sanitize.ts';
import { standInLabel } from '../stand-in.ts';

/**
 * What the page needs to draw a cell's details. Short names and nothing empty, since a report
 * holds thousands of them: it is read by the page's own script only.
 */
function attemptData({ record, expectation }: Attempt) {
  const { stages, buffer, verify, kernelLog, stderr, end, heldBy, importer } = record;
  return {
    n: record.attempt,
    o: record.lucky && record.outcome === 'pass' ? 'lucky' : record.outcome,
    d: describeRecord(record),
    r: record.reason ?? undefined,
    x: expectation.expected ? undefined : expectation.why,
    us: record.us,
    at: record.at,
    node: importer?.node ?? undefined,
    st: stages.map(({ name, result, us, errno, detail }) =>
      result === 'ok' && !detail ? [name, result, us] : [name, result, us, errno, detail ?? null],
    ),
    buf: buffer ?? undefined,
    v: verify ?? undefined,
    log: kernelLog.length ? kernelLog : undefined,
    err: stderr.length ? stderr : undefined,
    end: endText(end),
    held: heldBy ?? undefined,
  };
}

function endText(end: CellRecord['end']): string | undefined {
  switch (end.kind) {
    case 'done':
      return undefined;
    case 'died':
      return end.signal ? `the worker died: ${end.signal}` : `the worker ended: code ${end.code}`;
    case 'deadline':
      return `killed after ${end.limitMs} ms${end.stuck ? ', and stuck in the kernel (state D)' : ''}`;
    case 'board-lost':
      return `board lost: ${end.why}`;
    case 'never':
      return `never started: ${end.why}`;
  }
}

const claimData = (claim: Claim) => ({
  d: claimWords(claim),
  r: claim.reason,
  b: claim.basis,
  src: claim.sources,
});

function cellData(board: BoardMatrix, entry: MatrixCell) {
  const { cell } = entry;
  return {
    id: cell.id,
    s: entry.state,
    l: slotLetter(slotOf([entry])),
    d: describeCell(entry),
    r: entry.reason ?? undefined,
    b: cell.backend,
    i: cell.importer ? `${cell.importer.kind}:${cell.importer.driver}` : '',
    f: cell.format,
    z: `${cell.width}x${cell.height}`,
    m: cell.modifier ?? undefined,
    x: entry.expected ? undefined : 1,
    w: ruleOf(entry),
    no: UNMEASURED.has(entry.state) ? 1 : undefined,
    e: entry.claim ? claimData(entry.claim) : undefined,
    si: entry.standIn
      ? { s: entry.standIn.state, d: describeCell(entry.standIn), id: entry.standIn.cell.id }
      : undefined,
    y: entry.cause ? causeLines(entry.cause) : undefined,
    miss: entry.missing || undefined,
    un: entry.planned ? undefined : 1,
    wit: entry.witness ? 1 : undefined,
    cmd: rerunCommand(board.run, entry) ?? undefined,
    a: entry.attempts.map(attemptData),
  };
}

/** One board's cells as JSON, every text in it harmless to look at. */
export function boardJson(board: BoardMatrix): string {
  const data = {
    board: board.run.board,
    run: board.run.run?.id ?? 'claims',
    label: board.label,
    look: kindClass(board.run),
    beside: board.run.standIn && standInLabel(board.run),
    differs: board.run.standIn?.differs,
    kind: kindOf(board.run),
    repeat: board.run.plan.repeat,
    cells: board.cells.map((entry) => cellData(board, entry)),
  };
  const text = JSON.stringify(data);
  // Nearly no board says anything that has to be made harmless, and to look at each string takes long.
  if (isPlainJson(text)) return text;
  const clean = (_: string, value: unknown) => (typeof value === 'string' ? oneLine(value) : value);
  return JSON.stringify(data, clean);
}
