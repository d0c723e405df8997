import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withSecrets } from '../../devices/board-secrets.ts';
import { type Board, boardNamed, knownBoards } from '../../devices/boards.ts';
import { loadLab, loadProfiles } from '../../devices/load.ts';
import { UserError } from '../../devices/problem.ts';
import type { LoadedProfile } from '../../devices/profile.ts';
import type { Run } from '../../suites/run.ts';
import { packageRoot } from './version.ts';

/** The lab file that is read where none is named. */
const LAB_FILE = 'lab.yaml';

/** The profiles that ship with bufmatrix. */
export const shippedProfiles = (): LoadedProfile[] => loadProfiles(join(packageRoot, 'devices'));

/** The lab file that is meant; undefined where there is none. */
export const labPath = (file: string | undefined): string | undefined =>
  file ?? (existsSync(LAB_FILE) ? LAB_FILE : undefined);

/** Every board that is known here: the lab file's, and the virtual ones. */
export function openLab(file: string | undefined): Board[] {
  const profiles = shippedProfiles();
  const path = labPath(file);
  const lab = path === undefined ? [] : loadLab(resolve(path), profiles);
  return knownBoards(withSecrets(lab, process.env), profiles);
}

/** The boards that a command line names. @throws UserError when it names none, or both ways. */
export function chooseBoards(
  lab: readonly Board[],
  names: readonly string[],
  allVirtual: boolean,
): Board[] {
  if (allVirtual && names.length > 0)
    throw new UserError({
      code: 'usage',
      message: 'boards are named, and --all-virtual as well',
      hint: 'give one of the two',
    });
  if (!allVirtual && names.length === 0)
    throw new UserError({
      code: 'usage',
      message: 'no board is named',
      hint: `name one or more of ${lab.map(({ name }) => name).join(', ')}, or give --all-virtual`,
    });
  if (allVirtual) return lab.filter(isShippedVirtual);
  return [...new Set(names)].map((name) => boardNamed(name, lab));
}

/** A virtual board that is known without a lab file, as opposed to a lab's own choice of versions. */
const isShippedVirtual = ({ name, access, profile: { profile } }: Board): boolean =>
  access.kind === 'virtual' && profile.machine !== undefined && name === profile.name;

/** The boards of a run that is resumed, by today's way in. */
export function resumedBoards(lab: readonly Board[], run: Run): Board[] {
  return run.boards
    .filter(({ state }) => state !== 'complete')
    .map(({ board }) => boardNamed(board, lab));
}
