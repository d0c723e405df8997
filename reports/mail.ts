import { sourceWords } from '../suites/claim.ts';
import { tellCell } from './causes.ts';
import {
  alikeLabel,
  describeCell,
  foldAlike,
  rerunCommand,
  ruleOf,
  verdictOf,
} from './describe.ts';
import { environmentOf, kindOf } from './environment.ts';
import { importerLabel } from './fold.ts';
import { GLYPHS } from './glyphs.ts';
import { type BoardMatrix, boardMatrices } from './matrix.ts';
import type { BoardRun, MatrixCell } from './model.ts';
import { oneLine, shellQuote } from './sanitize.ts';
import { standInLabel } from './stand-in.ts';
import { wrap } from './text-grid.ts';

/** What mailing lists of the kernel ask for (Documentation/process/email-clients.rst). */
const WIDTH = 72;

/** Lines of the kernel log that a cell is shown with. */
const LOG_LINES = 4;

const mailText = (text: string) => oneLine(text).trim();

/** Where a mail is printed in a job's log, no line of a board's making may be a command there. */
const noCommand = (line: string) => line.replace(/^(\s*)(::|##\[)/, '$1\\$2');

/** Prose at an indent; what follows its first line stands two further in. */
const prose = (text: string, indent: string): string[] =>
  wrap(mailText(text), WIDTH, `${indent}  `, indent);

const heading = (title: string, count: number) => ['', `${title} (${count})`, ''];

/** A command is broken between arguments only, so that it can be pasted: an argument may be longer. */
function commandLines(run: BoardRun, entry: MatrixCell, indent: string): string[] {
  const command = rerunCommand(run, entry);
  if (command === null) return [];
  const cell = ` --cell ${shellQuote(entry.cell.id)}`;
  return [`${indent}again: ${command.slice(0, -cell.length)} \\`, `${indent} ${cell}`];
}

const idLine = (entry: MatrixCell, indent: string) => `${indent}${mailText(entry.cell.id)}`;

function unexpectedLines({ run, cells }: BoardMatrix): string[] {
  const unexpected = cells.filter((entry) => !entry.expected);
  if (!unexpected.length) return [];
  const lines = foldAlike(unexpected).flatMap((one, n) => {
    const { first } = one;
    const log = first.shown?.kernelLog ?? [];
    const more = log.length > LOG_LINES ? [`(+${log.length - LOG_LINES} lines)`] : [];
    return [
      ...(n ? [''] : []),
      idLine(first, '  '),
      ...prose(tellCell(first), '    '),
      ...prose(ruleOf(first), '    '),
      ...[...log.slice(0, LOG_LINES), ...more].flatMap((line) => prose(`kernel: ${line}`, '    ')),
      ...(one.cells.length > 1 ? prose(alikeLabel(one), '    ') : []),
      ...commandLines(run, first, '    '),
    ];
  });
  return [...heading('Not as expected', unexpected.length), ...lines];
}

/** Cells of one suite and importer that came to the same, in so many words but for their numbers. */
function groupLines(
  title: string,
  cells: readonly MatrixCell[],
  what: (entry: MatrixCell) => string,
): string[] {
  if (!cells.length) return [];
  const groups = Map.groupBy(cells, (entry) =>
    [entry.cell.suite, importerLabel(entry.cell), what(entry).replace(/\d+/g, '#')].join('\n'),
  );
  const lines = [...groups.values()]
    .sort((a, b) => b.length - a.length)
    .flatMap((members) => {
      const [first] = members;
      if (!first) return [];
      const where = [first.cell.suite, importerLabel(first.cell)].filter(Boolean).join(', ');
      const count = String(members.length).padStart(4);
      const example = members.length > 1 ? 'e.g. ' : '';
      return [
        ...wrap(mailText(`${where}: ${what(first)}`), WIDTH, '      ', `${count}x `),
        `    ${example}${mailText(first.cell.id)}`,
      ];
    });
  return [...heading(title, cells.length), ...lines];
}

function claimedLines({ run, cells }: BoardMatrix): string[] {
  const said = (entry: MatrixCell) => {
    const source = entry.claim ? `; ${sourceWords(entry.claim)}` : '';
    const { standIn } = entry;
    const beside = standIn ? `; measured on ${standInLabel(run)}: ${describeCell(standIn)}` : '';
    return tellCell(entry) + source + beside;
  };
  const claimed = cells.filter(({ state }) => state === 'claimed');
  const unknown = cells.filter(({ state }) => state === 'unknown');
  return [
    ...groupLines('Claimed, not measured', claimed, said),
    ...(unknown.length
      ? ['', `Not measured, and nothing is claimed: ${unknown.length} cells.`]
      : []),
  ];
}

function countsLine({ counts }: BoardMatrix): string {
  const parts = GLYPHS.flatMap(({ state, word }) => {
    const count = counts.states.get(state) ?? 0;
    return count ? [`${count} ${word}`] : [];
  }).reverse();
  const short = counts.missing ? `; ${counts.missing} planned attempts missing` : '';
  return `${counts.total} cells: ${parts.join(', ') || 'none'}${short}; ${verdictOf(counts)}`;
}

function boardLines(board: BoardMatrix): string[] {
  const { run, label, cells } = board;
  const expected = (...states: MatrixCell['state'][]) =>
    cells.filter((entry) => entry.expected && states.includes(entry.state));
  const name = prose(`Board ${label}`, '');
  return [
    '',
    '',
    ...name,
    '='.repeat(Math.min(WIDTH, name[0]?.length ?? 0)),
    ...prose(`${kindOf(run)}: ${run.title}`, ''),
    ...prose(countsLine(board), ''),
    ...(run.incomplete ? prose(`NOT COMPLETE: ${run.incomplete}`, '') : []),
    ...(run.findings ?? []).flatMap(({ what, text }) => prose(`Finding: ${what}: ${text}`, '')),
    ...unexpectedLines(board),
    ...groupLines('Refused, as expected', expected('refused'), tellCell),
    ...groupLines(
      'Known trouble, as expected',
      expected('crash', 'hang', 'corrupt', 'flaky', 'blocked', 'not-run'),
      tellCell,
    ),
    ...groupLines('Passed by luck: do not rely on these', expected('lucky'), tellCell),
    ...groupLines('Unsupported', expected('unsupported'), tellCell),
    ...claimedLines(board),
    '',
    'Environment',
    '',
    ...environmentOf(run).flatMap(({ name, value }) => prose(`${name}: ${value}`, '  ')),
  ];
}

/**
 * Plain text for a mailing list: 72 columns, no table, one board after another, and on each first
 * what is not as expected. Only a name or a command's argument that is longer makes a longer line.
 */
export function mailReport(runs: readonly BoardRun[]): string {
  const boards = boardMatrices(runs);
  const overview = boards.flatMap((board) =>
    prose(
      `${board.label} (${kindOf(board.run)}): ${verdictOf(board.counts)}${board.run.incomplete ? '; NOT COMPLETE' : ''}`,
      '  ',
    ),
  );
  const lines = [
    'bufmatrix: which dma-buf memory can be shared with which device',
    '',
    ...(overview.length ? overview : ['  no boards']),
    ...boards.flatMap(boardLines),
  ];
  return `${lines.map(noCommand).join('\n')}\n`;
}
