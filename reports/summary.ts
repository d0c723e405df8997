import { tellCell } from './causes.ts';
import { alikeLabel, foldAlike, rerunCommand, verdictOf, verdictOfAll } from './describe.ts';
import { environmentLine, kindOf } from './environment.ts';
import { OF_CLAIMS } from './glyphs.ts';
import { codeSpan, escapeMarkdown } from './markdown.ts';
import { type BoardMatrix, boardMatrices, countCells } from './matrix.ts';
import type { BoardRun, MatrixCell } from './model.ts';

/** Lines of what is not as expected, of all boards together. */
const MOST = 20;

type State = MatrixCell['state'];

/** The columns of the table, each with the states that it counts; a cell is counted once. */
const COLUMNS: readonly (readonly [name: string, states: readonly State[]])[] = [
  ['pass', ['pass']],
  ['lucky', ['lucky']],
  ['refused', ['refused']],
  ['wrong', ['corrupt', 'crash', 'hang', 'flaky']],
  ['untried', ['unsupported', 'blocked', 'not-run']],
  ['not asked', ['filtered']],
  ['not measured', [...OF_CLAIMS]],
];

function table(boards: readonly BoardMatrix[]): string[] {
  const count = ({ counts }: BoardMatrix, states: readonly State[]) =>
    states.reduce((sum, state) => sum + (counts.states.get(state) ?? 0), 0);
  const columns = COLUMNS.filter(([, states]) => boards.some((board) => count(board, states)));
  const head = ['board', '', ...columns.map(([name]) => name), 'verdict'];
  const rows = boards.map((board) => {
    const verdict = escapeMarkdown(verdictOf(board.counts));
    const loud = board.counts.unexpected || board.run.incomplete;
    const incomplete = board.run.incomplete ? ', not complete' : '';
    return [
      codeSpan(board.label),
      escapeMarkdown(kindOf(board.run)),
      ...columns.map(([, states]) => String(count(board, states))),
      loud ? `**${verdict}${incomplete}**` : verdict,
    ];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, n) => (n > 1 && n < head.length - 1 ? '--:' : ':--'));
  return [line(head), line(rule), ...rows.map(line)];
}

function unexpectedLines(boards: readonly BoardMatrix[]): string[] {
  const all = boards.flatMap((board) =>
    foldAlike(board.cells.filter((entry) => !entry.expected)).map((one) => ({ board, one })),
  );
  const shown = all.slice(0, MOST).flatMap(({ board, one }) => {
    const { first } = one;
    const others = one.cells.length > 1 ? ` (${escapeMarkdown(alikeLabel(one))})` : '';
    const again = rerunCommand(board.run, first);
    return [
      `- ${codeSpan(board.label)} ${codeSpan(first.cell.id)} ${escapeMarkdown(tellCell(first))}${others}`,
      ...(again === null ? [] : [`  again: ${codeSpan(again)}`]),
    ];
  });
  const rest = all.slice(MOST);
  const cells = rest.reduce((sum, { one }) => sum + one.cells.length, 0);
  const more = rest.length ? [`- +${rest.length} more, ${cells} cells`] : [];
  return shown.length ? ['', '**Not as expected**', '', ...shown, ...more] : [];
}

function boardNotes(board: BoardMatrix): string[] {
  const { run, label } = board;
  const note = (text: string) => `- ${codeSpan(label)} ${escapeMarkdown(text)}`;
  return [
    ...(environmentLine(run) ? [note(environmentLine(run))] : []),
    ...(run.incomplete ? [note(`not complete: ${run.incomplete}`)] : []),
    ...(run.findings ?? []).map(({ what, text }) => note(`${what}: ${text}`)),
  ];
}

/**
 * Markdown of a few lines, for a merge request or the summary of a job: the counts of each board,
 * and what is not as expected, bounded. The matrix itself is in the `markdown` report.
 */
export function summaryReport(runs: readonly BoardRun[]): string {
  const boards = boardMatrices(runs);
  const counts = countCells(boards.flatMap(({ cells }) => cells));
  const lines = [
    `### bufmatrix: ${escapeMarkdown(verdictOfAll(counts, runs))}`,
    '',
    ...(boards.length ? table(boards) : ['No boards.']),
    ...unexpectedLines(boards),
    ...(boards.length ? ['', ...boards.flatMap(boardNotes)] : []),
  ];
  return `${lines.join('\n')}\n`;
}
