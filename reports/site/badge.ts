import { verdictOf } from '../describe.ts';
import { kindClass } from '../environment.ts';
import { html } from '../html/template.ts';
import { oneLine } from '../sanitize.ts';
import type { SiteBoard } from './model.ts';
import { KIND_SHORT } from './page.ts';

/** Pixels a character takes in 11 px Verdana and its likes, at most; the text is fitted to that. */
const PER_CHARACTER = 7;

/** Longer names would make a badge that fits no page. */
const LONGEST = 40;

function shortened(text: string): string {
  const characters = [...oneLine(text)];
  return characters.length > LONGEST
    ? `${characters.slice(0, LONGEST - 1).join('')}…`
    : characters.join('');
}

/** A picture of 20 px height for other pages: the board, what it was measured on, and the verdict. */
export function badge({ newest }: SiteBoard): string {
  const { run, counts } = newest.matrix;
  const kind = KIND_SHORT[kindClass(run)];
  const left = shortened(`dma-buf ${run.board}`);
  const verdict = run.incomplete ? 'not complete' : verdictOf(counts);
  // A claim has no colour of a result.
  const colour = !run.run
    ? '#5a6169'
    : counts.unexpected || run.incomplete
      ? '#a4112b'
      : counts.measured
        ? '#17602c'
        : '#5a6169';
  const right = run.run ? `${kind}: ${verdict}` : `(claimed, not measured)`;
  const [a, b] = [left, right].map((text) => [...text].length * PER_CHARACTER + 10);
  const [one = 0, other = 0] = [a, b];
  const edge =
    kind === 'HW'
      ? null
      : html`<rect x="${one + 1}" y="1" width="${other - 2}" height="18" fill="none" stroke="#fff" stroke-dasharray="${kind === 'VM' ? '4 2' : '1 2'}"/>`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${one + other}" height="20" role="img" aria-label="${left}: ${right}"><title>${left}: ${right}</title>
<rect width="${one}" height="20" fill="#333a41"/><rect x="${one}" width="${other}" height="20" fill="${colour}"/>${edge}
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"><text x="5" y="14" textLength="${one - 10}">${left}</text><text x="${one + 5}" y="14" textLength="${other - 10}">${right}</text></g></svg>
`.text;
}
