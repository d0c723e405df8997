import type { Command } from 'commander';
import { openLab } from './lab.ts';
import { labOption } from './options.ts';

/** `bufmatrix boards` */
export function addBoardsCommand(program: Command): void {
  program
    .command('boards')
    .description('list the boards that are known here, and how each is reached')
    .addOption(labOption())
    .option('--json', 'as JSON')
    .action((flags: { lab?: string; json?: true }) => {
      const boards = openLab(flags.lab).map(({ name, profile, access }) => ({
        name,
        profile: profile.profile.name,
        access: access.kind === 'ssh' ? `ssh://${access.user ?? ''}@${access.host}` : access.kind,
        title: profile.profile.title,
      }));
      if (flags.json) return void process.stdout.write(`${JSON.stringify(boards, null, 2)}\n`);
      const width = Math.max(...boards.map(({ name }) => name.length));
      for (const { name, access, title } of boards)
        process.stdout.write(`${name.padEnd(width)}  ${access.padEnd(8)}  ${title}\n`);
    });
}
