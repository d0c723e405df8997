import type { Command } from 'commander';
import { oneLine } from '../../reports/sanitize.ts';
import { wrap } from '../../reports/text-grid.ts';
import { openLab } from './lab.ts';
import { labOption } from './options.ts';

/** Also where it is no terminal, so that what is copied from it looks alike. */
const COLUMNS = 80;

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
      for (const { name, access, title } of boards) {
        const first = `${name.padEnd(width)}  ${access.padEnd(7)}  `;
        const lines = wrap(oneLine(title), COLUMNS, ' '.repeat(width + 2), first);
        process.stdout.write(`${lines.join('\n')}\n`);
      }
    });
}
