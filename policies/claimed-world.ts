import { claimsOf } from '../devices/claims.ts';
import { backendsOf, heapsOf, planInput } from '../devices/planning.ts';
import type { Profile } from '../devices/profile.ts';
import { type Claim, claimWords } from '../suites/claim.ts';
import { plan } from '../suites/plan.ts';
import { ofPlainMemory } from './measured-world.ts';
import { backendOf, cellOf } from './on-board.ts';
import type { Provider } from './provider.ts';
import type { Answer, World } from './world.ts';

/** What a profile claims, as a policy's walk asks it, and where a claimed cell is written. */
export interface ClaimedWorld extends World {
  sourcesOf(cells: readonly string[]): string[];
  /** Whether anything is claimed of such cells at all. */
  readonly claims: ReadonlyMap<string, Claim>;
}

const taken = (why: string): Answer => ({ kind: 'yes', why, proof: [] });

/**
 * A board that nobody has run, by its profile alone. What no source speaks of is unknown, but for
 * what a profile that lists a provider takes for granted: that it is there, opens and maps.
 */
export function claimedWorld(profile: Profile): ClaimedWorld {
  const { cells } = plan(planInput(profile, null, { board: profile.name }));
  const claims = claimsOf(profile, cells);
  const listed = new Set(backendsOf(profile, heapsOf(profile, null)));
  const backend = (provider: Provider) => backendOf(provider, profile);
  return {
    claims,
    sourcesOf: (ids) => [...new Set(ids.flatMap((id) => claims.get(id)?.sources ?? []))],
    backendOf: backend,
    hasDrm: profile.devices.kms.length > 0 || profile.devices.gpu.length > 0,
    present: (provider) => {
      const name = backend(provider);
      if (name === 'memory') return taken('plain memory is always there');
      if (name !== null && listed.has(name)) return taken('the profile lists it');
      return { kind: 'no', why: 'the profile does not list it', proof: [] };
    },
    opens: () => taken('permissions are not known; it is taken to open'),
    allocates: (provider, { format, width, height }) => {
      const name = backend(provider) ?? '';
      const id = `allocate/${name}/-/${format}/${width}x${height}/0x0`;
      const claim = claims.get(id);
      if (!claim) return taken('nothing is claimed of it; it is taken to allocate');
      return answerTo(claim, id);
    },
    takes: (provider, { name, suite }, frame) => {
      if (provider.from === 'memory') return ofPlainMemory(suite);
      const id = cellOf(suite, backend(provider) ?? '', frame, profile);
      if (id === null)
        return { kind: 'unknown', why: `there is no ${name}`, proof: [], missing: [] };
      const claim = claims.get(id);
      if (claim) return answerTo(claim, id);
      if (suite === 'cpu') return taken('nothing is claimed of it; it is taken to map');
      return { kind: 'unknown', why: `nothing is claimed of ${id}`, proof: [], missing: [id] };
    },
  };
}

function answerTo(claim: Claim, id: string): Answer {
  const { outcome, orLucky, rate } = claim;
  const why = `claimed: ${claimWords(claim)}`;
  const is = (...names: Claim['outcome']) => outcome.every((one) => names.includes(one));
  const sometimes = rate !== null;
  if (is('pass')) return { kind: sometimes ? 'sometimes' : 'yes', why, proof: [id] };
  if (is('refused', 'unsupported'))
    return { kind: orLucky || sometimes ? 'sometimes' : 'no', why, proof: [id] };
  if (is('corrupt')) return { kind: 'wrong', why, proof: [id] };
  if (is('crash', 'hang')) return { kind: 'fatal', why, proof: [id] };
  return { kind: 'unknown', why, proof: [], missing: [id] };
}
