import type { Cell } from '../suites/cell.ts';
import type { Claim } from '../suites/claim.ts';
import { claimOf, selects } from './expect.ts';
import { inRange } from './kernel-version.ts';
import type { Expectation, Profile } from './profile.ts';

/** The system that is asked about. Null where it is not known: any might be meant. */
export interface ClaimedSystem {
  /** `uname -r`. */
  readonly kernel: string | null;
  readonly mesa: string | null;
}

const ANY_SYSTEM: ClaimedSystem = { kernel: null, mesa: null };

/**
 * What a profile claims of cells, by cell id; a cell that it says nothing of is not there. Pure.
 * Where what is claimed hangs on a kernel or Mesa that is not known, the claims of all of them are
 * one claim with several outcomes: it must not say more than is known.
 * @param cells of the profile's plan, such as `plan(planInput(profile, null, …)).cells`.
 */
export function claimsOf(
  profile: Pick<Profile, 'expect'>,
  cells: readonly Cell[],
  system: ClaimedSystem = ANY_SYSTEM,
): Map<string, Claim> {
  const claims = new Map<string, Claim>();
  for (const cell of cells) {
    const claim = together(entriesFor(profile, cell, system));
    if (claim) claims.set(cell.id, claim);
  }
  return claims;
}

/** The entries of which one counts: up to the first that fits any system in question. */
function entriesFor(
  { expect }: Pick<Profile, 'expect'>,
  cell: Cell,
  system: ClaimedSystem,
): Expectation[] {
  const possible = expect.filter(
    (entry) => selects(entry.cells, cell) && holdsOn(entry, system) !== 'no',
  );
  const certain = possible.findIndex((entry) => holdsOn(entry, system) === 'yes');
  return certain < 0 ? possible : possible.slice(0, certain + 1);
}

function holdsOn({ kernel, mesa }: Expectation, system: ClaimedSystem): 'yes' | 'no' | 'perhaps' {
  const ranges = [
    { range: kernel, version: system.kernel },
    { range: mesa, version: system.mesa },
  ].filter(({ range }) => range !== undefined);
  const fits = ({ range = '', version }: (typeof ranges)[number]) =>
    version === null || inRange(version, range);
  if (!ranges.every(fits)) return 'no';
  return ranges.some(({ version }) => version === null) ? 'perhaps' : 'yes';
}

function together(entries: readonly Expectation[]): Claim | null {
  const [only] = entries;
  if (!only) return null;
  const claims = entries.map(claimOf);
  if (entries.length === 1) return { ...claimOf(only), reason: conditional(only) };
  const union = <T>(of: (claim: Claim) => readonly T[]) => [...new Set(claims.flatMap(of))];
  return {
    outcome: union(({ outcome }) => outcome),
    orLucky: claims.some(({ orLucky }) => orLucky),
    stage: union(({ stage }) => stage),
    errno: union(({ errno }) => errno),
    rate: widest(claims),
    reason: entries.map(conditional).join('; else '),
    sources: union(({ sources }) => sources),
    basis: claims.every(({ basis }) => basis === 'measured') ? 'measured' : 'claimed',
  };
}

/** What is said of all of them: null where none comes but sometimes. */
function widest(claims: readonly Claim[]): Claim['rate'] {
  if (claims.every(({ rate }) => rate === null)) return null;
  // Whatever else they name comes as well, so there is no most.
  return { min: Math.min(...claims.map(({ rate }) => rate?.min ?? 1)), max: 1 };
}

/** `with kernel >=6.17: ...`: a claim for some systems says for which. */
function conditional({ kernel, mesa, reason }: Expectation): string {
  const words = [kernel && `kernel ${kernel}`, mesa && `Mesa ${mesa}`].filter(Boolean);
  return words.length ? `with ${words.join(' and ')}: ${reason}` : reason;
}
