import { resolve } from 'node:path';
import { type ClaimedSystem, claimsOf } from '../../devices/claims.ts';
import { nextName } from '../../devices/closest.ts';
import { mesaVersionOf } from '../../devices/expect.ts';
import { loadProfile } from '../../devices/load.ts';
import { planInput } from '../../devices/planning.ts';
import { UserError } from '../../devices/problem.ts';
import type { LoadedProfile, Profile } from '../../devices/profile.ts';
import type { BoardRun, StandIn } from '../../reports/index.ts';
import { type Plan, plan } from '../../suites/plan.ts';
import { shippedProfiles } from './lab.ts';

/** Why the cells of a profile's own plan do not run: a report makes it, no run does. */
const NO_RUN = 'not planned by a run';

/**
 * The profiles that are named, each once.
 * @param named names of profiles that ship, or paths of profile files.
 * @throws UserError where there is no such profile.
 */
export function profilesNamed(named: readonly string[]): Profile[] {
  if (named.length === 0) return [];
  const shipped = shippedProfiles();
  return [...new Set(named)].map((name) => profileNamed(name, shipped).profile);
}

/**
 * Adds what profiles claim to measured boards: to the boards of a profile in the cells that were not
 * measured there, and as a page of its own where no board has run it.
 */
export function withClaims(boards: readonly BoardRun[], profiles: readonly Profile[]): BoardRun[] {
  let all = [...boards];
  for (const profile of profiles) {
    const standIn = standInOf(profile, boards);
    const own = all.some(({ profileName }) => profileName === profile.name);
    all = own
      ? all.map((run) =>
          run.profileName === profile.name ? completed(run, profile, standIn) : run,
        )
      : [...all, pageOf(profile, standIn)];
  }
  return all;
}

function profileNamed(name: string, shipped: readonly LoadedProfile[]): LoadedProfile {
  if (/\.ya?ml$/.test(name)) return loadProfile(resolve(name), shipped);
  const found = shipped.find(({ profile }) => profile.name === name);
  if (found) return found;
  const known = shipped.map(({ profile }) => profile.name);
  throw new UserError({
    code: 'unknown-name',
    message: `unknown profile ${JSON.stringify(name)}; known: ${known.join(', ')}`,
    hint: `${nextName(name, known)}; others are named by their path, NAME.yaml`,
  });
}

/** The newest run of the board that stands in for the profile's, if there is one. */
function standInOf({ standIn }: Profile, boards: readonly BoardRun[]): StandIn | undefined {
  if (!standIn) return undefined;
  const runs = boards.filter(({ profileName }) => profileName === standIn.profile);
  const started = ({ run }: BoardRun) => run?.startedAt ?? '';
  const [run] = runs.sort((a, b) => (started(a) < started(b) ? 1 : -1));
  return run && { differs: standIn.differs, names: standIn.names, run };
}

/** The profile's whole plan, none of which a run was to try. */
function ownPlan(profile: Profile): Plan {
  const made = plan(planInput(profile, null, { board: profile.name }));
  return { ...made, cells: made.cells.map((cell) => ({ ...cell, skip: NO_RUN })) };
}

function pageOf(profile: Profile, standIn: StandIn | undefined): BoardRun {
  const made = ownPlan(profile);
  return {
    board: profile.name,
    profileName: profile.name,
    title: profile.title,
    run: null,
    virtual: profile.machine !== undefined,
    inventory: null,
    plan: made,
    records: [],
    expected: () => ({ expected: true, why: 'not measured' }),
    claimOf: () => null,
    claims: claimsOf(profile, made.cells),
    standIn,
  };
}

function completed(run: BoardRun, profile: Profile, standIn: StandIn | undefined): BoardRun {
  const planned = new Set(run.plan.cells.map(({ id }) => id));
  const more = ownPlan(profile).cells.filter(({ id }) => !planned.has(id));
  const cells = [...run.plan.cells, ...more];
  const { inventory } = run;
  const system: ClaimedSystem = {
    kernel: inventory?.kernel.release ?? null,
    mesa: inventory && mesaVersionOf(inventory),
  };
  return {
    ...run,
    plan: { ...run.plan, cells },
    claims: claimsOf(profile, cells, system),
    standIn,
  };
}
