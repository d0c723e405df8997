import type { Inventory } from '../suites/inventory.ts';

/** A user and its groups, by names or numbers. */
export interface User {
  readonly uid: number;
  readonly groups: readonly string[];
}

/** For whom a policy is judged: what root may open proves nothing for a user. */
export interface Judged extends User {
  /** Whether it is the one as whom the board was measured, so that what open(2) said there counts. */
  readonly measured: boolean;
  /** The uid as whom the board was measured. */
  readonly measuredAs: number;
}

type Node = Inventory['heaps'][number]['node'];

/** `1000:video,render`, `0`. @returns what is wrong with it, in words, where it is none. */
export function parseUser(text: string): User | string {
  const match =
    /^(\d{1,10})(?::([A-Za-z0-9_][A-Za-z0-9_.-]*(?:,[A-Za-z0-9_][A-Za-z0-9_.-]*)*))?$/.exec(text);
  if (!match) return 'a user is UID or UID:GROUP,GROUP, such as 1000:video,render';
  const [, uid = '0', groups = ''] = match;
  return { uid: Number(uid), groups: groups.split(',').filter(Boolean) };
}

/** The user on a board. @param asked null: the one as whom the board was measured. */
export function judgedOn({ user }: Inventory, asked: User | null): Judged {
  const same = (one: User) =>
    one.uid === user.uid && [...one.groups].sort().join() === [...user.groups].sort().join();
  const measured = asked === null || same(asked);
  return { ...(asked ?? user), measured, measuredAs: user.uid };
}

/** `uid 1000 (video, render)`. */
export function userLabel({ uid, groups }: User): string {
  return `uid ${uid}${groups.length ? ` (${groups.join(', ')})` : ''}`;
}

/** Why a user may not open a node, or null where it may. */
export function closedTo(user: Judged, node: Node, open: 'ro' | 'rw'): string | null {
  const { path, mode, owner, group, openErrno } = node;
  const said = `${path}: open(2) said ${openErrno}`;
  if (openErrno !== null) {
    // What keeps root out keeps everybody out: a device policy, or a driver that has gone.
    if (user.measuredAs === 0 || !['EACCES', 'EPERM'].includes(openErrno)) return said;
    // The one who measured asked for read and write; read alone is told by the mode.
    if (user.measured && open === 'rw') return said;
  } else if (user.measured) return null;
  if (user.uid === 0) return null;
  const bits = bitsOf(user, node);
  const missing = open === 'ro' ? !bits.includes('r') : !bits.startsWith('rw');
  if (!missing) return null;
  return `${path} is ${mode} ${owner}:${group}, which keeps ${userLabel(user)} out`;
}

/** The three letters of the mode that count for the user. Access lists beside them are not recorded. */
function bitsOf(user: User, { mode, owner, group }: Node): string {
  if (owner === String(user.uid)) return mode.slice(1, 4);
  if (user.groups.includes(group)) return mode.slice(4, 7);
  return mode.slice(7, 10);
}
