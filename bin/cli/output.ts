import { writeFileSync } from 'node:fs';
import { UserError, WRITE_ERRORS } from '../../devices/problem.ts';

/** Whether what is written to that stream may be coloured: never in a file or a pipe. */
export function colourOf(stream: NodeJS.WriteStream): boolean {
  return !process.env['NO_COLOR'] && stream.isTTY === true;
}

/** Why that file was not written, as a user's error. */
export function cannotWrite(path: string, errno: string, cause?: unknown): UserError {
  return new UserError({
    code: 'file',
    message: `${path}: the file cannot be written: ${WRITE_ERRORS[errno] ?? errno}`,
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
