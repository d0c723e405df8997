import type { Verdict } from '../../policies/verdict.ts';
import type { Colour } from '../glyphs.ts';

/** How a verdict looks. Never two letters alike, so that nothing is told by colour alone. */
export interface VerdictGlyph {
  readonly letter: string;
  readonly word: string;
  readonly colour: Colour;
}

const LETTERS: Readonly<Record<Verdict['verdict'], VerdictGlyph>> = {
  holds: { letter: 'H', word: 'holds', colour: 'green' },
  degrades: { letter: 'd', word: 'degrades', colour: 'yellow' },
  breaks: { letter: 'B', word: 'BREAKS', colour: 'red' },
  unknown: { letter: '?', word: 'unknown', colour: 'cyan' },
};

const NOTHING: VerdictGlyph = { letter: '-', word: 'no such device', colour: 'gray' };

/** How that verdict looks; one with nothing to judge has a look of its own. */
export const verdictGlyph = ({ verdict, applies }: Pick<Verdict, 'verdict' | 'applies'>) =>
  applies ? LETTERS[verdict] : NOTHING;

/** Every look, for a legend. */
export const VERDICT_GLYPHS: readonly VerdictGlyph[] = [...Object.values(LETTERS), NOTHING];
