import type { CellState } from '../glyphs.ts';

/** Foreground and background of a tile; the background may be none. */
export interface Ink {
  readonly text: string;
  readonly fill: string;
}

/** How a state's tile is drawn. The shapes differ, so that neither colour nor letter is alone. */
export interface Tile {
  readonly state: CellState;
  readonly light: Ink;
  readonly dark: Ink;
  /** CSS for the shape behind the letter. */
  readonly shape: string;
}

const ink = (text: string, fill: string): Ink => ({ text, fill });
const tile = (state: CellState, light: Ink, dark: Ink, shape: string): Tile => ({
  state,
  light,
  dark,
  shape,
});

const OCTAGON = 'clip-path:polygon(28% 0,72% 0,100% 28%,100% 72%,72% 100%,28% 100%,0 72%,0 28%)';
const HEXAGON = 'clip-path:polygon(22% 0,78% 0,100% 50%,78% 100%,22% 100%,0 50%)';
const CUT = 'clip-path:polygon(0 0,62% 0,100% 38%,100% 100%,38% 100%,0 62%)';

/** Quiet tints for clean answers, solid colour for what must be looked at. */
export const TILES: readonly Tile[] = [
  tile('pass', ink('#17602c', '#e0f2e4'), ink('#8fd6a2', '#17321f'), 'border-radius:6px'),
  tile(
    'lucky',
    ink('#6a5000', '#fff4c7'),
    ink('#e8cc6a', '#39300f'),
    'border-radius:50%;border:1.5px dashed currentColor',
  ),
  tile('refused', ink('#8a3b00', '#fde6d0'), ink('#f3b27a', '#3f2612'), 'border-radius:0'),
  tile('unsupported', ink('#5a6169', '#f0f1f3'), ink('#a2a9b1', '#23272b'), 'border-radius:12px'),
  tile(
    'blocked',
    ink('#1b4f8f', '#dfeafa'),
    ink('#93bdf3', '#16293f'),
    'border-radius:2px;border-block:3px double currentColor',
  ),
  tile(
    'not-run',
    ink('#4a5058', '#ffffff'),
    ink('#b9bfc6', '#191c1f'),
    'border-radius:2px;border:1.5px dashed currentColor',
  ),
  tile('flaky', ink('#ffffff', '#9c5700'), ink('#1a1206', '#e7a34a'), `border-radius:6px 0`),
  tile('corrupt', ink('#ffffff', '#c01330'), ink('#21060b', '#ff8a98'), OCTAGON),
  tile('crash', ink('#ffffff', '#7422a3'), ink('#1b0628', '#d3a1f2'), CUT),
  tile('hang', ink('#ffffff', '#a0125f'), ink('#26041a', '#f59ccb'), HEXAGON),
  tile(
    'claimed',
    ink('#4b3a86', '#f1eefb'),
    ink('#c3b5f2', '#221d36'),
    'border:1.5px dotted currentColor;border-radius:11px 3px;background:repeating-linear-gradient(135deg,var(--fill) 0 4px,transparent 4px 7px)',
  ),
  tile(
    'unknown',
    ink('#686f78', '#ffffff'),
    ink('#9aa1a9', '#191c1f'),
    'border:1px dotted currentColor;border-radius:11px 3px;background:none',
  ),
  tile('filtered', ink('#686f78', '#fbfbfa'), ink('#878f98', '#111315'), 'border-radius:6px'),
];

/**
 * The rules of all tiles, for both colour schemes.
 * @param selector of the elements that are drawn as a state's tile.
 */
export function tileCss(selector = (state: CellState) => `.s-${state}`): string {
  const inks = (scheme: 'light' | 'dark') =>
    TILES.map(
      (one) => `${selector(one.state)}{--ink:${one[scheme].text};--fill:${one[scheme].fill}}`,
    );
  const shapes = TILES.map((one) => `${selector(one.state)}::before{${one.shape}}`);
  return `${inks('light').join('')}@media(prefers-color-scheme:dark){${inks('dark').join('')}}${shapes.join('')}`;
}
