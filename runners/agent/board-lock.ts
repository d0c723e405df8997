import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
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
