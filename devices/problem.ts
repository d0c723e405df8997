import { isAbsolute, relative } from 'node:path';

/** Where in a file: `line` and `column` count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Every way in which what a user gave can be wrong. A closed list: callers may switch on it. */
export type UserErrorCode =
  /** A command line that cannot be meant. */
  | 'usage'
  /** A board, profile, suite, importer or cell that nobody has heard of. */
  | 'unknown-name'
  /** A file that is not there, cannot be read, is too large or is not text. */
  | 'file'
  /** A profile, and a lab file, that says something wrong. */
  | 'profile'
  | 'lab'
  /** A policy or a use case that says something wrong. */
  | 'policy'
  /** The board lacks devices that its profile names. */
  | 'unfit-board'
  /** A results folder: cannot be written, in use, none, of another version, with foreign lines. */
  | 'results-folder'
  | 'run-locked'
  /** Somebody else's run had the board until the end of the time that it was waited for. */
  | 'board-busy'
  | 'no-run'
  | 'run-version'
  /** A run's files are not what it has left. */
  | 'run-changed'
  | 'foreign-record'
  /** A submission that a server did not take: it was not reached, or it refused. */
  | 'submission'
  /** This machine's Node, or another program, is missing or too old. */
  | 'environment';

/** What is no fault of the command line or of a file. */
const OF_THE_LAB: ReadonlySet<UserErrorCode> = new Set(['environment', 'submission', 'board-busy']);

/** Why a file was not written, in words, by the symbol of the errno. */
export const WRITE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder is not there',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'it may not be written',
  EEXIST: 'it is there already',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file has reached the largest size allowed',
  EROFS: 'the file system is read-only',
};

/** One thing that is wrong, and what to do about it. */
export interface Problem {
  /** What is wrong, led by the key that it is about: `kernel: write the version in quotes`. */
  readonly message: string;
  /** The next step, a sentence without its full stop. */
  readonly hint: string;
  readonly at?: Position;
}

/** A path as the user would write it: relative to here if it lies below, else as it is. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
}

/** A file's content may stand in a message: nothing in it may move the terminal's cursor. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, '\ufffd');

/** `devices/imx8mp.yaml:12:9 kernel: write the version in quotes. Next: kernel: "6.10".` */
export function formatProblem({ message, hint, at }: Problem): string {
  const where = at ? `${shownPath(at.file)}:${at.line}:${at.column} ` : '';
  return printable(`${where}${message}. Next: ${hint}.`);
}

/**
 * The project's one error class for what a user can mend: bad usage, a bad file, a board that is
 * not what its profile says. Ends the program with exit code 2, or 3 where it is this machine that
 * lacks something, a server that fails, or a board that others have. Its message has one line for each problem.
 */
export class UserError extends Error {
  readonly code: UserErrorCode;
  readonly exitCode: 2 | 3;
  readonly at: Position | undefined;
  readonly hint: string;
  /** All that is wrong: a file's problems are found together, never one at a time. */
  readonly problems: readonly Problem[];

  constructor(
    init: Problem & {
      readonly code: UserErrorCode;
      /** Problems beside the first. */
      readonly more?: readonly Problem[];
      readonly cause?: unknown;
    },
  ) {
    const { code, message, hint, at, more = [], cause } = init;
    const first: Problem = at ? { message, hint, at } : { message, hint };
    const problems = [first, ...more];
    super(problems.map(formatProblem).join('\n'), cause === undefined ? undefined : { cause });
    this.name = 'UserError';
    this.code = code;
    this.exitCode = OF_THE_LAB.has(code) ? 3 : 2;
    this.at = at;
    this.hint = hint;
    this.problems = problems;
  }
}

/** One error of all that is wrong with one file. `problems` must not be empty. */
export function errorOf(code: UserErrorCode, problems: readonly Problem[]): UserError {
  const [first, ...more] = problems;
  if (!first) throw new RangeError('an error needs a problem');
  return new UserError({ code, more, ...first });
}
