import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../devices/problem.ts';
import type { Cell } from '../../suites/cell.ts';
import type { ExperimentRecord } from '../../suites/diagnose/experiment.ts';
import type { Inventory } from '../../suites/inventory.ts';
import { toRecord } from '../../suites/judge.ts';
import { luckWatch } from '../../suites/luck.ts';
import { type Plan, usesHeaps, usesMesa } from '../../suites/plan.ts';
import type { CellFacts, CellRecord } from '../../suites/record.ts';
import type { BoardRun, Finding } from '../../suites/run.ts';
import type { Reply } from '../agent/protocol.ts';
import { type Session, type Transport, TransportError } from '../transports/session.ts';
import { BoardWait } from './board-wait.ts';
import { type LabJournal, runExperiments } from './experiments.ts';
import { BoardBusy, type Link, link } from './link.ts';
import { prepareBoard } from './prepare-board.ts';

/** What is to be done with one board, and how far to go for it. */
export interface BoardJob {
  readonly board: string;
  readonly transport: Transport;
  readonly workdir: string | null;
  readonly who: string;
  /** What in `who` tells this run from all others, through all its resumptions. */
  readonly mark: string;
  /** Drivers whose EGL the inventory shall describe, if the plan has cells that need it. */
  readonly egl: readonly string[];
  /** Makes the plan once the board has said what it has; throws where the profile does not fit. */
  readonly planFor: (inventory: Inventory) => Plan;
  /** A run that is resumed goes on with its plan, on the system that it began on. */
  readonly resumed: {
    plan: Plan;
    inventory: Inventory | null;
    losses: Record<string, number>;
  } | null;
  /** Whether a CMA heap may be used up for a moment, to tell which heaps are one memory. */
  readonly exhaustCma: boolean;
  readonly rebootOnTaint: boolean;
  /** Reboots a board that does not do it by itself; null: `reboot` on the board. */
  readonly reboot: ((session: Session) => Promise<void>) | null;
  /**
   * Brings the board into the state that is measured: once, before it is measured. A board that comes
   * back as another after a loss is told by its inventory.
   */
  readonly prepare: ((signal: AbortSignal) => Promise<void>) | null;
  /** How long a board that went away is waited for, in ms. */
  readonly returnMs: number;
  /** How long a board that others have is waited for, in ms; 0: not at all. */
  readonly waitMs: number;
  /** How long experiments may take after the plan, in ms; 0: there are none. */
  readonly diagnoseMs: number;
}

/** Where a board's run is written down as it goes. */
export interface Journal extends Pick<LabJournal, 'experiments' | 'experiment'> {
  update(patch: Partial<BoardRun>): void;
  connected(bootId: string): void;
  finding(what: Finding['what'], text: string): void;
  /** Somebody else has the board; it is waited for that long at most, in ms. */
  waiting(holder: string, leftMs: number): void;
  planned(plan: Plan): Promise<void>;
  started(cell: string, attempt: number): void;
  record(record: CellRecord): void;
  /** The board did not run these cells, and will not in this run. */
  ended(state: BoardRun['state'], why: string | null): void;
}

/** A board is tried this often before it counts as unreachable. */
const FIRST_TRIES = 3;

/** How often a lock that our own lost agent still holds is tried again, a second apart. */
const OWN_LOCK_TRIES = 60;

/** Runs one board's plan to its end, through losses and reboots. Never throws for the board's own sake. */
export async function runBoard(
  job: BoardJob,
  earlier: {
    readonly records: readonly CellRecord[];
    readonly experiments: readonly ExperimentRecord[];
  },
  journal: Journal,
  signal: AbortSignal,
): Promise<void> {
  const state = newState(job, earlier.records, earlier.experiments);
  const wait = new BoardWait(job.waitMs, journal.waiting);
  for (;;) {
    const again = await once(job, state, journal, signal).catch(async (error: unknown) => {
      if (signal.aborted || !(error instanceof BoardBusy) || isOurs(job, error))
        return afterFailure(job, state, journal, signal, error);
      // Whoever has it may leave it in another state.
      state.prepared = false;
      await wait.next(error, signal);
      return true;
    });
    if (!again) return;
  }
}

interface State {
  prepared: boolean;
  plan: Plan | null;
  bootId: string | null;
  readonly records: CellRecord[];
  readonly experiments: readonly ExperimentRecord[];
  /** Attempts recorded, by cell id. */
  readonly done: Map<string, number>;
  readonly luck: ReturnType<typeof luckWatch>;
  inFlight: { cell: string; attempt: number; since: number } | null;
  readonly losses: Map<string, number>;
  failures: number;
  /** The board's system at the first connection, which later ones must show again. */
  system: Inventory | null;
  /** The inventory that run.json has: of this process's first connection. */
  told: Inventory | null;
  /** Asked once: a board that does not survive the question still has its records. */
  askedForRegions: boolean;
  /** A reboot that we asked for: from which boot, and when it must have happened, in ms. */
  reboot: { from: string; untilMs: number } | null;
}

function newState(
  job: BoardJob,
  earlier: readonly CellRecord[],
  experiments: readonly ExperimentRecord[],
): State {
  const done = new Map<string, number>();
  const luck = luckWatch();
  for (const record of earlier) {
    done.set(record.cell, Math.max(done.get(record.cell) ?? 0, record.attempt));
    luck.see(record);
  }
  return {
    prepared: false,
    plan: job.resumed?.plan ?? null,
    bootId: null,
    records: [...earlier],
    experiments,
    done,
    luck,
    inFlight: null,
    losses: new Map(Object.entries(job.resumed?.losses ?? {})),
    failures: 0,
    system: job.resumed?.inventory ?? null,
    told: null,
    askedForRegions: false,
    reboot: null,
  };
}

/** One connection, from opening to the plan's end. @returns whether to connect again. */
async function once(
  job: BoardJob,
  state: State,
  journal: Journal,
  signal: AbortSignal,
): Promise<boolean> {
  const { prepare } = job;
  if (prepare && !state.prepared) {
    await prepareBoard({ ...job, prepare }, signal);
    state.prepared = true;
  }
  const session = await openBefore(job, state, signal);
  try {
    const agent = await link(session, job);
    if (agent.mended !== null) journal.finding('warning', agent.mended);
    const stop = () => void agent.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await converse(job, state, journal, session, agent, signal);
    } finally {
      signal.removeEventListener('abort', stop);
      await agent.close();
    }
  } finally {
    await session.close();
  }
}

/** Opens the way to the board; after a loss it is waited for. */
async function openBefore(job: BoardJob, state: State, signal: AbortSignal): Promise<Session> {
  const waiting = state.bootId !== null;
  const deadline = Date.now() + (waiting ? job.returnMs : 0);
  if (state.failures > 0) await sleep(1000, undefined, { signal });
  for (let tries = 1; ; tries++) {
    signal.throwIfAborted();
    try {
      return await job.transport.open(signal);
    } catch (error) {
      const transient = error instanceof TransportError && error.transient;
      const more = waiting ? Date.now() < deadline : tries < FIRST_TRIES;
      if (transient && waiting && !more) throw gone(job, error);
      if (!transient || !more) throw error;
      await sleep(waiting ? 1000 : tries * 1000, undefined, { signal });
    }
  }
}

const gone = (job: BoardJob, cause: Error) =>
  new TransportError(
    `${job.board} did not come back within ${job.returnMs / 1000} s: ${cause.message}`,
    false,
    { cause },
  );

async function converse(
  job: BoardJob,
  state: State,
  journal: Journal,
  session: Session,
  agent: Link,
  signal: AbortSignal,
): Promise<boolean> {
  const seen = await agent.inventory([]);
  if (seen.kernel.bootId === state.reboot?.from) return await stillUp(job, state.reboot);
  const plan = state.plan ?? job.planFor(seen);
  // Mesa takes an emulated board seconds to start: a run that has no use for it does not wait.
  const inventory = usesMesa(plan) ? await agent.inventory(job.egl) : seen;
  await settle(job, state, journal, inventory, plan);
  const markers = !inventory.kernel.dmesgRestricted || inventory.user.uid === 0;
  for await (const reply of agent.run(plan, Object.fromEntries(state.done), markers)) {
    signal.throwIfAborted();
    note(job, state, journal, plan, reply);
    if (reply.type === 'finding' && reply.what === 'taint' && job.rebootOnTaint) {
      state.inFlight = null;
      state.reboot = { from: inventory.kernel.bootId, untilMs: Date.now() + job.returnMs };
      await agent.close();
      await (job.reboot ?? rebootByItself)(session);
      return true;
    }
  }
  await diagnose(job, state, journal, agent, { inventory, markers, plan }, signal);
  // Last, so that no cell waits for it, nor shares the memory with it.
  if (!state.askedForRegions && usesHeaps(plan)) {
    state.askedForRegions = true;
    const heaps = await agent.heaps(job.exhaustCma);
    journal.update({ inventory: { ...(state.told ?? inventory), heaps } });
  }
  journal.ended('complete', null);
  return false;
}

/** Experiments after the plan. A board that goes away in one has its matrix all the same. */
async function diagnose(
  job: BoardJob,
  state: State,
  journal: Journal,
  agent: Link,
  about: { inventory: Inventory; markers: boolean; plan: Plan },
  signal: AbortSignal,
): Promise<void> {
  const { board, diagnoseMs: budgetMs } = job;
  if (budgetMs === 0) return;
  const { records, experiments: earlier } = state;
  try {
    await runExperiments({ ...about, board, agent, records, earlier, budgetMs, signal }, journal);
  } catch (error) {
    if (signal.aborted || !(error instanceof TransportError)) throw error;
    journal.finding('lost', `while experiments were made: ${error.message}`);
  }
}

/** The board has been told to reboot and has not gone down yet. @returns whether to connect again. */
async function stillUp(job: BoardJob, { untilMs }: { untilMs: number }): Promise<boolean> {
  if (Date.now() > untilMs)
    throw new TransportError(
      `${job.board} is tainted and did not reboot within ${job.returnMs / 1000} s`,
      false,
    );
  await sleep(1000);
  return true;
}

/** What a new connection says of the board: its plan the first time, a reboot later. */
async function settle(
  job: BoardJob,
  state: State,
  journal: Journal,
  inventory: Inventory,
  plan: Plan,
): Promise<void> {
  const { bootId } = inventory.kernel;
  if (state.bootId !== null && state.bootId !== bootId && state.reboot === null)
    journal.finding('reboot', 'the board has rebooted, and nobody here asked for it');
  else if (state.bootId !== null) journal.finding('back', 'the board is back');
  const first = state.bootId === null;
  if (state.system !== null) sameSystem(job, state.system, inventory);
  state.system ??= inventory;
  state.bootId = bootId;
  state.reboot = null;
  state.plan = plan;
  journal.connected(bootId);
  if (first) {
    state.told = inventory;
    journal.update({ inventory, plan, state: 'running' });
    await journal.planned(plan);
  }
}

/** Records of two kernels or Mesas in one run could not be told apart later. */
function sameSystem(job: BoardJob, then: Inventory, now: Inventory): void {
  const facts = (inventory: Inventory) =>
    [
      inventory.kernel.release,
      inventory.kernel.version,
      inventory.kernel.cmdline,
      ...inventory.egl.map((egl) => `${egl.driver} ${egl.version}`),
    ] as const;
  const [before, after] = [facts(then), facts(now)];
  const index = before.findIndex((fact, at) => fact !== after[at]);
  if (index < 0) return;
  throw new UserError({
    code: 'unfit-board',
    message: `${job.board} is not the system that the run began on: "${before[index]}" then, "${after[index]}" now`,
    hint: 'start a new run for the new system',
  });
}

function note(job: BoardJob, state: State, journal: Journal, plan: Plan, reply: Reply): void {
  switch (reply.type) {
    case 'start':
      state.inFlight = { cell: reply.cell, attempt: reply.attempt, since: Date.now() };
      journal.started(reply.cell, reply.attempt);
      return;
    case 'facts':
      keep(job, state, journal, plan, reply.facts);
      return;
    case 'finding':
      journal.finding(reply.what, reply.text);
      return;
    default:
      return;
  }
}

function keep(job: BoardJob, state: State, journal: Journal, plan: Plan, facts: CellFacts): void {
  const cell = cellOf(plan, facts.cell);
  state.inFlight = null;
  state.failures = 0;
  state.done.set(facts.cell, facts.attempt);
  const record = toRecord(job.board, cell, facts, new Date());
  state.luck.see(record);
  const marked = state.luck.mark(record);
  state.records.push(marked);
  journal.record(marked);
}

const indexes = new WeakMap<Plan, Map<string, Cell>>();

/** The planned cell of that id. @throws TransportError when the agent invents one. */
function cellOf(plan: Plan, id: string): Cell {
  let index = indexes.get(plan);
  if (!index) {
    index = new Map(plan.cells.map(({ skip: _, ...cell }) => [cell.id, cell]));
    indexes.set(plan, index);
  }
  const cell = index.get(id);
  if (!cell) throw new TransportError(`the agent reported ${id}, which is not in the plan`, false);
  return cell;
}

/**
 * The agent of a connection that broke, or of this run's host that was killed, may still be there: it
 * ends when it misses our pings.
 */
const isOurs = (job: BoardJob, { holder }: BoardBusy) => holder.includes(job.mark);

/**
 * Decides after a failure whether the board is worth another connection. A board that is busy is so
 * with ourselves.
 */
function afterFailure(
  job: BoardJob,
  state: State,
  journal: Journal,
  signal: AbortSignal,
  error: unknown,
): boolean {
  if (signal.aborted) {
    journal.ended('interrupted', 'the run was interrupted');
    return false;
  }
  const begun = state.bootId !== null;
  if (error instanceof BoardBusy && ++state.failures <= OWN_LOCK_TRIES) return true;
  if (!(error instanceof TransportError)) throw error;
  // It goes down as it was told to: neither a loss nor a cell's fault.
  if (state.reboot !== null && error.transient && Date.now() < state.reboot.untilMs) return true;
  if (!begun) {
    journal.ended('unreachable', error.message);
    return false;
  }
  journal.finding('lost', error.message);
  const lost = state.inFlight;
  state.inFlight = null;
  if (lost && state.plan) {
    const losses = (state.losses.get(lost.cell) ?? 0) + 1;
    state.losses.set(lost.cell, losses);
    journal.update({ losses: Object.fromEntries(state.losses) });
    if (losses > 1) {
      keep(job, state, journal, state.plan, lostFacts(lost, error.message));
      journal.ended('lost', `twice in ${lost.cell}: ${error.message}`);
      return false;
    }
  } else if (++state.failures > FIRST_TRIES) {
    journal.ended('lost', error.message);
    return false;
  }
  return reachableAgain(error, state, journal);
}

/** A failure to come back within the time given ends the board's run. */
function reachableAgain(error: TransportError, state: State, journal: Journal): boolean {
  if (error.transient && state.failures <= FIRST_TRIES) return true;
  journal.ended('lost', error.message);
  return false;
}

function lostFacts(lost: NonNullable<State['inFlight']>, why: string): CellFacts {
  return {
    cell: lost.cell,
    attempt: lost.attempt,
    node: null,
    end: { kind: 'board-lost', why },
    stages: [],
    buffer: null,
    verify: null,
    memory: null,
    kernelLog: [],
    us: (Date.now() - lost.since) * 1000,
    heldBy: null,
    stderr: [],
  };
}

/** `reboot` answers by going away; where it is missing or hangs, SysRq b does it at once. */
async function rebootByItself(session: Session): Promise<void> {
  const script =
    'sync; reboot || { echo 1 > /proc/sys/kernel/sysrq; echo b > /proc/sysrq-trigger; }';
  const { code, stderr } = await session.exec(['sh', '-c', script], 10_000);
  // ssh's own code: the connection went with the board.
  if (code !== 0 && code !== 255 && code !== -1)
    throw new TransportError(
      `${session.target}: the board would not reboot (exit ${code}): ${stderr.trim()}. Next: log in as root, or give a power command in the lab file.`,
      false,
    );
}
