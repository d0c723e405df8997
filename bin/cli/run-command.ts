import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Board } from '../../devices/boards.ts';
import { UserError } from '../../devices/problem.ts';
import { reopenStore, type Store } from '../../runners/host/store.ts';
import type { Run } from '../../suites/run.ts';
import { listCells, listMissingCells } from './dry-run.ts';
import { execution, newRun, rethrow } from './execution.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { chooseBoards, openLab, resumedBoards } from './lab.ts';
import { folderOf } from './load-run.ts';
import type { Outcome } from './main.ts';
import { type FilterValues, filterOf, filterOptions, labOption, positiveInt } from './options.ts';

interface RunFlags extends FilterValues {
  readonly lab?: string;
  readonly allVirtual?: true;
  readonly repeat: number;
  readonly jobs: number;
  readonly dryRun?: true;
  readonly resume?: string;
  readonly out: string;
  readonly clean?: true;
  readonly json?: true;
  /** Seconds; false for `--no-diagnose`. */
  readonly diagnose: number | false;
  /** Seconds. */
  readonly wait?: number;
}

/** Enough for all that a virtual board's matrix asks, and little beside a real one's. */
const DIAGNOSE_SECONDS = 60;

/** `bufmatrix run BOARD...` */
export function addRunCommand(program: Command, outcome: Outcome): void {
  const command = program
    .command('run')
    .description('try every planned cell on the boards and print the matrix')
    .argument('[board...]', 'names from the lab file')
    .option('--all-virtual', 'all virtual boards that come with bufmatrix')
    .addOption(labOption())
    .option('--repeat <n>', 'attempts a cell', positiveInt, 1)
    .option('--jobs <n>', 'boards at once', positiveInt, 1)
    .option('--dry-run', 'list the cells that would run, touch no board')
    .option(
      '--resume <run>',
      "go on with a run: its id, its content (sha256:...) or its folder's path",
    )
    .option('--out <dir>', 'the folder that holds the runs', 'results')
    .option(
      '--diagnose <seconds>',
      'time for experiments that tell why cells failed, a board',
      positiveInt,
      DIAGNOSE_SECONDS,
    )
    .option('--no-diagnose', 'make no experiments')
    .option(
      '--wait <seconds>',
      'wait for a board that another run has, that long at most',
      positiveInt,
    )
    .option('--clean', 'remove our folder from the boards at the end')
    .option('--json', 'print the matrix as JSON');
  for (const option of filterOptions()) command.addOption(option);
  command.action(async (boards: string[], flags: RunFlags) => {
    if (flags.resume !== undefined) refuseBeside(command, boards, flags.resume);
    outcome.code = await run(boards, flags);
  });
}

/** What a run that is resumed brings with it, and so cannot be given again. */
const SETTLED = [
  'allVirtual',
  'repeat',
  'diagnose',
  'suite',
  'backend',
  'importer',
  'format',
  'cell',
  'tags',
];

function refuseBeside(command: Command, boards: readonly string[], which: string): void {
  const given = SETTLED.filter((name) => command.getOptionValueSource(name) === 'cli').map(
    (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  );
  if (boards.length === 0 && given.length === 0) return;
  throw new UserError({
    code: 'usage',
    message: `--resume takes its boards and cells from the run, so ${[...boards, ...given].join(', ')} cannot be given beside it`,
    hint: `bufmatrix run --resume ${which}`,
  });
}

async function run(names: readonly string[], flags: RunFlags): Promise<ExitCode> {
  if (flags.resume !== undefined) return resume(flags.resume, flags);
  const entries = chooseBoards(openLab(flags.lab), names, flags.allVirtual === true);
  const options = {
    repeat: flags.repeat,
    lab: flags.lab === undefined ? null : resolve(flags.lab),
    diagnoseSeconds: flags.diagnose === false ? 0 : flags.diagnose,
    filter: filterOf(flags),
  };
  if (flags.dryRun) {
    await listCells(entries, options, flags.json === true);
    return EXIT.ok;
  }
  const { run: now, store } = newRun(options, resolve(flags.out));
  return execute(entries, now, store, flags);
}

/** Goes on with a run where it stopped: with its boards, its plan and its filters. */
async function resume(which: string, flags: RunFlags): Promise<ExitCode> {
  const folder = folderOf(which, flags.out);
  if (flags.dryRun) {
    await listMissingCells(folder, flags);
    return EXIT.ok;
  }
  const { store, run: earlier, sealed } = reopenStore(folder);
  // Nothing is left to do, and nothing of it may change: it may be published by what it holds.
  if (sealed && isComplete(earlier)) {
    store.close();
    return printed(earlier, folder, flags.json);
  }
  const lab = openLab(flags.lab ?? earlier.options.lab ?? undefined);
  return execute(resumedBoards(lab, earlier), earlier, store, flags);
}

async function execute(
  entries: readonly Board[],
  run: Run,
  store: Store,
  flags: RunFlags,
): Promise<ExitCode> {
  const { jobs, clean = false, json = false } = flags;
  const waitMs = (flags.wait ?? 0) * 1000;
  try {
    const { summary, interrupted, stream } = await execution(entries, run, store, {
      jobs,
      clean,
      waitMs,
      live: !json,
    });
    const code = await printed(summary.run, store.folder, json);
    if (interrupted) {
      stream.write(`interrupted; go on with: bufmatrix run --resume ${store.folder}\n`);
      return EXIT.interrupted;
    }
    rethrow(summary.failures);
    return code;
  } finally {
    store.close();
  }
}

/** Writes the reports of a run, and says what it came to. */
async function printed(run: Run, folder: string, json = false): Promise<ExitCode> {
  // The reports' writers, for which no board should have to wait.
  const { printRun } = await import('./print.ts');
  const unexpected = printRun(folder, { json });
  if (!isComplete(run)) return EXIT.lab;
  return unexpected > 0 ? EXIT.unexpected : EXIT.ok;
}

const isComplete = ({ boards }: Run) => boards.every(({ state }) => state === 'complete');
