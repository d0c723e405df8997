import { describeCell, isWitnessSlot, slotLetter, verdictOf } from '../describe.ts';
import { kindClass, kindOf } from '../environment.ts';
import { GLYPHS, type Glyph, glyphOf, worst } from '../glyphs.ts';
import type { BoardMatrix, Counts, Slot } from '../matrix.ts';
import type { BoardRun, MatrixCell } from '../model.ts';
import { oneLine } from '../sanitize.ts';
import { type Html, html } from './template.ts';

/** Where a cell is in its board's data. */
export type CellIndex = ReadonlyMap<MatrixCell, number>;

/** Each cell's place in the data that the page carries. */
export function indexOf(board: BoardMatrix): CellIndex {
  return new Map(board.cells.map((entry, n) => [entry, n]));
}

/** `virtual board (QEMU), ...`, `hardware` or `claimed, ...`: drawn unlike one another, and always in words. */
export function kindBadge(run: BoardRun): Html {
  return html`<span class="kind ${kindClass(run)}">${kindOf(run)}</span>`;
}

/** A tile that is looked at only. */
export function stillTile({ state, letter }: Glyph): Html {
  return html`<span class="t s-${state}" aria-hidden="true">${letter}</span>`;
}

function smallText(slot: Slot, share: string): string {
  if (share) return share;
  const flaky = slot.state === 'flaky' && slot.cells.find((entry) => entry.state === 'flaky');
  if (flaky) return `${flaky.passes}/${flaky.tried}`;
  const there = slot.cells.flatMap(({ standIn }) => standIn?.state ?? []);
  // What was measured on the stand-in, a virtual board: never a letter of this board's own.
  if (there.length) return `VM ${glyphOf(worst(there)).letter}`;
  if (!slot.differ || slot.state === 'claimed') return '';
  const others = slot.cells.filter((entry) => entry.state !== slot.state);
  return [...new Set(others.map((entry) => glyphOf(entry.state).letter))].join('');
}

/**
 * The button that opens what stands in one place of a table.
 * @param where what the place is, in words, for those who do not see the headings.
 * @param first whether the Tab key stops here; arrow keys go on from it.
 */
export function slotButton(
  board: number,
  index: CellIndex,
  slot: Slot,
  where: string,
  { share = '', first = false } = {},
): Html {
  const { word } = glyphOf(slot.state);
  const letter = slotLetter(slot);
  const small = smallText(slot, share);
  const cells = slot.cells.map((entry) => index.get(entry) ?? -1).join(' ');
  const detail = slot.cells.length === 1 && slot.cells[0] ? describeCell(slot.cells[0]) : word;
  const label = [
    `${letter}${small && ` ${small}`} ${detail}: ${where}`,
    isWitnessSlot(slot) && 'witness, not asked for',
    slot.differ && 'cells differ',
    slot.unexpected > 0 && 'not as expected',
  ].filter(Boolean);
  return html`<button type="button" class="t s-${slot.state}${slot.unexpected ? ' x' : ''}" data-b="${board}" data-c="${cells}" tabindex="${first ? 0 : -1}" aria-label="${oneLine(label.join(', '))}">${letter}${small && html` <small>${small}</small>`}</button>`;
}

const bracketed = (letter: string) => (letter.startsWith('(') ? letter : `(${letter})`);

/** `155 pass`, ... as tiles with words, the worst first. */
export function tally({ states }: Counts): Html {
  const items = GLYPHS.flatMap((entry) => {
    const count = states.get(entry.state) ?? 0;
    return count ? [html`<li>${count} ${entry.word} ${bracketed(entry.letter)}</li>`] : [];
  });
  return html`<ul class="tally">${items}</ul>`;
}

/** A bar of the states' shares; the numbers stand beside it. */
export function meter({ states, total }: Counts): Html {
  let x = 0;
  const bars = [...GLYPHS].reverse().map(({ state }) => {
    const width = ((states.get(state) ?? 0) / Math.max(1, total)) * 400;
    const bar = width
      ? html`<rect class="s-${state}" x="${x.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="8"/>`
      : null;
    x += width;
    return bar;
  });
  return html`<svg class="meter" viewBox="0 0 400 8" preserveAspectRatio="none" aria-hidden="true">${bars}</svg>`;
}

/** `all as expected`, or how many are not. */
export function verdict(counts: Counts): Html {
  const { measured, unexpected, missing } = counts;
  const short = missing
    ? html` <span class="soft">${missing} planned attempts missing</span>`
    : null;
  return unexpected
    ? html`<span class="bad">${verdictOf(counts)}</span>${short}`
    : html`<span class="${measured ? 'good' : 'soft'}">${verdictOf(counts)}</span>${short}`;
}
