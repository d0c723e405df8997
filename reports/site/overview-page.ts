import { SUITES } from '../../suites/cell.ts';
import { slotLetter, verdictOf } from '../describe.ts';
import { kindClass, mesaVersions } from '../environment.ts';
import { GLYPHS, glyphsFor } from '../glyphs.ts';
import { stillTile } from '../html/parts.ts';
import { type Html, html } from '../html/template.ts';
import { type BoardMatrix, compareBackends, type Slot, slotOf } from '../matrix.ts';
import { type OverviewLine, type OverviewSection, overviewOf, passShare } from '../overview.ts';
import { oneLine, safeJson } from '../sanitize.ts';
import type { Assets } from './assets.ts';
import type { SiteBoard } from './model.ts';
import { startOf } from './model.ts';
import { kindLegend, kindShort, sitePage } from './page.ts';

/** Drivers of a kind share a column, or a hundred boards would need a hundred of them; heaps do not. */
function columnOf(backend: string): string {
  const [kind = ''] = backend.split(':', 1);
  return kind === 'heap' ? backend : kind;
}

interface Line {
  readonly line: OverviewLine;
  readonly slots: ReadonlyMap<string, Slot>;
}

function linesOf({ lines }: OverviewSection): Line[] {
  return lines.map((line) => {
    const cells = [...line.slots.values()].flatMap((slot) => slot.cells);
    const placed = Map.groupBy(cells, ({ cell }) => columnOf(cell.backend));
    return {
      line,
      slots: new Map([...placed].map(([column, members]) => [column, slotOf(members)])),
    };
  });
}

/** Without ends of elements that HTML does not want: there may be tens of thousands of these. */
function place(slot: Slot | undefined): Html {
  if (!slot) return html`<td>`;
  const share = passShare(slot);
  return html`<td class="s-${slot.state}${slot.unexpected ? ' x' : ''}">${slotLetter(slot)}${share && html`<small>${share}</small>`}`;
}

function sectionTable(section: OverviewSection, hrefs: ReadonlyMap<BoardMatrix, string>): Html {
  const lines = linesOf(section);
  const columns = [...new Set(lines.flatMap(({ slots }) => [...slots.keys()]))].sort(
    compareBackends,
  );
  const rows = lines.map(({ line: { board, importer }, slots }) => {
    const to = `${hrefs.get(board)}${importer && `#i=${encodeURIComponent(importer)}`}`;
    return html`<tr class="${kindClass(board.run)}"><th scope="row" class="row"><a href="${to}">${oneLine(board.label)}</a> ${oneLine(importer)}<b>${kindShort(board.run)}</b>${columns.map((column) => place(slots.get(column)))}\n`;
  });
  return html`<div class="wrap" tabindex="0" role="region" aria-label="${section.suite} across boards"><table class="ov" data-s="${section.suite}"><caption>${section.suite}</caption><thead><tr><th scope="col" class="corner">board and importer</th>${columns.map((column) => html`<th scope="col">${oneLine(column)}</th>`)}</tr></thead><tbody>
${rows}</tbody></table></div>`;
}

function boardRow({ newest, runs, folder }: SiteBoard): Html {
  const { run, label, counts } = newest.matrix;
  const kernel = run.inventory ? oneLine(run.inventory.kernel.release) : '';
  const mesa = run.inventory ? oneLine(mesaVersions(run.inventory).join(', ')) : '';
  const good = counts.unexpected === 0 && counts.measured > 0 && !run.incomplete;
  return html`<tr class="${kindClass(run)}"><th scope="row"><a href="${folder}/index.html">${oneLine(label)}</a></th><td><span class="kind ${kindClass(run)}">${kindShort(run)}</span></td><td>${kernel}</td><td>${mesa}</td><td>${oneLine(startOf(newest).slice(0, 10))}</td><td class="${good ? 'good' : counts.unexpected || run.incomplete ? 'bad' : 'soft'}">${verdictOf(counts)}${run.incomplete ? ', not complete' : null}</td><td>${run.run ? runs.length : 0}</td><td class="wide">${oneLine(run.title)}</td></tr>\n`;
}

function find(sections: readonly OverviewSection[]): Html {
  return html`<form id="find" class="filters" hidden role="search" aria-label="Find boards">
<input type="search" name="q" aria-label="Search boards, kernels, drivers" placeholder="board, kernel, driver …" autocomplete="off">
<label>Measured on <select name="k"><option value="">all</option><option value="hardware">hardware</option><option value="virtual">virtual boards</option><option value="claims">claimed only</option></select></label>
<label>Suite <select name="s"><option value="">all</option>${sections.map(({ suite }) => html`<option>${suite}</option>`)}</select></label>
<button type="button" class="plain" id="reset" hidden>Reset</button><output id="shown" class="shown"></output></form>`;
}

function legend(boards: readonly BoardMatrix[]): Html {
  const items = [...glyphsFor(boards)]
    .reverse()
    .map((glyph) => html`<dt>${stillTile(glyph)} ${glyph.word}</dt><dd>${glyph.meaning}</dd>`);
  return html`<h2>How to read it</h2>${kindLegend()}<dl class="env">${items}<dt><span class="t s-pass x" aria-hidden="true">P</span> not as expected</dt><dd>at least one cell there is not what the board's profile expects</dd></dl>
<p>A place holds all formats and sizes of one backend and one importer in the newest run of the board: the worst is shown, and n/m passes where they differ. DRM and V4L2 backends of all drivers share a column. An empty place was not planned. A click on a place opens its cells, a board's name all of its row. The address holds what was searched for.</p>`;
}

/** The first page: all boards, and their answers below one another. */
export function overviewPage(
  boards: readonly SiteBoard[],
  assets: Assets,
  links: readonly (readonly [string, string])[],
): string {
  const matrices = boards.map(({ newest }) => newest.matrix);
  const hrefs = new Map(
    boards.map(({ newest, folder }) => [newest.matrix, `${folder}/index.html`]),
  );
  const { sections } = overviewOf(matrices);
  const main = html`${find(sections)}
<section id="boards" aria-labelledby="boards-title"><h2 id="boards-title">Boards</h2>
<div class="wrap" tabindex="0" role="region" aria-label="List of boards"><table class="list"><caption>${boards.length} boards, each by its newest run</caption><thead><tr>${['Board', 'Measured on', 'Kernel', 'Mesa', 'Newest run', 'Verdict', 'Runs', 'What it is'].map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>
${boards.map(boardRow)}</tbody></table></div></section>
<section aria-labelledby="across-title"><h2 id="across-title">Across boards</h2>
<p class="sub">Rows are boards, columns backends; a table a suite, boards of one importer below one another.</p><div class="stack">
${sections.map((section) => sectionTable(section, hrefs))}</div></section>`;
  return sitePage({
    title: 'dma-buf sharing across boards',
    lead: 'Which dma-buf memory can be shared with which device, measured by bufmatrix.',
    root: '',
    style: assets.style,
    scripts: [assets.overview],
    links,
    main,
    footer: legend(matrices),
  });
}

/** The same for programs: a line a board, and where its pages and files are. */
export function overviewJson(boards: readonly SiteBoard[]): string {
  const all = boards.map(({ newest, runs, folder }) => {
    const { run, counts, label } = newest.matrix;
    const states = Object.fromEntries(
      GLYPHS.map(({ state }) => [state, counts.states.get(state) ?? 0]),
    );
    const of = (id: string) => ({
      id,
      page: `${folder}/${id}.html`,
      json: `${folder}/${id}.json`,
    });
    return {
      board: run.board,
      label,
      basis: kindClass(run) === 'claims' ? 'claimed' : 'measured',
      virtual: kindClass(run) === 'virtual',
      incomplete: run.incomplete ?? null,
      unexpected: counts.unexpected,
      states,
      newest: `${folder}/index.html`,
      runs: runs.map((one) => ({
        ...of(one.id),
        run: one.matrix.run.run?.id ?? null,
        startedAt: startOf(one) || null,
        kernel: one.matrix.run.inventory?.kernel.release ?? null,
      })),
    };
  });
  return `${safeJson({ schema: 1, kind: 'bufmatrix-site', suites: SUITES, boards: all })}\n`;
}
