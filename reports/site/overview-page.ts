import { SUITES, type SuiteName } from '../../suites/cell.ts';
import type { Kind } from '../environment.ts';
import { GLYPHS, glyphsFor } from '../glyphs.ts';
import { stillTile } from '../html/parts.ts';
import { Html, html } from '../html/template.ts';
import { compareBackends, compareImporters } from '../matrix.ts';
import { oneLine } from '../sanitize.ts';
import type { Assets } from './assets.ts';
import type { BoardDigest } from './digest.ts';
import { KIND_SHORT, kindLegend, sitePage } from './page.ts';
import { placeCells } from './place.ts';

/** What a row of a table rests on is told by a word, and drawn by its element: no row has a class. */
const KIND_MARKS: Readonly<Record<Kind, Html>> = {
  hardware: new Html(`<b>${KIND_SHORT.hardware}</b>`),
  virtual: new Html(`<u>${KIND_SHORT.virtual}</u>`),
  claims: new Html(`<i>${KIND_SHORT.claims}</i>`),
};

/** A row of a table: one importer of one board. */
interface Row {
  readonly board: BoardDigest;
  /** The board's place in the list of boards. */
  readonly at: number;
  readonly line: BoardDigest['lines'][number];
}

/** One suite across all boards; boards keep their order below one importer. */
export interface Section {
  readonly suite: SuiteName;
  readonly rows: readonly Row[];
}

/** All rows of all boards, in the order in which the page has them. */
export function sectionsOf(boards: readonly BoardDigest[]): Section[] {
  return SUITES.map((suite) => ({
    suite,
    rows: boards
      .flatMap((board, at) =>
        board.lines.filter((line) => line.suite === suite).map((line) => ({ board, at, line })),
      )
      .sort((a, b) => compareImporters(a.line.importer, b.line.importer)),
  })).filter(({ rows }) => rows.length > 0);
}

/** Addresses of rows come with the script: the board's line in the list has its own. A slug of ours needs no quotes; a hundred boards have thousands of attributes. */
const path = (text: string) => (/^[\w./-]+$/.test(text) ? new Html(text) : html`"${text}"`);

function sectionTable({ suite, rows }: Section): Html {
  const all = rows.flatMap(({ line }) => line.places.map(({ column }) => column));
  const columns = [...new Set(all)].sort(compareBackends);
  const lines = rows.map(
    ({ board, line }) =>
      html`<tr><th><a>${oneLine(board.label)}</a> ${oneLine(line.importer)}${KIND_MARKS[board.kind]}${placeCells(line.places, columns)}`,
  );
  return html`<div class="wrap" tabindex="0" role="region" aria-label="${suite} across boards"><table class="ov" data-s="${suite}"><caption>${suite}</caption><thead><tr><th scope="col" class="corner">board and importer</th>${columns.map((column) => html`<th scope="col">${oneLine(column)}</th>`)}</tr></thead><tbody>
${lines}</tbody></table></div>`;
}

function boardRow(board: BoardDigest): Html {
  const { kind, runs, folder, label, kernel, mesa, newest, good, unexpected, incomplete } = board;
  const look = good ? 'good' : unexpected || incomplete ? 'bad' : 'soft';
  const day = oneLine(newest.startedAt?.slice(0, 10) ?? '');
  return html`<tr class=${kind}><th scope=row><a href=${path(`${folder}/index.html`)}>${oneLine(label)}</a><td>${KIND_MARKS[kind]}<td>${kernel}<td>${mesa}<td>${day}<td class=${look}>${board.verdict}<td>${kind === 'claims' ? 0 : runs.length}<td>${oneLine(board.title)}\n`;
}

function find(sections: readonly Section[]): Html {
  return html`<form id="find" class="filters" hidden role="search" aria-label="Find boards">
<input type="search" name="q" aria-label="Search boards, kernels, drivers, cells" placeholder="board, kernel, driver, cell …" autocomplete="off">
<label>Measured on <select name="k"><option value="">all</option><option value="hardware">hardware</option><option value="virtual">virtual boards</option><option value="claims">claimed only</option></select></label>
<label>Suite <select name="s"><option value="">all</option>${sections.map(({ suite }) => html`<option>${suite}</option>`)}</select></label>
<button type="button" class="plain" id="reset" hidden>Reset</button><output id="shown" class="shown"></output></form>`;
}

function legend(boards: readonly BoardDigest[]): Html {
  const counted = boards.map(({ states }) => ({
    counts: { states: new Map(GLYPHS.map(({ state }) => [state, states[state] ?? 0])) },
  }));
  const items = [...glyphsFor(counted)]
    .reverse()
    .map((glyph) => html`<dt>${stillTile(glyph)} ${glyph.word}</dt><dd>${glyph.meaning}</dd>`);
  return html`<h2>How to read it</h2>${kindLegend()}<dl class="env">${items}<dt><span class="t s-pass x" aria-hidden="true">P</span> not as expected</dt><dd>at least one cell there is not what the board's profile expects</dd></dl>
<p>A place holds all formats and sizes of one backend and one importer in the run that the board's page shows: the worst is shown, and n/m passes where they differ. DRM and V4L2 backends of all drivers share a column. An empty place was not planned. A click on a place opens its cells, a board's name all of its row. The address holds what was searched for.</p>`;
}

/**
 * The first page: all boards, and their answers below one another.
 * @param search the path of the file that it is searched by.
 */
export function overviewPage(
  boards: readonly BoardDigest[],
  sections: readonly Section[],
  assets: Assets,
  search: string,
  links: readonly (readonly [string, string])[],
): string {
  const heads = ['Board', 'Measured on', 'Kernel', 'Mesa', 'Run', 'Verdict', 'Runs', 'What it is'];
  const main = html`${find(sections)}
<section id="boards" aria-labelledby="boards-title"><h2 id="boards-title">Boards</h2>
<div class="wrap" tabindex="0" role="region" aria-label="List of boards"><table class="list"><caption>${boards.length} boards, each by its newest run of all cells</caption><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>
${boards.map(boardRow)}</tbody></table></div></section>
<section aria-labelledby="across-title"><h2 id="across-title">Across boards</h2>
<p class="sub">Rows are boards, columns backends; a table a suite, boards of one importer below one another.</p><div class="stack">
${sections.map(sectionTable)}</div></section>`;
  return sitePage({
    title: 'dma-buf sharing across boards',
    lead: 'Which dma-buf memory can be shared with which device, measured by bufmatrix.',
    root: '',
    style: assets.style,
    scripts: [search, assets.overview],
    links,
    main,
    footer: legend(boards),
  });
}
