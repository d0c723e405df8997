import { type SecretNames, secretNames, variablePart } from '../../devices/board-secrets.ts';
import type { Board } from '../../devices/boards.ts';
import { UserError } from '../../devices/problem.ts';

/** What is known of one board's job: what a workflow is made of. No key is in it. */
export interface CiJob {
  readonly board: string;
  readonly profile: string;
  readonly access: Board['access'];
  /** As part of a job's id: unlike any other board's here. */
  readonly part: string;
  /** Names of the variables that have the board's keys; null where it needs none. */
  readonly secrets: SecretNames | null;
}

/** A lab's jobs, and the lab file's path as seen from the top of the repository. */
export interface CiLab {
  /** Null where there is no lab file: then the boards are those that come with bufmatrix. */
  readonly path: string | null;
  readonly jobs: readonly CiJob[];
}

/** How long a job waits for a board that another one has, and how long it may take in all. */
export const WAIT_SECONDS = 3600;
export const JOB_MINUTES = 180;

/** What the CI may read as something else (`$`, `{{`), and a shell as several words, is not in it. */
const PLAIN_PATH = /^[A-Za-z0-9_][A-Za-z0-9_./+@,:=-]{0,1000}$/;

/**
 * One job a board.
 * @param path the lab file's, relative to where the workflow will be run.
 * @throws UserError where names cannot be told apart, or the path is not fit.
 */
export function ciLab(boards: readonly Board[], path: string | null): CiLab {
  if (path !== null && !PLAIN_PATH.test(path))
    throw new UserError({
      code: 'usage',
      message: `the lab file ${path} cannot be named in a workflow`,
      hint: 'put it into the repository, start bufmatrix at its top, and use letters, digits and `_./+@,:=-`',
    });
  for (const alike of Map.groupBy(boards, ({ name }) => variablePart(name)).values())
    if (alike.length > 1)
      throw new UserError({
        code: 'lab',
        message: `the boards ${alike.map(({ name }) => name).join(' and ')} would have the same variables`,
        hint: 'rename boards so that their names differ in letters and digits',
      });
  return { path, jobs: boards.map(jobOf) };
}

const jobOf = ({ name, profile, access }: Board): CiJob => ({
  board: name,
  profile: profile.profile.name,
  access,
  part: variablePart(name).toLowerCase(),
  secrets: access.kind === 'ssh' ? secretNames(name) : null,
});

/** What a runner needs for virtual boards, where there are any. */
export const virtualNote = ({ jobs }: CiLab): string[] =>
  jobs.some(({ access }) => access.kind === 'virtual')
    ? [
        'For virtual boards the runner is Debian with QEMU: bufmatrix doctor BOARD says what it lacks.',
      ]
    : [];
