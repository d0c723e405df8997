import { writeFileSync } from 'node:fs';
import { UserError } from '../../devices/problem.ts';

/** Whether what is written to that stream may be coloured: never in a file or a pipe. */
export function colourOf(stream: NodeJS.WriteStream): boolean {
  return !process.env['NO_COLOR'] && stream.isTTY === true;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder is not there',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be written',
  EEXIST: 'it is there already',
  ENOSPC: 'the disk is full',
  EROFS: 'the file system is read-only',
};

/** Why that file was not written, as a user's error. */
export function cannotWrite(path: string, errno: string, cause?: unknown): UserError {
  return new UserError({
    code: 'file',
    message: `${path}: the file cannot be written: ${REASONS[errno] ?? errno}`,
    hint: 'name another file, or mend that',
    cause,
  });
}

/**
 * Writes a whole file.
 * @param flag `wx` leaves a file alone that is there already.
 * @throws UserError with the file and the reason.
 */
export function writeOutput(path: string, text: string, flag: 'w' | 'wx' = 'w'): void {
  try {
    writeFileSync(path, text, { flag });
  } catch (cause) {
    const errno = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw cannotWrite(path, errno, cause);
  }
}
