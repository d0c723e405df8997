import { createHash } from 'node:crypto';
import { type BoardMatrix, boardMatrices } from '../matrix.ts';
import type { BoardRun } from '../model.ts';
import { oneLine } from '../sanitize.ts';
import { boardSection } from './board.ts';
import { CLIENT_DETAIL } from './client-detail.ts';
import { CLIENT_FILTER } from './client-filter.ts';
import { CLIENT_INLINE } from './client-inline.ts';
import { CLIENT_PAGE } from './client-page.ts';
import { CLIENT_SEARCH } from './client-search.ts';
import { filters, glyphData, legend } from './controls.ts';
import { boardJson } from './data.ts';
import { overviewSection } from './overview.ts';
import { tileCss } from './palette.ts';
import { STYLE } from './style.ts';
import { Html, html, scriptJson } from './template.ts';

const CLIENT = `'use strict';{${CLIENT_DETAIL}${CLIENT_INLINE}${CLIENT_PAGE}${CLIENT_SEARCH}${CLIENT_FILTER}}`;

/** Only this very script and style run: whatever a board's text may hold, it cannot. */
function policy(style: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; style-src ${hash(style)}; script-src ${hash(CLIENT)}; base-uri 'none'; form-action 'none'`;
}

function page(boards: readonly BoardMatrix[]): Html {
  const style = STYLE + tileCss();
  const runs = new Set(
    boards.flatMap(({ run: { run } }) => (run ? `${run.id}, ${run.startedAt}` : [])),
  );
  const which = runs.size ? `Run ${[...runs].map(oneLine).join('; ')}.` : 'No run: claims only.';
  const nav = boards.map(
    (board, n) => html`<li><a href="#board-${n}">${oneLine(board.label)}</a></li>`,
  );
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy(style)}">
<title>bufmatrix: ${boards.map(({ label }) => oneLine(label)).join(', ')}</title>
<style>${new Html(style)}</style></head><body>
<a class="skip" href="#main">Skip to the matrices</a>
<div class="page"><header><h1>bufmatrix</h1>
<p>Which dma-buf memory can be shared with which device: a cell is one backend's buffer, given to one importer. ${which}</p>
<nav aria-label="Boards"><ul><li><a href="#overview">Across boards</a></li>${nav}</ul></nav></header>
<main id="main" tabindex="-1">${filters(boards)}
${overviewSection(boards)}
${boards.map(boardSection)}</main>
<footer>${legend(boards)}</footer></div>
<dialog id="panel" aria-labelledby="panel-title"><div id="panel-body" class="panel"></div></dialog>
<p id="status" class="sr" role="status"></p>
<script type="application/json" id="glyphs">${glyphData()}</script>
${boards.map((board) => html`<script type="application/json" data-board="1">${new Html(scriptJson(boardJson(board)))}</script>\n`)}
<script>${new Html(CLIENT)}</script></body></html>
`;
}

/** All boards as one HTML file that needs no network and opens from disk. */
export function htmlReport(runs: readonly BoardRun[]): string {
  return page(boardMatrices(runs)).text;
}
