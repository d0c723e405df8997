import { closeSync, constants, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import type { Inventory } from '../inventory.ts';

export type Access = Inventory['heaps'][number]['node'];

/** Names by number, of /etc/passwd or /etc/group: both have `name:x:number:...`. */
function namesIn(file: string): ReadonlyMap<number, string> {
  try {
    const rows = readFileSync(file, 'utf8').split('\n');
    return new Map(
      rows.map((row) => row.split(':')).map(([name = '', , id]) => [Number(id), name]),
    );
  } catch {
    return new Map();
  }
}

const cache = new Map<string, ReadonlyMap<number, string>>();

function nameOf(file: string, id: number): string {
  const names = cache.get(file) ?? namesIn(file);
  cache.set(file, names);
  return names.get(id) ?? String(id);
}

/** The user's name of that number, or the number where /etc/passwd does not know it. */
export const userName = (uid: number): string => nameOf('/etc/passwd', uid);
/** The group's name of that number, or the number where /etc/group does not know it. */
export const groupName = (gid: number): string => nameOf('/etc/group', gid);

/** Mode bits as `ls -l` prints them: `crw-rw----`. */
function modeText(stat: Stats): string {
  const type = stat.isCharacterDevice() ? 'c' : stat.isDirectory() ? 'd' : '-';
  const bit = (mask: number, letter: string) => (stat.mode & mask ? letter : '-');
  const triple = (shift: number) =>
    bit(4 << shift, 'r') + bit(2 << shift, 'w') + bit(1 << shift, 'x');
  return type + triple(6) + triple(3) + triple(0);
}

/** The errno's symbol of a Node file-system error. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  throw error;
}

/** Who may open a node, and whether this process may, read-write; null where there is none. */
export function accessOf(path: string): Access | null {
  let stat: Stats;
  try {
    stat = statSync(path);
  } catch {
    return null;
  }
  const owner = userName(stat.uid);
  const group = groupName(stat.gid);
  return { path, mode: modeText(stat), owner, group, openErrno: openErrno(path) };
}

function openErrno(path: string): string | null {
  try {
    closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
    return null;
  } catch (error) {
    return codeOf(error);
  }
}
