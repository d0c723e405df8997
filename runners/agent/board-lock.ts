import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { tryLock } from '../../suites/kernel/syscalls.ts';

/** Longest note about a holder that is read, in bytes. */
const NOTE_BYTES = 512;

/**
 * Takes the board for this process, by flock(2): the kernel gives it back when the process ends, in
 * whatever way. The fd is kept open for ever and is close-on-exec, so that no worker inherits it.
 * @returns null when the board is ours; else what the holder says of itself.
 * @throws Error when the file cannot be opened.
 */
export function lockBoard(path: string, who: string): string | null {
  const { fd, writable } = openLock(path);
  if (!tryLock(fd)) {
    const note = Buffer.alloc(NOTE_BYTES);
    const text = note.toString('utf8', 0, readSync(fd, note, 0, NOTE_BYTES, 0)).trim();
    closeSync(fd);
    return text || 'somebody who did not say who';
  }
  if (writable) {
    ftruncateSync(fd);
    writeSync(fd, `${who}\n`, 0);
  }
  return null;
}

/** Another user's lock file may be read-only for us; flock asks for no write access. */
function openLock(path: string): { fd: number; writable: boolean } {
  const { O_CREAT, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants;
  const tries = [
    { flags: O_RDWR | O_NOFOLLOW, writable: true },
    { flags: O_RDWR | O_NOFOLLOW | O_CREAT, writable: true },
    { flags: O_RDONLY | O_NOFOLLOW, writable: false },
  ];
  let failure: unknown;
  for (const { flags, writable } of tries)
    try {
      return { fd: openSync(path, flags, 0o644), writable };
    } catch (error) {
      failure ??= error;
    }
  throw failure;
}

/**
 * Takes the board for this process against other users and other folders, which have lock files of
 * their own: by flock(2) on a file that every system has and everybody may read. It is only opened
 * for reading and never written.
 * @returns null when the board is ours, or when there is no such file; else who has it, as well as
 *   can be told.
 */
export function lockWholeBoard(path: string): string | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY);
  } catch {
    return null;
  }
  if (tryLock(fd)) return null;
  const { ino } = fstatSync(fd);
  closeSync(fd);
  return holderOf(ino) ?? 'a process that this user may not look into';
}

/** What the agent that holds a lock on that inode was told of its host: from /proc/locks and its arguments. */
function holderOf(inode: number): string | null {
  try {
    const held = readFileSync('/proc/locks', 'latin1')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .find((words) => words[1] === 'FLOCK' && words[5]?.split(':')[2] === String(inode));
    const pid = held?.[4] ?? '';
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    const at = words.indexOf('--who');
    return at < 0 ? `${words[0]} (pid ${pid})` : (words[at + 1] ?? null);
  } catch {
    return null;
  }
}
