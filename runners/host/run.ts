import { mesaVersionOf } from '../../devices/expect.ts';
import type { Cell } from '../../suites/cell.ts';
import type { Inventory } from '../../suites/inventory.ts';
import type { Plan, PlannedCell } from '../../suites/plan.ts';
import type { CellRecord } from '../../suites/record.ts';
import type { BoardRun, Run } from '../../suites/run.ts';
import type { Session, Transport } from '../transports/session.ts';
import { type Journal, runBoard } from './board-run.ts';
import {
  type CellReporter,
  type CellTests,
  type CellVerdict,
  startCellTests,
} from './cell-tests.ts';
import { clean } from './launch.ts';
import { BoardBusy } from './link.ts';
import type { Store } from './store.ts';

/** One board of a run: how to reach it, what to plan for it, and how its cells are judged. */
export interface RunBoard {
  readonly board: string;
  readonly transport: Transport;
  readonly workdir: string | null;
  readonly egl: readonly string[];
  readonly rebootOnTaint: boolean;
  readonly reboot: ((session: Session) => Promise<void>) | null;
  readonly returnMs: number;
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
  planned(board: string, plan: Plan, done: number): void;
  started(board: string, cell: string, attempt: number): void;
  record(board: string, record: CellRecord): void;
  finding(board: string, what: string, text: string): void;
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
  /** Cells that are not as expected, over all boards. */
  readonly unexpected: number;
}

/** Runs all boards, `jobs` at a time, each through its own queue. */
export async function runBoards(options: RunOptions): Promise<RunSummary> {
  const { run, boards, jobs } = options;
  let unexpected = 0;
  const queue = [...boards];
  const failures: unknown[] = [];
  const workers = Array.from({ length: Math.max(1, jobs) }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      try {
        unexpected += await runOne(next, options);
      } catch (error) {
        failures.push(error);
      }
    }
  });
  await Promise.all(workers);
  run.endedAt = new Date().toISOString();
  options.store.saveRun(run);
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('\n'));
  return { run, unexpected };
}

/** The board's entry in run.json, made if the run is new. */
function entryOf(run: Run, board: RunBoard): BoardRun {
  const found = run.boards.find((entry) => entry.board === board.board);
  if (found) return found;
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

async function runOne(board: RunBoard, options: RunOptions): Promise<number> {
  const { run, store, listener, signal } = options;
  const entry = entryOf(run, board);
  const earlier = store.earlier.filter((record) => record.board === board.board);
  if (entry.state === 'complete') return 0;
  let tests: CellTests | null = null;
  let unexpected = 0;
  const save = () => store.saveRun(run);
  const verdictOf = (cell: PlannedCell, records: readonly CellRecord[], why: string) => {
    const verdict = judgeCell(board, entry, cell, records, why);
    if (!verdict.expected) unexpected++;
    return verdict;
  };
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
    planned: (plan) => {
      tests = startCellTests(plan, earlier, verdictOf, options.reporters);
      listener.planned(board.board, plan, earlier.length);
    },
    started: (cell, attempt) => listener.started(board.board, cell, attempt),
    record: (record) => {
      store.append(record);
      listener.record(board.board, record);
      tests?.deliver(record);
    },
    ended: (state, why) => {
      entry.state = state;
      entry.why = why;
      save();
      listener.boardState(board.board, state, why);
    },
  };
  listener.boardState(board.board, 'running', null);
  try {
    await runBoard(
      { ...board, who: options.who, resumed: entry.plan && { ...entry, plan: entry.plan } },
      earlier,
      journal,
      signal,
    );
  } catch (error) {
    if (signal.aborted) journal.ended('interrupted', 'the run was interrupted');
    else
      journal.ended(
        error instanceof BoardBusy ? 'unreachable' : 'unfit',
        error instanceof Error ? error.message : String(error),
      );
    if (!signal.aborted) throw error;
  } finally {
    if (options.clean && !signal.aborted) await cleanUp(board, journal, signal);
    await board.transport.dispose();
    // The compiler cannot see that `planned` has set it.
    const begun = tests as CellTests | null;
    begun?.close(entry.why ?? `the board's run ended: ${entry.state}`);
    await begun?.finished;
  }
  return unexpected;
}

/** A board that cannot be cleaned is told of; its records are none the worse for it. */
async function cleanUp(board: RunBoard, journal: Journal, signal: AbortSignal): Promise<void> {
  try {
    const session = await board.transport.open(signal);
    await clean(session, board.workdir).finally(() => session.close());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    journal.finding('warning', `our folder could not be removed: ${why}`);
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
