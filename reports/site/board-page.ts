import { boardSection } from '../html/board.ts';
import { filters, glyphData, legend } from '../html/controls.ts';
import { type Html, html } from '../html/template.ts';
import { oneLine } from '../sanitize.ts';
import type { Assets } from './assets.ts';
import { type BoardChanges, changeWords } from './changes.ts';
import { runWords } from './data-file.ts';
import type { SiteBoard, SiteRun } from './model.ts';
import { kindLegend, sitePage } from './page.ts';

const ROOT = '../../';

function runView(run: SiteRun): Html {
  return html`${filters([run.matrix])}
${boardSection(run.matrix, 0)}
<dialog id="panel" aria-labelledby="panel-title"><div id="panel-body" class="panel"></div></dialog>
<p id="status" class="sr" role="status"></p>
<script type="application/json" id="glyphs">${glyphData()}</script>`;
}

function runList(board: SiteBoard, changes: BoardChanges): Html | null {
  if (!board.newest.matrix.run.run) return null;
  const rows = board.runs.map((run, at) => {
    const { when, system } = runWords(run);
    const before = board.runs[at + 1];
    const words = changeWords(changes.get(run.id) ?? null);
    const since = before
      ? html`<a href="compare.html#a=${before.id}&amp;b=${run.id}">${words}</a>`
      : words;
    return html`<tr><th scope="row"><a href="${run.id}.html">${oneLine(run.matrix.run.run?.id ?? run.id)}</a></th><td>${when}</td><td>${system}</td><td>${oneLine(run.matrix.run.run?.harness ?? '')}</td><td class="wide">${since}</td></tr>\n`;
  });
  return html`<section id="runs" aria-labelledby="runs-title"><h2 id="runs-title">Runs of this board</h2>
<div class="wrap" tabindex="0" role="region" aria-label="List of runs"><table class="list"><caption>Newest first; each line leads to a page that stays as it is</caption><thead><tr>${['Run', 'Started', 'System', 'Harness', 'Since the run before'].map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>
${rows}</tbody></table></div></section>`;
}

/** A run of a few cells is no picture of the board, however new it is. */
function leftOutNote({ leftOut }: SiteBoard): Html[] {
  return leftOut.map((run) => {
    const { measured } = run.matrix.counts;
    const cells = measured === 1 ? '1 cell' : `${measured} cells`;
    return html`<p class="sub">Left out here: <a href="${run.id}.html">${oneLine(run.matrix.run.run?.id ?? run.id)}</a>, newer, but of ${cells} only.</p>`;
  });
}

const footer = (run: SiteRun) => html`${kindLegend()}${legend([run.matrix])}`;

/** The page of a board: its newest run, and the way to all others. */
export function boardPage(board: SiteBoard, assets: Assets, changes: BoardChanges): string {
  const { newest } = board;
  const measured = newest.matrix.run.run !== null;
  return sitePage({
    title: board.name,
    lead: html`${newest.matrix.run.run?.filtered ? 'The newest run; it is of some cells only.' : 'The newest run of all cells.'} <a href="${newest.id}.html">The same for ever: ${newest.id}</a>`,
    root: ROOT,
    style: assets.style,
    ...(measured
      ? {
          head: html`<link rel="alternate" type="application/atom+xml" href="feed.xml" title="What changed on ${oneLine(board.name)}">`,
        }
      : {}),
    scripts: [`${newest.id}.js`, 'history.js', `${ROOT}${assets.run}`],
    links: [
      [`${ROOT}index.html`, 'All boards'],
      ...(measured ? [['#runs', 'Runs'] as const] : []),
      ...(board.runs.length > 1 ? [['compare.html', 'Compare two runs'] as const] : []),
      ...(measured ? [['feed.xml', 'Feed of changes'] as const] : []),
      ['badge.svg', 'Badge'],
      ['index.json', 'JSON'],
    ],
    main: html`${leftOutNote(board)}${runView(newest)}${runList(board, changes)}`,
    footer: footer(newest),
  });
}

/** The page of one run of a board, which no later run changes. */
export function frozenPage(board: SiteBoard, run: SiteRun, assets: Assets): string {
  return sitePage({
    title: `${board.name}, run ${run.id}`,
    lead: html`One run, frozen. <a href="index.html">The newest run of this board</a>`,
    root: ROOT,
    style: assets.style,
    scripts: [`${run.id}.js`, 'history.js', `${ROOT}${assets.run}`],
    links: [
      [`${ROOT}index.html`, 'All boards'],
      ['index.html', 'Newest run'],
      [`${run.id}.json`, 'JSON'],
    ],
    main: runView(run),
    footer: footer(run),
  });
}
