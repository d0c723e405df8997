import { createHash } from 'node:crypto';
import { importerLabel } from '../fold.ts';
import { GLYPHS, glyphsFor } from '../glyphs.ts';
import { type BoardMatrix, boardMatrices, compareBackends, compareImporters } from '../matrix.ts';
import type { BoardRun } from '../model.ts';
import { oneLine } from '../sanitize.ts';
import { boardSection } from './board.ts';
import { CLIENT_DETAIL } from './client-detail.ts';
import { CLIENT_FILTER } from './client-filter.ts';
import { CLIENT_PAGE } from './client-page.ts';
import { boardData } from './data.ts';
import { overviewSection } from './overview.ts';
import { tileCss } from './palette.ts';
import { stillTile } from './parts.ts';
import { STYLE } from './style.ts';
import { Html, html, json } from './template.ts';

const CLIENT = `'use strict';{${CLIENT_DETAIL}${CLIENT_PAGE}${CLIENT_FILTER}}`;

/** Only this very script and style run: whatever a board's text may hold, it cannot. */
function policy(style: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return `default-src 'none'; style-src ${hash(style)}; script-src ${hash(CLIENT)}; base-uri 'none'; form-action 'none'`;
}

function options(all: string, values: ReadonlySet<string>, sorted: typeof compareBackends): Html {
  const each = [...values].sort(sorted).map((value) => html`<option>${oneLine(value)}</option>`);
  return html`<option value="">${all}</option>${each}`;
}

/** The filters, which are the legend as well. Hidden until the script is there to answer. */
function filters(boards: readonly BoardMatrix[]): Html {
  const cells = boards.flatMap((board) => board.cells);
  const chips = glyphsFor(boards)
    .map((glyph) => {
      const count = boards.reduce(
        (sum, { counts }) => sum + (counts.states.get(glyph.state) ?? 0),
        0,
      );
      return html`<button type="button" class="chip" data-s="${glyph.state}" aria-pressed="false" title="${glyph.meaning}"${count ? null : new Html(' disabled')}>${stillTile(glyph)}${glyph.word} <span class="soft">${count}</span></button>`;
    })
    .reverse();
  const importers = new Set(cells.map(({ cell }) => importerLabel(cell)).filter(Boolean));
  const backends = new Set(cells.map(({ cell }) => cell.backend));
  return html`<form id="filters" class="filters" hidden role="search" aria-label="Filter cells">
<fieldset><legend class="sr">Outcome</legend>${chips}</fieldset>
<label>Importer <select name="i">${options('all', importers, compareImporters)}</select></label>
<label>Backend <select name="b">${options('all', backends, compareBackends)}</select></label>
<label><input type="checkbox" name="x"> not as expected only</label>
<input type="search" name="q" aria-label="Search cells, reasons and kernel logs" placeholder="EINVAL, NV12, reason …" autocomplete="off">
<button type="button" class="plain" id="reset" hidden>Reset</button><output id="shown" class="shown"></output></form>`;
}

function legend(boards: readonly BoardMatrix[]): Html {
  const items = [...glyphsFor(boards)]
    .reverse()
    .map((glyph) => html`<dt>${stillTile(glyph)} ${glyph.word}</dt><dd>${glyph.meaning}</dd>`);
  return html`<h2>How to read it</h2><dl class="env">${items}<dt><span class="t s-pass x" aria-hidden="true">P</span> not as expected</dt><dd>the profile expects something else; without an entry there, pass, refused and unsupported are as expected</dd></dl>
<p>A small letter or number beside the first: the other outcomes in that place, or n of m passes. Letters in parentheses were not measured: they are what a profile claims, and after VM stands what was measured in that place on its stand-in, a virtual board. An empty place was not planned. Arrow keys move between cells, Enter opens one, Escape closes it; the address holds the filters and the open cell.</p>`;
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
  const glyphs = GLYPHS.map(({ state, letter, word }) => ({ state, letter, word }));
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
<script type="application/json" id="glyphs">${json(glyphs)}</script>
${boards.map((board) => html`<script type="application/json" data-board="1">${json(boardData(board))}</script>\n`)}
<script>${new Html(CLIENT)}</script></body></html>
`;
}

/** All boards as one HTML file that needs no network and opens from disk. */
export function htmlReport(runs: readonly BoardRun[]): string {
  return page(boardMatrices(runs)).text;
}
