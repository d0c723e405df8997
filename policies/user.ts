import type { Inventory } from '../suites/inventory.ts';

/** For whom a policy is judged: what root may open proves nothing for a user. */
export interface Judged {
  readonly uid: number;
  /** Names or numbers of groups. */
  readonly groups: readonly string[];
  /** Whether it is the one as whom the board was measured, so that what open(2) said there counts. */
  readonly measured: boolean;
}

type Node = Inventory['heaps'][number]['node'];

/** `1000:video,render`, `0`. @returns what is wrong with it, in words, where it is none. */
export function parseUser(text: string): Judged | string {
  const match =
    /^(\d{1,10})(?::([A-Za-z0-9_][A-Za-z0-9_.-]*(?:,[A-Za-z0-9_][A-Za-z0-9_.-]*)*))?$/.exec(text);
  if (!match) return 'a user is UID or UID:GROUP,GROUP, such as 1000:video,render';
  const [, uid = '0', groups = ''] = match;
  return { uid: Number(uid), groups: groups.split(',').filter(Boolean), measured: false };
}

/** The user as whom the board was measured. */
export const measuredUser = ({ user }: Inventory): Judged => ({ ...user, measured: true });

/** `uid 1000 (video, render)`. */
export function userLabel({ uid, groups }: Judged): string {
  return `uid ${uid}${groups.length ? ` (${groups.join(', ')})` : ''}`;
}

/** Why a user may not open a node, or null where it may. */
export function closedTo(user: Judged, node: Node, open: 'ro' | 'rw'): string | null {
  const { path, mode, owner, group, openErrno } = node;
  if (user.measured && openErrno === null) return null;
  // What keeps the one who measured out with all rights keeps everybody out: a device policy, a lost driver.
  if (openErrno !== null && !['EACCES', 'EPERM'].includes(openErrno))
    return `${path}: open(2) said ${openErrno}`;
  if (user.measured && open === 'rw') return `${path}: open(2) said ${openErrno}`;
  if (user.uid === 0) return null;
  const bits = bitsOf(user, node);
  const missing = open === 'ro' ? !bits.includes('r') : !bits.startsWith('rw');
  if (!missing) return null;
  return `${path} is ${mode} ${owner}:${group}, which keeps ${userLabel(user)} out`;
}

/** The three letters of the mode that count for the user. Access lists beside them are not recorded. */
function bitsOf(user: Judged, { mode, owner, group }: Node): string {
  if (owner === String(user.uid)) return mode.slice(1, 4);
  if (user.groups.includes(group)) return mode.slice(4, 7);
  return mode.slice(7, 10);
}
