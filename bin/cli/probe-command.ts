import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { parseAccess } from '../../devices/access.ts';
import { boardOf } from '../../devices/boards.ts';
import { Lab } from '../../devices/lab.ts';
import { UserError } from '../../devices/problem.ts';
import { skeletonProfile } from '../../devices/skeleton.ts';
import { askBoard } from './inventory.ts';
import { openLab } from './lab.ts';
import { labOption } from './options.ts';
import { cannotWrite, writeOutput } from './output.ts';

interface ProbeFlags {
  readonly lab?: string;
  readonly name: string;
  readonly output?: string;
  readonly hostKey?: string;
  readonly identityFile?: string;
}

/** `bufmatrix probe TARGET`: a board of the lab file, or a way in. */
export function addProbeCommand(program: Command): void {
  program
    .command('probe')
    .description('write a commented skeleton profile for a board never seen before')
    .argument('<target>', 'local, ssh://USER@HOST:PORT, or a name from the lab file')
    .addOption(labOption())
    .option('--name <name>', "the new profile's name", 'new-board')
    .option('--host-key <key>', 'the host key, as in the lab file')
    .option('--identity-file <file>', 'a private key')
    .option('--output <file>', 'write into this file instead of the standard output')
    .action(async (target: string, flags: ProbeFlags) => {
      const { output } = flags;
      // Told before the board is asked, which can take a minute.
      if (output !== undefined && existsSync(output)) throw cannotWrite(output, 'EEXIST');
      // Nobody has said yet that its memory may be used up.
      const inventory = await askBoard(targetOf(target, flags), 'all', false, process.stderr);
      const text = skeletonProfile(inventory, flags.name);
      if (output !== undefined) writeOutput(output, text, 'wx');
      else process.stdout.write(text);
    });
}

function targetOf(target: string, flags: ProbeFlags) {
  const boards = openLab(flags.lab);
  const named = boards.find(({ name }) => name === target);
  if (named) return named;
  const access = parseAccess(target);
  const any = boards[0];
  if (typeof access === 'string' || access.kind === 'virtual' || !any)
    throw new UserError({
      code: 'usage',
      message: `${JSON.stringify(target)} is neither a known board nor a way to one${typeof access === 'string' ? `: ${access}` : ''}`,
      hint: `name one of ${boards.map(({ name }) => name).join(', ')}, local, or ssh://USER@HOST:PORT`,
    });
  const { hostKey, identityFile } = flags;
  const entry = {
    profile: any.profile.profile.name,
    access: target,
    reboot: 'never' as const,
    ...(hostKey === undefined ? {} : { hostKey }),
    ...(identityFile === undefined ? {} : { identityFile }),
  };
  const checked = Lab.safeParse({ boards: { target: entry } });
  if (!checked.success)
    throw new UserError({
      code: 'usage',
      message: checked.error.issues.map((issue) => issue.message).join('; '),
      hint: 'give it as the lab file would hold it (see lab.example.yaml)',
    });
  return boardOf(target, entry, any.profile, '.');
}
