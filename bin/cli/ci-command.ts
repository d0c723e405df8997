import { relative, resolve } from 'node:path';
import { Argument, type Command } from 'commander';
import type { Board } from '../../devices/boards.ts';
import { loadLab } from '../../devices/load.ts';
import { UserError } from '../../devices/problem.ts';
import { CI_NAMES, CI_WRITERS, type CiName } from '../ci/index.ts';
import { ciLab } from '../ci/job.ts';
import { labPath, openLab, shippedProfiles } from './lab.ts';
import { labOption } from './options.ts';

/** `bufmatrix ci SYSTEM` */
export function addCiCommand(program: Command): void {
  program
    .command('ci')
    .description('print a workflow for a CI system, one job for each board of the lab file')
    .addArgument(new Argument('<system>', 'for which').choices(CI_NAMES))
    .addOption(labOption())
    .action((system: CiName, flags: { lab?: string }) => {
      const path = labPath(flags.lab);
      const { write, sshOnly } = CI_WRITERS[system];
      const boards = boardsOf(path);
      if (sshOnly && !boards.some(({ access }) => access.kind === 'ssh'))
        throw new UserError({
          code: 'usage',
          message: `${system} needs a board that is reached over ssh, and there is none`,
          hint: 'name a lab file that has one with --lab',
        });
      process.stdout.write(write(ciLab(boards, path === undefined ? null : relative('.', path))));
    });
}

/** A lab file's own boards: the virtual ones that come with bufmatrix are for where there is none. */
const boardsOf = (path: string | undefined): readonly Board[] =>
  path === undefined ? openLab(undefined) : loadLab(resolve(path), shippedProfiles());
