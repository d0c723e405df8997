import { glyphData, legend } from '../html/controls.ts';
import { html } from '../html/template.ts';
import type { Assets } from './assets.ts';
import type { SiteBoard } from './model.ts';
import { kindLegend, sitePage } from './page.ts';

/** Any two runs of a board beside one another; drawn in the browser, since there are many pairs. */
export function comparePage(board: SiteBoard, assets: Assets): string {
  return sitePage({
    title: `${board.name}: two runs`,
    lead: 'What differs between two runs of this board. The address holds the pair.',
    root: '../../',
    style: assets.style,
    scripts: ['history.js', `../../${assets.compare}`],
    links: [
      ['../../index.html', 'All boards'],
      ['index.html', 'Newest run'],
    ],
    main: html`<form id="pair" class="filters" hidden aria-label="The two runs">
<label>A, before <select name="a"></select></label><label>B, after <select name="b"></select></label></form>
<noscript><p>This page is drawn by its script; what changed from run to run stands on the board's page as well.</p></noscript>
<section id="differences" class="stack" aria-label="Differences"></section><p id="status" class="sr" role="status"></p>
<script type="application/json" id="glyphs">${glyphData()}</script>`,
    footer: html`${kindLegend()}${legend(board.runs.map(({ matrix }) => matrix))}`,
  });
}
