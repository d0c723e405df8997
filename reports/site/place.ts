import type { CellState } from '../glyphs.ts';
import { Html, html } from '../html/template.ts';
import type { Place } from './digest.ts';

/** A class of one letter a state: an overview has ten thousand places. Capital: not as expected. */
const CODES: Readonly<Record<CellState, string>> = {
  crash: 'x',
  hang: 'h',
  corrupt: 'c',
  flaky: 'f',
  refused: 'r',
  blocked: 'b',
  'not-run': 'n',
  unsupported: 'u',
  lucky: 'l',
  pass: 'p',
  claimed: 'm',
  unknown: 'k',
  filtered: 'i',
};

function placeCell({ state, unexpected, letter, share }: Place): Html {
  const code = unexpected ? CODES[state].toUpperCase() : CODES[state];
  const look = code === CODES.pass ? null : html` class=${code}`;
  return html`<td${look}>${letter}${share && html`<i>${share}</i>`}`;
}

/** Several empty places are one; up to three take less room without saying so. */
const gap = (size: number): Html =>
  size > 3 ? html`<td colspan=${size}>` : new Html('<td>'.repeat(size));

/**
 * The places of a row. Most are passes as expected, so those have no class, and no place has the end
 * that HTML does not want.
 */
export function placeCells(places: readonly Place[], columns: readonly string[]): Html {
  const placed = new Map(places.map((place) => [place.column, place]));
  const parts: Html[] = [];
  let empty = 0;
  for (const column of columns) {
    const place = placed.get(column);
    if (place) parts.push(gap(empty), placeCell(place));
    empty = place ? 0 : empty + 1;
  }
  return html`${parts}${gap(empty)}`;
}

/** What is drawn as that state: a tile anywhere, and its place in an overview. */
export function tileSelector(state: CellState): string {
  const code = CODES[state];
  return state === 'pass'
    ? `:is(.s-pass,.ov td)`
    : `:is(.s-${state},.ov td.${code},.ov td.${code.toUpperCase()})`;
}

/** The places that hold something unexpected. */
export const UNEXPECTED = `.ov td:is(${Object.values(CODES)
  .map((code) => `.${code.toUpperCase()}`)
  .join(',')})`;
