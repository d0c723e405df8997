import { mesaVersionOf } from '../../devices/expect.ts';
import { UserError } from '../../devices/problem.ts';
import type { Cell } from '../../suites/cell.ts';
import type { Inventory } from '../../suites/inventory.ts';
import type { Plan, PlannedCell } from '../../suites/plan.ts';
import type { CellRecord } from '../../suites/record.ts';
import type { BoardRun, Run } from '../../suites/run.ts';
import type { Session, Transport } from '../transports/session.ts';
import { type Journal, runBoard } from './board-run.ts';
import type { CellReporter, CellTests, CellVerdict } from './cell-tests.ts';
import { clean } from './launch.ts';
import { BoardBusy } from './link.ts';
import type { Store } from './store.ts';

/** One board of a run: how to reach it, what to plan for it, and how its cells are judged. */
export interface RunBoard {
  readonly board: string;
  readonly transport: Transport;
  readonly workdir: string | null;
  readonly egl: readonly string[];
  readonly exhaustCma: boolean;
  readonly rebootOnTaint: boolean;
  readonly reboot: ((session: Session) => Promise<void>) | null;
  readonly prepare: ((signal: AbortSignal) => Promise<void>) | null;
  readonly returnMs: number;
  /** How long a board that others have is waited for, in ms; 0: not at all. */
  readonly waitMs: number;
  readonly diagnoseMs: number;
  readonly planFor: (inventory: Inventory) => Plan;
  /** Judges one attempt against the profile's expectations. */
  readonly expected: (
    record: CellRecord,
    kernel: string,
    mesa: string | null,
  ) => { expected: boolean; why: string };
  /** What run.json keeps of the board before it has been reached. */
  readonly entry: Omit<
    BoardRun,
    'state' | 'why' | 'plan' | 'inventory' | 'connections' | 'findings' | 'losses'
  >;
}

/** What whoever watches a run is told, beside japa's own events. */
export interface RunListener {
  boardState(board: string, state: BoardRun['state'], why: string | null): void;
  /** @param earlier what a run that is resumed has of the board. */
  planned(board: string, plan: Plan, earlier: readonly CellRecord[]): void;
  started(board: string, cell: string, attempt: number): void;
  record(board: string, record: CellRecord): void;
  /** The plan is done; that many experiments would tell causes apart. */
  experiments(board: string, count: number): void;
  finding(board: string, what: string, text: string): void;
  /** Somebody else has the board; it is waited for that long at most, in ms. */
  waiting(board: string, holder: string, leftMs: number): void;
}

export interface RunOptions {
  readonly run: Run;
  readonly store: Store;
  readonly boards: readonly RunBoard[];
  /** How many boards at once. */
  readonly jobs: number;
  readonly who: string;
  readonly listener: RunListener;
  readonly reporters: readonly CellReporter[];
  readonly signal: AbortSignal;
  /** Remove everything of ours from the boards at the end. */
  readonly clean: boolean;
}

/** What a run came to. */
export interface RunSummary {
  readonly run: Run;
  /** What ended single boards' runs, other than the boards themselves. */
  readonly failures: readonly unknown[];
}

/** Runs all boards, `jobs` at a time, each through its own queue. */
export async function runBoards(options: RunOptions): Promise<RunSummary> {
  const { run, store, boards, jobs } = options;
  // All of them before the first begins: a run that is killed early knows what is left to do.
  for (const board of boards) entryOf(run, board);
  run.endedAt = null;
  store.unseal();
  store.saveRun(run);
  const failures: unknown[] = [];
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  const queue = [...boards];
  const workers = Array.from({ length: Math.max(1, jobs) }, async () => {
    for (let next = queue.shift(); next && !signal.aborted; next = queue.shift()) {
      try {
        await runOne(next, { ...options, signal });
      } catch (error) {
        failures.push(error);
        // Nothing can be kept any more: what other boards would still say would be lost.
        if (error instanceof UserError && error.code === 'results-folder') stopping.abort(error);
      }
    }
  });
  await Promise.all(workers);
  run.endedAt = new Date().toISOString();
  try {
    store.saveRun(run);
    store.seal();
  } catch (error) {
    failures.push(error);
  }
  return { run, failures };
}

/** The board's entry in run.json, made if the run is new. */
function entryOf(run: Run, board: RunBoard): BoardRun {
  const found = run.boards.find((entry) => entry.board === board.board);
  // Today's way in, and what a virtual board is made of once it has been started.
  if (found)
    return Object.assign(found, { target: board.entry.target, virtual: board.entry.virtual });
  const entry: BoardRun = {
    ...board.entry,
    state: 'planned',
    why: null,
    plan: null,
    inventory: null,
    connections: [],
    findings: [],
    losses: {},
  };
  run.boards.push(entry);
  return entry;
}

async function runOne(board: RunBoard, options: RunOptions): Promise<void> {
  const { run, store, listener, signal } = options;
  const entry = entryOf(run, board);
  const ofBoard = (record: CellRecord) => record.board === board.board;
  const earlier = store.earlier.filter(ofBoard);
  const experiments = store.earlierExperiments.filter(ofBoard);
  if (entry.state === 'complete') return;
  let tests: CellTests | null = null;
  // Loaded while the connection opens: it takes as long as all the rest of a start here.
  const japa = import('./cell-tests.ts');
  const save = () => store.saveRun(run);
  const verdictOf = (cell: PlannedCell, records: readonly CellRecord[], why: string) =>
    judgeCell(board, entry, cell, records, why);
  const journal: Journal = {
    update: (patch) => {
      Object.assign(entry, patch);
      save();
    },
    connected: (bootId) => {
      entry.connections.push({ at: new Date().toISOString(), bootId });
      save();
    },
    finding: (what, text) => {
      entry.findings.push({ at: new Date().toISOString(), what, text });
      save();
      listener.finding(board.board, what, text);
    },
    waiting: (holder, leftMs) => listener.waiting(board.board, holder, leftMs),
    planned: async (plan) => {
      const { startCellTests } = await japa;
      tests = startCellTests(plan, earlier, verdictOf, options.reporters);
      listener.planned(board.board, plan, earlier);
    },
    started: (cell, attempt) => listener.started(board.board, cell, attempt),
    record: (record) => {
      store.append(record);
      listener.record(board.board, record);
      tests?.deliver(record);
    },
    experiments: (count) => listener.experiments(board.board, count),
    experiment: store.appendExperiment,
    ended: (state, why) => {
      entry.state = state;
      entry.why = why;
      save();
      listener.boardState(board.board, state, why);
    },
  };
  let busy = false;
  listener.boardState(board.board, 'running', null);
  try {
    await runBoard(
      {
        ...board,
        who: options.who,
        mark: `run ${run.id},`,
        resumed: entry.plan && { ...entry, plan: entry.plan },
      },
      { records: earlier, experiments },
      journal,
      signal,
    );
  } catch (error) {
    entry.state = signal.aborted ? 'interrupted' : stateAfter(error);
    entry.why = signal.aborted ? 'the run was interrupted' : messageOf(error);
    listener.boardState(board.board, entry.state, entry.why);
    busy = error instanceof BoardBusy;
    if (!signal.aborted) throw error;
  } finally {
    if (options.clean && !signal.aborted && !busy) await cleanUp(board, journal, signal);
    await board.transport.dispose();
    // The compiler cannot see that `planned` has set it.
    const begun = tests as CellTests | null;
    begun?.close(entry.why ?? `the board's run ended: ${entry.state}`);
    await begun?.finished;
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** What became of a board whose run ended by something else than the board. */
function stateAfter(error: unknown): BoardRun['state'] {
  if (error instanceof BoardBusy) return 'unreachable';
  if (!(error instanceof UserError)) return 'interrupted';
  if (error.code === 'environment') return 'unreachable';
  return error.code === 'results-folder' ? 'interrupted' : 'unfit';
}

/** A board that cannot be cleaned is told of; its records are none the worse for it. */
async function cleanUp(board: RunBoard, journal: Journal, signal: AbortSignal): Promise<void> {
  try {
    const session = await board.transport.open(signal);
    await clean(session, board.workdir).finally(() => session.close());
  } catch (error) {
    journal.finding('warning', `our folder could not be removed: ${messageOf(error)}`);
  }
}

/** A cell by all its attempts: every one must be as expected, and none may be missing. */
function judgeCell(
  board: RunBoard,
  entry: BoardRun,
  cell: Cell,
  records: readonly CellRecord[],
  why: string,
): CellVerdict {
  const kernel = entry.inventory?.kernel.release ?? '';
  const mesa = entry.inventory && mesaVersionOf(entry.inventory);
  for (const record of records) {
    const { expected, why: because } = board.expected(record, kernel, mesa);
    if (!expected) return { record, expected, why: because };
  }
  const record = records.at(-1) ?? null;
  if (record === null) return { record, expected: false, why: `not run: ${why}` };
  const missing = (entry.plan?.repeat ?? 1) - records.length;
  if (missing > 0 && record.end.kind !== 'board-lost')
    return {
      record,
      expected: false,
      why: `${missing} attempts of ${cell.id} did not run: ${why}`,
    };
  return { record, expected: true, why: '' };
}
