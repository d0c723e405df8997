import picocolors from 'picocolors';
import { causeCountText, causeSuffix, causesOf } from './causes.ts';
import {
  alikeLabel,
  describeCell,
  explainCell,
  foldAlike,
  rateNote,
  ruleOf,
  slotLetter,
  slotText,
  verdictOf,
  WITNESS_WORDS,
  witnessMark,
} from './describe.ts';
import { environmentLine, kindOf, shortContent } from './environment.ts';
import { importerLabel, sizeLabel } from './fold.ts';
import { claimLetters, GLYPHS, type Glyph, glyphOf, glyphsFor } from './glyphs.ts';
import {
  type BoardMatrix,
  boardMatrices,
  type Counts,
  type Slot,
  standInMatrix,
} from './matrix.ts';
import type { BoardRun, MatrixCell } from './model.ts';
import { overviewOf, passShare } from './overview.ts';
import { oneLine } from './sanitize.ts';
import { standInLabel } from './stand-in.ts';
import { type GridCell, type GridGroup, textGrid, wrap } from './text-grid.ts';

export interface TerminalOptions {
  /** Width in columns; 80 where it is not known. */
  readonly columns?: number | undefined;
  /** Whether the reader shows colours: a tty without NO_COLOR. The letters say it all as well. */
  readonly colour?: boolean | undefined;
}

/** Lines of a list before it is cut with a count of the rest. */
const LIST = 24;

class TerminalPage {
  readonly lines: string[] = [];
  readonly #columns: number;
  readonly #colours: ReturnType<typeof picocolors.createColors>;

  constructor({ columns = 80, colour = false }: TerminalOptions) {
    this.#columns = Math.max(40, columns);
    this.#colours = picocolors.createColors(colour);
  }

  #paint = (glyph: Glyph, unexpected: boolean) => (text: string) => {
    const painted = this.#colours[glyph.colour](text);
    return unexpected ? this.#colours.bold(this.#colours.inverse(painted)) : painted;
  };

  #write(text: string, indent = '', paint: (line: string) => string = (line) => line): void {
    for (const line of wrap(text, this.#columns, indent)) this.lines.push(paint(line.trimEnd()));
  }

  #indented(text: string): void {
    for (const line of wrap(text, this.#columns, '      ', '    '))
      this.lines.push(this.#colours.dim(line));
  }

  legend(boards: readonly BoardMatrix[]): void {
    const words = glyphsFor(boards)
      .map(({ letter, word }) => `${letter} ${word}`)
      .reverse();
    if (boards.some(({ cells }) => cells.some(({ witness }) => witness)))
      words.push(`w ${WITNESS_WORDS}`);
    words.push('! not as expected', '* cells differ: the worst is shown', 'blank: not planned');
    this.#write(`Legend: ${words.join(' · ')}`, '  ', this.#colours.dim);
  }

  heading(board: BoardMatrix): void {
    const { run } = board;
    const title = run.title ? `: ${oneLine(run.title)}` : '';
    this.#write(`${oneLine(board.label)}${title}`, '  ', this.#colours.bold);
    this.#write([kindOf(run), environmentLine(run)].filter(Boolean).join(' · '), '  ');
    const id = run.run ? ` · run ${oneLine(run.run.id)}${contentMark(run.run)}` : '';
    this.#write(`profile ${oneLine(run.profileName)}${id}`, '  ');
    if (run.incomplete) this.#write(`NOT COMPLETE: ${oneLine(run.incomplete)}`, '  ');
    for (const finding of run.findings ?? [])
      this.#write(`${oneLine(finding.what)}: ${oneLine(finding.text)}`, '  ');
  }

  counts(counts: Counts): void {
    const { total, states, unexpected, missing } = counts;
    const parts = GLYPHS.flatMap(({ state, word, letter }) => {
      const count = states.get(state) ?? 0;
      return count ? [`${count} ${word} ${bracketed(letter)}`] : [];
    }).reverse();
    const short = missing ? `; ${missing} planned attempts missing` : '';
    const verdict = unexpected ? verdictOf(counts).toUpperCase() : verdictOf(counts);
    const listed = parts.length ? `: ${parts.join(', ')}` : '';
    this.#write(`${total} cells${listed}${short}; ${verdict}`, '  ');
  }

  #cell(slot: Slot | undefined, text: (slot: Slot) => string): GridCell {
    if (!slot) return { text: '' };
    return { text: text(slot), paint: this.#paint(glyphOf(slot.state), slot.unexpected > 0) };
  }

  /** What the stand-in measured, in the places of the board that it stands in for. */
  standIn(board: BoardMatrix): void {
    const { standIn } = board.run;
    const beside = standInMatrix(board);
    if (!standIn || !beside) return;
    this.lines.push('');
    const where = `Measured on ${oneLine(standInLabel(board.run))}, in the places of this board's cells`;
    this.#write(where, '  ', this.#colours.bold);
    this.#write(environmentLine(standIn.run), '  ');
    this.#write(`What differs there: ${oneLine(standIn.differs)}`, '  ');
    this.lines.push('');
    this.matrix(beside);
  }

  matrix(board: BoardMatrix): void {
    const groups = board.groups.map(
      (group): GridGroup => ({
        head: [group.suite, oneLine(group.importer)],
        columns: group.formats.map((format) => ({
          head: oneLine(format),
          cells: board.rows.map((row) => this.#cell(board.slot(row, group, format), slotText)),
        })),
      }),
    );
    const rows = board.rows.map((row) => oneLine(row.label));
    this.lines.push(...textGrid(rows, groups, this.#columns));
  }

  overview(boards: readonly BoardMatrix[]): void {
    this.#write('Across boards', '', this.#colours.bold);
    this.#write('All formats and sizes of an importer in one place; n/m: passes of cells.', '');
    const { sections, rows } = overviewOf(boards);
    const text = (slot: Slot) => {
      const share = passShare(slot);
      return `${slotLetter(slot)}${share && ` ${share}`}${slot.unexpected ? '!' : ''}`;
    };
    for (const { suite, lines } of sections) {
      const shown = rows.filter((row) => lines.some(({ slots }) => slots.has(row.label)));
      const groups = lines.map(
        (line): GridGroup => ({
          head: [oneLine(line.board.label), oneLine(line.importer)].filter(Boolean),
          columns: [
            { head: '', cells: shown.map((row) => this.#cell(line.slots.get(row.label), text)) },
          ],
        }),
      );
      const labels = shown.map((row) => oneLine(row.label));
      this.lines.push('', suite, ...textGrid(labels, groups, this.#columns));
    }
  }

  list(title: string, board: BoardMatrix, cells: readonly MatrixCell[], mark: string): void {
    if (!cells.length) return;
    this.lines.push('');
    this.#write(`${title} (${cells.length})`, '', this.#colours.bold);
    const alike = foldAlike(cells);
    let said = '';
    for (const one of alike.slice(0, LIST)) {
      const { first } = one;
      const rule = mark === '!' || mark === '(' ? ruleOf(first) : '';
      const paint = this.#paint(glyphOf(first.state), false);
      this.#write(
        `${markOf(first, mark)} ${oneLine(first.cell.id)}${witnessMark(first)}  ${explainCell(first)}${causeSuffix(first)}${rule ? '' : rateNote(first)}`,
        '    ',
        paint,
      );
      const others = alikeLabel(one);
      if (others) this.#indented(others);
      if (first.standIn) this.#indented(besideText(board, first.standIn));
      if (rule !== said) this.#indented(rule);
      said = rule;
    }
    if (alike.length > LIST) this.lines.push(`  and ${alike.length - LIST} more lines`);
  }

  causes(cells: readonly MatrixCell[]): void {
    const counts = causesOf(cells);
    if (!counts.length) return;
    this.lines.push('');
    this.#write('Causes (report --format markdown or html: the evidence)', '', this.#colours.bold);
    for (const count of counts) {
      const [first] = count.cells;
      if (first) this.#write(`${causeCountText(count)} ${oneLine(first.cell.id)}`, '      ');
    }
  }

  differing(board: BoardMatrix): void {
    const slots = board.rows.flatMap((row) =>
      board.groups.flatMap((group) =>
        group.formats.flatMap((format) => board.slot(row, group, format) ?? []),
      ),
    );
    const texts = slots.filter((slot) => slot.differ).map(differenceText);
    if (!texts.length) return;
    this.lines.push('');
    this.#write(`Sizes differ (${texts.length})`, '', this.#colours.bold);
    for (const text of texts.slice(0, LIST)) this.#write(`* ${text}`, '    ');
    if (texts.length > LIST) this.lines.push(`  and ${texts.length - LIST} more lines`);
  }
}

/** A claim is marked by its own letters. */
const markOf = ({ state, claim }: MatrixCell, mark: string) =>
  state === 'claimed' && claim ? claimLetters(claim.outcome, false) : mark;

/** `(R)`, never `((R))`. */
const bracketed = (letter: string) => (letter.startsWith('(') ? letter : `(${letter})`);

/** `measured on virtual-iommu, a virtual board: pass`. */
export function besideText({ run }: BoardMatrix, standIn: MatrixCell): string {
  return oneLine(`measured on ${standInLabel(run)}: ${describeCell(standIn)}`);
}

/** `kms-primary/udmabuf/kms:vc4/XR24: 640x480 lucky pass, 1920x1080 refused at ...`. */
export function differenceText(slot: Slot): string {
  const first = slot.cells[0]?.cell;
  if (!first) return '';
  const place = [first.suite, first.backend, importerLabel(first) || '-', first.format].join('/');
  const each = slot.cells.map((entry) => `${sizeLabel(entry.cell)} ${describeCell(entry)}`);
  return `${oneLine(place)}: ${each.join(', ')}`;
}

/** The matrices of all boards as text that fits the terminal. */
export function terminalReport(runs: readonly BoardRun[], options: TerminalOptions = {}): string {
  const page = new TerminalPage(options);
  const boards = boardMatrices(runs);
  for (const board of boards) {
    page.heading(board);
    page.lines.push('');
    page.matrix(board);
    page.differing(board);
    page.standIn(board);
    page.list(
      'Lucky passes: do not rely on these',
      board,
      board.cells.filter((entry) => entry.state === 'lucky'),
      'L',
    );
    page.list(
      'Flaky',
      board,
      board.cells.filter((entry) => entry.state === 'flaky'),
      'F',
    );
    page.list(
      'Not as expected',
      board,
      board.cells.filter((entry) => !entry.expected),
      '!',
    );
    page.list(
      'Claimed, not measured',
      board,
      board.cells.filter((entry) => entry.state === 'claimed'),
      '(',
    );
    page.list(
      'Witnesses: not asked for, they tell a pass from luck',
      board,
      board.cells.filter((entry) => entry.witness && entry.expected),
      'w',
    );
    page.causes(board.cells);
    page.lines.push('');
    page.counts(board.counts);
    page.lines.push('');
  }
  if (boards.length > 1) {
    page.overview(boards);
    page.lines.push('');
  }
  page.legend(boards);
  return `${page.lines.join('\n')}\n`;
}

/** `, sha256:1a2b3c4d5e6f`, by which the run can be found and checked. */
function contentMark({ content, changed }: NonNullable<BoardRun['run']>): string {
  if (changed?.length) return ', changed since';
  return content ? `, ${shortContent(content)}` : '';
}
