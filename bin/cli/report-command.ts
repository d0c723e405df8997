import { type Command, Option } from 'commander';
import { UserError } from '../../devices/problem.ts';
import { countUnexpected, FORMATS, type FormatName } from '../../reports/index.ts';
import { profilesNamed, withClaims } from './claims.ts';
import { EXIT } from './exit-codes.ts';
import { folderOf, loadRun, warnOf } from './load-run.ts';
import type { Outcome } from './main.ts';
import { collect } from './options.ts';
import { colourOf, writeOutput } from './output.ts';

interface ReportFlags {
  readonly format: FormatName;
  readonly out: string;
  readonly output?: string;
  readonly claims: readonly string[];
}

/** `bufmatrix report RUN... --claims PROFILE --format FORMAT` */
export function addReportCommand(program: Command, outcome: Outcome): void {
  program
    .command('report')
    .description('write the matrix of finished or unfinished runs, judged anew from their records')
    .argument('[run...]', "runs' ids, contents (sha256:...) or folders")
    .addOption(
      new Option('--format <name>', 'how').choices(Object.keys(FORMATS)).default('terminal'),
    )
    .option(
      '--claims <profile>',
      'show what this profile claims where nobody has measured (repeatable; also without a run)',
      collect,
      [],
    )
    .option('--out <dir>', 'the folder that holds the runs', 'results')
    .option('--output <file>', 'write into this file instead of the standard output')
    .action((names: string[], flags: ReportFlags) => {
      if (names.length === 0 && flags.claims.length === 0)
        throw new UserError({
          code: 'usage',
          message: 'no run is named, and no profile to show the claims of',
          hint: 'name a run, such as `bufmatrix report RUN`, or give --claims PROFILE',
        });
      const loaded = names.map((name) => loadRun(folderOf(name, flags.out)));
      const boards = withClaims(
        loaded.flatMap((run) => run.boards),
        profilesNamed(flags.claims),
      );
      warnOf(loaded.flatMap(({ troubles }) => troubles));
      // A file is never coloured, whatever the standard output is.
      const colour = flags.output === undefined && colourOf(process.stdout);
      const text = FORMATS[flags.format].write(boards, { colour });
      if (flags.output) writeOutput(flags.output, text);
      else process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
      const incomplete = boards.some((board) => board.incomplete);
      outcome.code = incomplete
        ? EXIT.lab
        : countUnexpected(boards) > 0
          ? EXIT.unexpected
          : EXIT.ok;
    });
}
