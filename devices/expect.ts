import { type Cell, importerName } from '../suites/cell.ts';
import { CLEAN, type Claim, claimAllows, claimFits, claimWords } from '../suites/claim.ts';
import type { CellRecord } from '../suites/record.ts';
import { globMatches } from './glob.ts';
import { inRange } from './kernel-version.ts';
import type { Expectation, Profile } from './profile.ts';

/** What a selector looks at: a planned cell has it, and a record. */
export type CellParts = Omit<Cell, 'id'>;

/** A selector's keys, each with the name by which it knows a cell. */
export const SELECTOR_KEYS = {
  suite: (cell: CellParts) => cell.suite,
  backend: (cell: CellParts) => cell.backend,
  importer: (cell: CellParts) => (cell.importer ? importerName(cell.importer) : '-'),
  format: (cell: CellParts) => cell.format,
  size: (cell: CellParts) => `${cell.width}x${cell.height}`,
  modifier: (cell: CellParts) => cell.modifier ?? '-',
} as const;
export type SelectorKey = keyof typeof SELECTOR_KEYS;
export const selectorKeys = ['suite', 'backend', 'importer', 'format', 'size', 'modifier'] as const;

/** One value or several, as a list. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return isList(value) ? value : [value];
}

const isList = <T>(value: T | readonly T[]): value is readonly T[] => Array.isArray(value);

/** Whether a selector means the cell: each key that it has fits by one of its patterns. */
export function selects(selector: Expectation['cells'], cell: CellParts): boolean {
  return selectorKeys.every((key) => {
    const patterns = selector[key];
    if (patterns === undefined) return true;
    const name = SELECTOR_KEYS[key](cell);
    return listOf(patterns).some((pattern) => globMatches(pattern, name));
  });
}

/**
 * The first of the profile's expectations that means the cell, or null.
 * @param kernelRelease `uname -r` of the board.
 * @param mesaVersion Mesa's version there (see {@link mesaVersionOf}); null where it is not known.
 */
export function matchExpectation(
  profile: Pick<Profile, 'expect'>,
  cell: CellParts,
  kernelRelease: string,
  mesaVersion: string | null = null,
): Expectation | null {
  const applies = ({ kernel, mesa }: Expectation) =>
    (kernel === undefined || inRange(kernelRelease, kernel)) &&
    (mesa === undefined || (mesaVersion !== null && inRange(mesaVersion, mesa)));
  return profile.expect.find((entry) => applies(entry) && selects(entry.cells, cell)) ?? null;
}

/** A profile's entry as the claim that it makes. */
export function claimOf(entry: Expectation): Claim {
  const { outcome, orLucky, stage, errno, rate, reason, source, basis } = entry;
  return {
    outcome: listOf(outcome),
    orLucky,
    stage: listOf(stage),
    errno: listOf(errno),
    rate: rate ?? null,
    reason,
    sources: listOf(source),
    basis,
  };
}

/** `26.1.6` of `OpenGL ES 3.2 Mesa 26.1.6-1`: the first EGL device that says, else null. */
export function mesaVersionOf(inventory: {
  readonly egl: readonly { readonly version: string | null }[];
}): string | null {
  for (const { version } of inventory.egl) {
    const found = /\bMesa (\d+\.\d+[^\s]*)/.exec(version ?? '')?.[1];
    if (found) return found;
  }
  return null;
}

/** What a record is judged by. */
type Judged = Pick<CellRecord, 'outcome' | 'stage' | 'errno' | 'lucky' | 'reason'>;

/**
 * Whether a record is as expected, and why it is or is not, in words. How often a cell comes out so is
 * for all of its attempts together to say (reports/rate.ts).
 */
export function isExpected(
  record: Judged,
  expectation: Expectation | null,
): { expected: boolean; why: string } {
  if (record.outcome === 'not-run' && record.reason?.startsWith('filtered'))
    return { expected: true, why: 'it was left out by a filter' };
  if (!expectation) {
    const expected = CLEAN.has(record.outcome);
    return {
      expected,
      why: expected
        ? `nothing is expected in particular, and ${record.outcome} is a clean result`
        : `${record.outcome} is never as expected unless the profile says so`,
    };
  }
  const claim = claimOf(expectation);
  const found = saw(record);
  const wanted = claimWords(claim);
  if (claimFits(claim, record))
    return { expected: true, why: `${found}, as expected: ${claim.reason}` };
  return claimAllows(claim, record)
    ? { expected: true, why: `${found}, where ${wanted} is expected: ${claim.reason}` }
    : { expected: false, why: `${found}, but expected ${wanted}: ${claim.reason}` };
}

function saw({ outcome, stage, errno, lucky }: Judged): string {
  const by = [stage && `at ${stage}`, errno && `with ${errno}`].filter(Boolean).join(' ');
  return `${lucky ? 'lucky ' : ''}${outcome}${by ? ` ${by}` : ''}`;
}
