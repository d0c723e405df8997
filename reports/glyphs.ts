import { OUTCOMES, type Outcome } from '../suites/record.ts';

/**
 * How a cell is shown: its outcome, told apart where one word is not enough. `lucky`: passes that
 * rest on pages that happened to be contiguous. `flaky`: attempts that came out differently.
 * `filtered`: not run because nobody asked for it; its outcome is `not-run`. `claimed` and
 * `unknown`: nobody has measured it, and the board's profile says what it comes out as, or does not.
 */
export type CellState = Outcome | 'lucky' | 'flaky' | 'filtered' | 'claimed' | 'unknown';

/** The colours that terminals and pages both have. */
export type Colour = 'green' | 'yellow' | 'red' | 'magenta' | 'blue' | 'cyan' | 'gray';

/** How one state looks everywhere. */
export interface Glyph {
  readonly state: CellState;
  /** Never two alike, so that nothing is told by colour alone. */
  readonly letter: string;
  readonly word: string;
  readonly colour: Colour;
  readonly meaning: string;
}

const glyph = (
  state: CellState,
  letter: string,
  word: string,
  colour: Colour,
  meaning: string,
): Glyph => ({ state, letter, word, colour, meaning });

/** Every state, worst first: where cells share one place, the first one of these is shown. */
export const GLYPHS: readonly Glyph[] = [
  glyph('crash', 'X', 'crash', 'magenta', 'the process, or the kernel under it, died in the cell'),
  glyph('hang', 'H', 'hang', 'magenta', 'no answer before the deadline'),
  glyph('corrupt', 'C', 'corrupt', 'red', 'accepted, but the data is wrong'),
  glyph('flaky', 'F', 'flaky', 'red', 'attempts came out differently; n/m passed'),
  glyph('refused', 'R', 'refused', 'yellow', 'a clean error: stage and errno'),
  glyph('blocked', 'B', 'blocked', 'blue', 'no permission, or another process holds the device'),
  glyph('not-run', '?', 'not run', 'cyan', 'planned, but never tried or never reported'),
  glyph('unsupported', 'u', 'unsupported', 'gray', 'a capability is missing'),
  glyph('lucky', 'L', 'lucky pass', 'cyan', 'passed on pages that happened to be contiguous'),
  glyph('pass', 'P', 'pass', 'green', 'every stage held and the data was right'),
  glyph('claimed', '(…)', 'claimed', 'gray', 'not measured: what the profile says of it'),
  glyph('unknown', '(?)', 'unknown', 'gray', 'not measured, and the profile does not say'),
  glyph('filtered', '.', 'filtered', 'gray', 'not run: not asked for'),
];

const byState = new Map(GLYPHS.map((entry, rank) => [entry.state, { entry, rank }]));

/** States in which no run has tried the cell: they say nothing beside one that has. */
export const UNMEASURED: ReadonlySet<CellState> = new Set(['claimed', 'unknown', 'filtered']);

/** The states that stand in the place of a result where a report was asked for claims. */
export const OF_CLAIMS: ReadonlySet<CellState> = new Set(['claimed', 'unknown']);

/** The states that a reader of these boards meets or may look for, worst first. */
export function glyphsFor(boards: Iterable<{ readonly counts: StateCounts }>): readonly Glyph[] {
  const all = [...boards];
  return GLYPHS.filter(
    ({ state }) => !OF_CLAIMS.has(state) || all.some(({ counts }) => counts.states.get(state)),
  );
}

interface StateCounts {
  readonly states: ReadonlyMap<CellState, number>;
}

/**
 * `(R)`, `(Pu)`, `(R?)`: what is claimed of one place, in letters that no measurement has.
 * @param outcomes of all claims there, in any order. @param unknown whether some cell has no claim.
 */
export function claimLetters(outcomes: readonly Outcome[], unknown: boolean): string {
  const letters = OUTCOMES.filter((outcome) => outcomes.includes(outcome))
    .sort((a, b) => severity(a) - severity(b))
    .map((outcome) => glyphOf(outcome).letter);
  return `(${letters.join('')}${unknown ? '?' : ''})`;
}

/** How that state looks. */
export function glyphOf(state: CellState): Glyph {
  const found = byState.get(state);
  if (!found) throw new RangeError(`no glyph for the state ${state}`);
  return found.entry;
}

/** 0 is the worst. */
export function severity(state: CellState): number {
  return byState.get(state)?.rank ?? 0;
}

/** The worst of the states. An empty list is `not-run`: nothing is known. */
export function worst(states: readonly CellState[]): CellState {
  return [...states].sort((a, b) => severity(a) - severity(b))[0] ?? 'not-run';
}
