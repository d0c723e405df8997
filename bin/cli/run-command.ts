import { hostname, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Board } from '../../devices/boards.ts';
import { planInput } from '../../devices/planning.ts';
import { UserError } from '../../devices/problem.ts';
import { type RunSummary, runBoards } from '../../runners/host/run.ts';
import { createStore, newRunId, reopenStore, type Store } from '../../runners/host/store.ts';
import { plan } from '../../suites/plan.ts';
import type { Run } from '../../suites/run.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { refuseEmpty, wantedBy } from './filter.ts';
import { chooseBoards, openLab, resumedBoards } from './lab.ts';
import type { Outcome } from './main.ts';
import { type FilterValues, filterOptions, labOption, positiveInt } from './options.ts';
import { printRun } from './print.ts';
import { progress } from './progress.ts';
import { runBoardOf } from './run-board.ts';
import { version } from './version.ts';

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
}

/** `bufmatrix run BOARD...` */
export function addRunCommand(program: Command, outcome: Outcome): void {
  const command = program
    .command('run')
    .description('try every planned cell on the boards and print the matrix')
    .argument('[board...]', 'names from the lab file')
    .option('--all-virtual', 'all virtual boards')
    .addOption(labOption())
    .option('--repeat <n>', 'attempts a cell', positiveInt, 1)
    .option('--jobs <n>', 'boards at once', positiveInt, 1)
    .option('--dry-run', 'list the cells that would run, touch no board')
    .option('--resume <run>', "go on with a run: its id, or its folder's path")
    .option('--out <dir>', 'the folder that holds the runs', 'results')
    .option('--clean', 'remove our folder from the boards at the end')
    .option('--json', 'print the matrix as JSON');
  for (const option of filterOptions()) command.addOption(option);
  command.action(async (boards: string[], flags: RunFlags) => {
    outcome.code = await run(boards, flags);
  });
}

async function run(names: readonly string[], flags: RunFlags): Promise<ExitCode> {
  const lab = openLab(flags.lab);
  if (flags.resume !== undefined) return resume(names, flags.resume, flags, lab);
  const entries = chooseBoards(lab, names, flags.allVirtual === true);
  if (flags.dryRun) return dryRun(entries, flags);
  const id = newRunId(new Date());
  const store = createStore(resolve(flags.out), id);
  const now: Run = {
    schema: 1,
    id,
    startedAt: new Date().toISOString(),
    endedAt: null,
    harness: { name: 'bufmatrix', version },
    command: ['bufmatrix', ...process.argv.slice(2)],
    boards: [],
  };
  store.saveRun(now);
  return execute(entries, now, store, flags);
}

/** Goes on with a run where it stopped: with its boards, its plan and its filters. */
async function resume(
  names: readonly string[],
  which: string,
  flags: RunFlags,
  lab: readonly Board[],
): Promise<ExitCode> {
  if (names.length > 0 || flags.allVirtual)
    throw new UserError({
      code: 'usage',
      message: '--resume takes its boards from the run, so none can be named beside it',
      hint: `bufmatrix run --resume ${which}`,
    });
  const folder = which.includes('/') ? resolve(which) : join(resolve(flags.out), which);
  const { store, run: earlier } = reopenStore(folder);
  return execute(resumedBoards(lab, earlier), earlier, store, flags);
}

function dryRun(entries: readonly Board[], flags: RunFlags): ExitCode {
  for (const { name: board, profile } of entries) {
    const planned = plan(
      planInput(profile.profile, null, { board, repeat: flags.repeat, wanted: wantedBy(flags) }),
    );
    refuseEmpty(planned, flags);
    const cells = planned.cells.filter((cell) => cell.skip === null);
    if (flags.json) process.stdout.write(`${JSON.stringify(planned)}\n`);
    else {
      for (const cell of cells) process.stdout.write(`${board} ${cell.id}\n`);
      process.stderr.write(
        `${board}: ${cells.length} of ${planned.cells.length} cells; a run also takes heaps that the profile does not name\n`,
      );
    }
  }
  return EXIT.ok;
}

async function execute(
  entries: readonly Board[],
  run: Run,
  store: Store,
  flags: RunFlags,
): Promise<ExitCode> {
  const { stream, live, colour } = outputOf(flags);
  const watch = progress({ stream, live, colour });
  const stopping = new AbortController();
  const stop = () => {
    stopping.abort(new Error('interrupted'));
    watch.stop();
    stream.write('bufmatrix: stopping the boards; the run can be resumed\n');
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    stream.write(`run ${run.id} in ${store.folder}\n`);
    const who = `${userInfo().username}@${hostname()}, run ${run.id}, since ${new Date().toISOString()}`;
    const summary = await runBoards({
      run,
      store,
      boards: entries.map((entry) => runBoardOf(entry, flags, stream)),
      jobs: flags.jobs,
      who,
      listener: watch,
      reporters: [watch.reporter],
      signal: stopping.signal,
      clean: flags.clean === true,
    });
    watch.stop();
    printRun(store.folder, { json: flags.json === true, colour });
    if (stopping.signal.aborted) {
      stream.write(`interrupted; go on with: bufmatrix run --resume ${store.folder}\n`);
      return EXIT.interrupted;
    }
    return codeOf(summary);
  } finally {
    watch.stop();
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
    store.close();
  }
}

function codeOf({ run, unexpected }: RunSummary): ExitCode {
  const states = run.boards.map((board) => board.state);
  if (states.includes('unfit')) return EXIT.usage;
  if (states.some((state) => state !== 'complete')) return EXIT.lab;
  return unexpected > 0 ? EXIT.unexpected : EXIT.ok;
}

/** Progress goes to stderr, so that stdout holds the matrix alone. */
function outputOf(flags: RunFlags) {
  const stream = process.stderr;
  const colour = !process.env['NO_COLOR'] && stream.isTTY === true;
  return { stream, live: stream.isTTY === true && !flags.json, colour };
}
