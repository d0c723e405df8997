import { causeCountText, causeLines, causeSuffix, causesOf } from './causes.ts';
import {
  alikeLabel,
  explainCell,
  foldAlike,
  rerunCommand,
  ruleOf,
  slotLetter,
  slotText,
  verdictOf,
  WITNESS_WORDS,
  witnessMark,
} from './describe.ts';
import { environmentLine, environmentOf, kindOf } from './environment.ts';
import { GLYPHS, glyphsFor } from './glyphs.ts';
import {
  type BoardMatrix,
  boardMatrices,
  type ColumnGroup,
  type Slot,
  standInMatrix,
} from './matrix.ts';
import type { BoardRun, MatrixCell } from './model.ts';
import { overviewOf, passShare } from './overview.ts';
import { oneLine } from './sanitize.ts';
import { standInLabel } from './stand-in.ts';
import { besideText, differenceText } from './terminal.ts';

/** Text of a board in Markdown: no markup, no HTML, and no mention of a person. */
export function escapeMarkdown(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_{}[\]()#+!|~$]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '&#64;')
    .replaceAll('://', ':&#47;&#47;');
}

/** A code span that holds any text, also inside a table. */
export function codeSpan(text: string): string {
  const clean = oneLine(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...(clean.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = longest ? ' ' : '';
  return `${fence}${pad}${clean}${pad}${fence}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, n) => (n ? ':-:' : ':--'));
  return [line(head), line(rule), ...rows.map(line)];
}

function letter(slot: Slot | undefined, text: (slot: Slot) => string): string {
  if (!slot) return '';
  const escaped = escapeMarkdown(text(slot));
  return slot.unexpected ? `**${escaped}**` : escaped;
}

function suiteTable(board: BoardMatrix, groups: readonly ColumnGroup[]): string[] {
  const columns = groups.flatMap((group) => group.formats.map((format) => ({ group, format })));
  const head = columns.map(({ group, format }) =>
    [group.importer, format].filter(Boolean).map(codeSpan).join('<br>'),
  );
  const rows = board.rows.map((row) => [
    codeSpan(row.label),
    ...columns.map(({ group, format }) => letter(board.slot(row, group, format), slotText)),
  ]);
  return table(['backend', ...head], rows);
}

function list(title: string, board: BoardMatrix, cells: readonly MatrixCell[]): string[] {
  if (!cells.length) return [];
  const lines = foldAlike(cells).flatMap((one) => {
    const { first } = one;
    const others = alikeLabel(one);
    const why = first.expected && first.state !== 'claimed' ? '' : `; ${ruleOf(first)}`;
    const beside = first.standIn ? `; ${besideText(board, first.standIn)}` : '';
    const again = first.expected ? null : rerunCommand(board.run, first);
    return [
      `- ${codeSpan(first.cell.id)}${witnessMark(first)} ${escapeMarkdown(explainCell(first) + causeSuffix(first) + why + beside)}${others ? ` (${escapeMarkdown(others)})` : ''}`,
      ...(again === null ? [] : [`  again: ${codeSpan(again)}`]),
    ];
  });
  return [`**${title} (${cells.length})**`, '', ...lines, ''];
}

/** What the stand-in measured, in the places of the board that it stands in for. */
function standInTables(board: BoardMatrix): string[] {
  const { standIn } = board.run;
  const beside = standInMatrix(board);
  if (!standIn || !beside) return [];
  const suites = Map.groupBy(beside.groups, ({ suite }) => suite);
  return [
    `### Measured on ${escapeMarkdown(standInLabel(board.run))}, in the places of this board's cells`,
    '',
    `${escapeMarkdown(environmentLine(standIn.run))}. What differs there: ${escapeMarkdown(standIn.differs)}.`,
    '',
    ...[...suites].flatMap(([suite, groups]) => [
      `#### ${suite}`,
      '',
      ...suiteTable(beside, groups),
      '',
    ]),
  ];
}

function causes(board: BoardMatrix): string[] {
  const lines = causesOf(board.cells).map((count) => {
    const [first] = count.cells;
    return first?.cause
      ? `- **${escapeMarkdown(causeCountText(count))}** ${codeSpan(first.cell.id)}: ${escapeMarkdown(causeLines(first.cause).slice(1).join('; '))}`
      : '';
  });
  return lines.length ? ['**Causes**', '', ...lines, ''] : [];
}

function differing(board: BoardMatrix): string[] {
  const slots = board.rows.flatMap((row) =>
    board.groups.flatMap((group) =>
      group.formats.flatMap((format) => board.slot(row, group, format) ?? []),
    ),
  );
  const lines = slots
    .filter((slot) => slot.differ)
    .map((slot) => `- ${escapeMarkdown(differenceText(slot))}`);
  return lines.length ? [`**Sizes differ (${lines.length})**`, '', ...lines, ''] : [];
}

function counts(board: BoardMatrix): string {
  const parts = GLYPHS.flatMap(({ state, word }) => {
    const count = board.counts.states.get(state) ?? 0;
    return count ? [`${count} ${word}`] : [];
  }).reverse();
  const { total, unexpected, missing } = board.counts;
  const short = missing ? `; ${missing} planned attempts missing` : '';
  const verdict = unexpected ? `**${verdictOf(board.counts)}**` : verdictOf(board.counts);
  return `${total} cells${parts.length ? `: ${parts.join(', ')}` : ''}${short}; ${verdict}.`;
}

function boardPage(board: BoardMatrix): string[] {
  const { run } = board;
  const suites = Map.groupBy(board.groups, (group) => group.suite);
  return [
    `## ${escapeMarkdown(board.label)}`,
    '',
    `*${kindOf(run)}*: ${escapeMarkdown(run.title)}`,
    '',
    counts(board),
    '',
    ...(run.incomplete ? [`**Not complete:** ${escapeMarkdown(run.incomplete)}`, ''] : []),
    ...(run.findings ?? []).flatMap(({ what, text }) => [
      `**${escapeMarkdown(what)}:** ${escapeMarkdown(text)}`,
      '',
    ]),
    ...list(
      'Not as expected',
      board,
      board.cells.filter((entry) => !entry.expected),
    ),
    ...list(
      'Flaky',
      board,
      board.cells.filter((entry) => entry.state === 'flaky' && entry.expected),
    ),
    ...list(
      'Lucky passes: do not rely on these',
      board,
      board.cells.filter((entry) => entry.state === 'lucky' && entry.expected),
    ),
    ...list(
      'Witnesses: not asked for, they tell a pass from luck',
      board,
      board.cells.filter((entry) => entry.witness && entry.expected),
    ),
    ...causes(board),
    ...[...suites].flatMap(([suite, groups]) => [
      `### ${suite}`,
      '',
      ...suiteTable(board, groups),
      '',
    ]),
    ...standInTables(board),
    ...differing(board),
    ...list(
      'Claimed, not measured',
      board,
      board.cells.filter((entry) => entry.state === 'claimed'),
    ),
    '<details><summary>Environment</summary>',
    '',
    ...table(
      ['', ''],
      environmentOf(run).map(({ name, value }) => [name, codeSpan(value)]),
    ),
    '',
    '</details>',
    '',
  ];
}

function overviewPage(boards: readonly BoardMatrix[]): string[] {
  const { rows, sections } = overviewOf(boards);
  const text = (slot: Slot) =>
    [slotLetter(slot), passShare(slot)].filter(Boolean).join(' ') + (slot.unexpected ? '!' : '');
  return [
    '## Across boards',
    '',
    'All formats and sizes of an importer in one place; n/m: passes of cells where they differ.',
    '',
    ...sections.flatMap(({ suite, lines }) => {
      const shown = rows.filter((row) => lines.some(({ slots }) => slots.has(row.label)));
      const head = [suite, ...shown.map((row) => codeSpan(row.label))];
      const body = lines.map((line) => [
        [line.board.label, line.importer].filter(Boolean).map(codeSpan).join(' '),
        ...shown.map((row) => letter(line.slots.get(row.label), text)),
      ]);
      return [...table(head, body), ''];
    }),
  ];
}

function legend(boards: readonly BoardMatrix[]): string[] {
  const words = [...glyphsFor(boards)]
    .reverse()
    .map((glyph) => `\`${glyph.letter}\` ${glyph.word}`);
  if (boards.some(({ cells }) => cells.some(({ witness }) => witness)))
    words.push(`\`w\` ${WITNESS_WORDS}`);
  return [
    `Legend: ${words.join(', ')}; **bold!** not as expected; \`*\` sizes differ and the worst is shown; an empty place was not planned.`,
    '',
  ];
}

/** The matrices as Markdown for a merge request. */
export function markdownReport(runs: readonly BoardRun[]): string {
  const boards = boardMatrices(runs);
  const lines = [
    '# bufmatrix',
    '',
    ...legend(boards),
    ...(boards.length > 1 ? overviewPage(boards) : []),
    ...boards.flatMap(boardPage),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
