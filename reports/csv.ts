import { claimWords } from '../suites/claim.ts';
import { rerunCommand } from './describe.ts';
import { isVirtual } from './environment.ts';
import { importerLabel } from './fold.ts';
import { OF_CLAIMS } from './glyphs.ts';
import { type BoardMatrix, boardMatrices } from './matrix.ts';
import type { BoardRun, MatrixCell } from './model.ts';
import { oneLine } from './sanitize.ts';

type Value = string | number | boolean | null | undefined;

/** `measured`, `claimed`, or nothing: whether a result stands on a run or on somebody's word. */
function basisOf({ tried, state }: MatrixCell): string {
  if (tried > 0) return 'measured';
  return state === 'claimed' ? 'claimed' : '';
}

/** Of a cell that is only claimed, the outcome is empty: what is claimed has a column of its own. */
function outcomeOf({ shown, state }: MatrixCell): string {
  return shown?.outcome ?? (OF_CLAIMS.has(state) ? '' : 'not-run');
}

/** The columns by name, in order. Names are a promise to readers; a new one comes last. */
const COLUMNS: readonly (readonly [
  name: string,
  value: (board: BoardMatrix, entry: MatrixCell) => Value,
])[] = [
  ['board', ({ run }) => run.board],
  ['profile', ({ run }) => run.profileName],
  ['virtual', ({ run }) => isVirtual(run)],
  ['run', ({ run }) => run.run?.id],
  ['kernel', ({ run }) => run.inventory?.kernel.release],
  ['machine', ({ run }) => run.inventory?.kernel.machine],
  ['cell', (_, { cell }) => cell.id],
  ['suite', (_, { cell }) => cell.suite],
  ['backend', (_, { cell }) => cell.backend],
  ['importer', (_, { cell }) => importerLabel(cell)],
  ['format', (_, { cell }) => cell.format],
  ['width', (_, { cell }) => cell.width],
  ['height', (_, { cell }) => cell.height],
  ['modifier', (_, { cell }) => cell.modifier],
  ['basis', (_, entry) => basisOf(entry)],
  ['state', (_, { state }) => state],
  ['outcome', (_, entry) => outcomeOf(entry)],
  ['stage', (_, { shown }) => shown?.stage],
  ['errno', (_, { shown }) => shown?.errno],
  ['reason', (_, { reason }) => reason],
  ['expected', (_, { expected }) => expected],
  ['why', (_, { why }) => why],
  ['passes', (_, { passes }) => passes],
  ['tried', (_, { tried }) => tried],
  ['missing', (_, { missing }) => missing],
  ['us', (_, { shown }) => shown?.us],
  ['claim', (_, { claim }) => claim && claimWords(claim)],
  ['claim_basis', (_, { claim }) => claim?.basis],
  ['claim_sources', (_, { claim }) => claim?.sources.join('; ')],
  ['again', ({ run }, entry) => rerunCommand(run, entry)],
  ['witness', (_, { witness }) => witness],
  ['cause', (_, { cause }) => cause?.cause],
  ['cause_sureness', (_, { cause }) => cause?.sureness],
];

/**
 * One field. A spreadsheet takes a text that begins with = + - @ for a formula and runs it; an
 * apostrophe before it makes it text. The same keeps a `::` off the beginning of a line, where the
 * log of a continuous-integration system would take it for a command.
 */
function field(value: Value): string {
  const text = oneLine(String(value ?? ''));
  const safe =
    typeof value === 'string' && /^\s*([=+\-@＝＋－＠]|::|##\[)/.test(text) ? `'${text}` : text;
  return /[",']|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** CSV (RFC 4180, with a header): one line a cell, those of claims with their basis. */
export function csvReport(runs: readonly BoardRun[]): string {
  const line = (values: readonly Value[]) => `${values.map(field).join(',')}\r\n`;
  const head = line(COLUMNS.map(([name]) => name));
  const body = boardMatrices(runs).flatMap((board) =>
    board.cells.map((entry) => line(COLUMNS.map(([, value]) => value(board, entry)))),
  );
  return [head, ...body].join('');
}
