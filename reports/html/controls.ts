import { importerLabel } from '../fold.ts';
import { GLYPHS, glyphsFor } from '../glyphs.ts';
import { type BoardMatrix, compareBackends, compareImporters } from '../matrix.ts';
import { oneLine } from '../sanitize.ts';
import { stillTile } from './parts.ts';
import { Html, html, json } from './template.ts';

function options(all: string, values: ReadonlySet<string>, sorted: typeof compareBackends): Html {
  const each = [...values].sort(sorted).map((value) => html`<option>${oneLine(value)}</option>`);
  return html`<option value="">${all}</option>${each}`;
}

/** The filters, which are the legend as well. Hidden until the script is there to answer. */
export function filters(boards: readonly BoardMatrix[]): Html {
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

/** What the tiles mean, and how to move between them. */
export function legend(boards: readonly BoardMatrix[]): Html {
  const items = [...glyphsFor(boards)]
    .reverse()
    .map((glyph) => html`<dt>${stillTile(glyph)} ${glyph.word}</dt><dd>${glyph.meaning}</dd>`);
  return html`<h2>How to read it</h2><dl class="env">${items}<dt><span class="t s-pass x" aria-hidden="true">P</span> not as expected</dt><dd>the profile expects something else; without an entry there, pass, refused and unsupported are as expected</dd></dl>
<p>A small letter or number beside the first: the other outcomes in that place, or n of m passes. Letters in parentheses were not measured: they are what a profile claims, and after VM stands what was measured in that place on its stand-in, a virtual board. An empty place was not planned. Arrow keys move between cells, Enter opens one, Escape closes it; the address holds the filters and the open cell.</p>`;
}

/** The letters and words of all states, for the page's script. */
export function glyphData(): Html {
  return json(GLYPHS.map(({ state, letter, word }) => ({ state, letter, word })));
}
