import { nextName } from './closest.ts';
import { type Fault, fault } from './fault.ts';
import type { Profile } from './profile.ts';

/** The names that cells of a profile are made of: drivers, and heaps of any kernel. */
function namesOf({ devices }: Profile): string[] {
  const drivers = [...devices.gpu, ...devices.kms, ...devices.encoder].map(({ driver }) => driver);
  const heaps = devices.heaps.map((heap) => (typeof heap === 'string' ? heap : heap.name));
  return [...new Set([...drivers, ...heaps])];
}

/**
 * What is wrong with a profile's stand-in.
 * @param known all profiles that it could name.
 */
export function checkStandIn(profile: Profile, known: readonly Profile[]): Fault[] {
  const { standIn } = profile;
  if (!standIn) return [];
  const at = ['standIn', 'profile'];
  const found = known.find(({ name }) => name === standIn.profile);
  if (!found?.machine) {
    const virtual = known.filter(({ machine }) => machine).map(({ name }) => name);
    const what = found ? 'has no machine, so it is no virtual board' : 'is no known profile';
    return [fault(at, `${standIn.profile} ${what}`, nextName(standIn.profile, virtual))];
  }
  const own = namesOf(profile);
  const theirs = namesOf(found);
  return Object.entries(standIn.names).flatMap(([name, theirName]) => {
    const path = ['standIn', 'names', name];
    if (!own.includes(name))
      return [fault(path, `${name} is no driver or heap of this board`, nextName(name, own))];
    if (theirs.includes(theirName)) return [];
    const what = `${theirName} is no driver or heap of ${found.name}`;
    return [fault(path, what, nextName(theirName, theirs))];
  });
}
