import { hostname, userInfo } from 'node:os';
import type { Board } from '../../devices/boards.ts';
import { type RunBoard, type RunSummary, runBoards } from '../../runners/host/run.ts';
import { createStore, newRunId, type Store } from '../../runners/host/store.ts';
import type { Run, RunOptions } from '../../suites/run.ts';
import { EXIT } from './exit-codes.ts';
import { colourOf } from './output.ts';
import { progress } from './progress.ts';
import { runBoardOf } from './run-board.ts';
import { version } from './version.ts';

/** How a run is carried out; it changes nothing of what is measured. */
export interface Conduct {
  /** How many boards at once. */
  readonly jobs: number;
  /** Whether our folder is removed from the boards at the end. */
  readonly clean: boolean;
  /** How long a board that others have is waited for, in ms. */
  readonly waitMs: number;
  /** Whether progress may be drawn over itself, where there is a terminal. */
  readonly live: boolean;
  /** The last say in what is asked of a board. */
  readonly adapt?: (board: RunBoard, entry: Board) => RunBoard;
}

/** What became of it. `stream` is where progress went. */
export interface Executed {
  readonly summary: RunSummary;
  readonly interrupted: boolean;
  readonly stream: NodeJS.WriteStream;
}

/** A run that has not begun, with its folder below `out`. */
export function newRun(options: RunOptions, out: string): { run: Run; store: Store } {
  const id = newRunId(new Date());
  const store = createStore(out, id);
  const run: Run = {
    schema: 1,
    id,
    startedAt: new Date().toISOString(),
    endedAt: null,
    harness: { name: 'bufmatrix', version },
    command: ['bufmatrix', ...process.argv.slice(2)],
    options,
    boards: [],
  };
  return { run, store };
}

/** Tries all planned cells of the boards, with progress on stderr; a signal stops it. */
export async function execution(
  entries: readonly Board[],
  run: Run,
  store: Store,
  { jobs, clean, waitMs, live, adapt = (board) => board }: Conduct,
): Promise<Executed> {
  // stdout holds the result alone.
  const stream = process.stderr;
  const watch = progress({ stream, live: live && stream.isTTY === true, colour: colourOf(stream) });
  const stopping = new AbortController();
  const stop = () => {
    // A second time: at once. Our children end with us.
    if (stopping.signal.aborted) process.exit(EXIT.interrupted);
    stopping.abort(new Error('interrupted'));
    watch.stop();
    stream.write('bufmatrix: stopping the boards; the run can be resumed\n');
  };
  // Not `once`: execa ends the process when nobody else listens any more.
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    stream.write(`run ${run.id} in ${store.folder}\n`);
    const boards = entries.map(async (entry) =>
      adapt(await runBoardOf(entry, run.options, waitMs, stream), entry),
    );
    const summary = await runBoards({
      run,
      store,
      boards: await Promise.all(boards),
      jobs,
      who: `${userInfo().username}@${hostname()}, run ${run.id}, since ${new Date().toISOString()}`,
      listener: watch,
      reporters: [watch.reporter],
      signal: stopping.signal,
      clean,
    });
    return { summary, interrupted: stopping.signal.aborted, stream };
  } finally {
    watch.stop();
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  }
}

/** What went wrong with single boards is told after the results of the others. */
export function rethrow(failures: readonly unknown[]): void {
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures);
}
