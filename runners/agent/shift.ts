import type { CellFacts } from '../../suites/record.ts';
import { microseconds } from './clock.ts';
import { type Attempt, type Job, lineKind } from './job.ts';
import { KernelLog } from './kernel-log.ts';
import { lastLines, readNoise } from './noise.ts';
import { loadTrace, readTrace } from './trace.ts';
import type { WorkerEnd, WorkerProcess } from './worker-process.ts';

/** Beside the cell's own limit: Node and the libraries have to load before the first one. */
const START_MS = 60_000;
/** A process that SIGKILL has not ended by then sits in the kernel (state D). */
const REAP_MS = 2000;
/** How often a worker is looked at for an oops, of which no line and no exit tells. */
const PULSE_MS = 500;

/** What one worker's life came to. */
export interface ShiftResult {
  /** Attempts that are over, in the order of the job. */
  readonly over: number;
  /** The attempt in which it ended, with what is known of it; null when it was between cells. */
  readonly lost: CellFacts | null;
  /** Why it did not even begin; null when it did. */
  readonly neverBegan: string | null;
}

/**
 * Lets one worker do a job and watches it: passes its lines on as they are, kills it at a cell's
 * deadline, and tells of the cell that it died in.
 */
export async function runShift(
  worker: WorkerProcess,
  job: Job,
  cellMs: number,
  pass: (lines: Buffer) => void,
): Promise<ShiftResult> {
  const log = new KernelLog();
  const watch = new Watch(worker, job.attempts.length, cellMs);
  worker.start(job, (lines) => {
    watch.see(lines);
    pass(lines);
  });
  const end = await watch.end();
  try {
    // Killed for the cell before, which ended in that very moment: this one is tried again.
    if (watch.innocent) return { over: watch.started - 1, lost: null, neverBegan: null };
    const current = watch.running ? job.attempts[watch.started - 1] : undefined;
    if (current) {
      const lost = lostFacts(current, watch, worker, log, end);
      return { over: watch.started, lost, neverBegan: null };
    }
    const idle = watch.started === 0 ? whyNot(worker, end) : null;
    return { over: watch.started, lost: null, neverBegan: idle };
  } finally {
    log.close();
    worker.release();
  }
}

/** Counts a worker's cells and keeps the clock. */
class Watch {
  started = 0;
  #finished = 0;
  #since = microseconds();
  /** The cell, counted from 1, whose time ran out; 0 for the start itself; null: none. */
  #late: number | null = null;
  #stuck: (() => void) | null = null;
  readonly #worker: WorkerProcess;
  readonly #expected: number;
  readonly #cellMs: number;
  #timer: NodeJS.Timeout;
  readonly #pulse: NodeJS.Timeout;

  constructor(worker: WorkerProcess, expected: number, cellMs: number) {
    this.#worker = worker;
    this.#expected = expected;
    this.#cellMs = cellMs;
    this.#timer = setTimeout(() => this.#expire(), START_MS);
    this.#pulse = setInterval(() => {
      if (worker.headless) worker.kill();
    }, PULSE_MS);
  }

  get running(): boolean {
    return this.started > this.#finished;
  }

  get late(): boolean {
    return this.#late !== null;
  }

  /** Whether the cell in flight is not the one for which the worker was killed. */
  get innocent(): boolean {
    return this.running && this.#late !== null && this.#late !== this.started;
  }

  /** Microseconds that the cell in flight has taken. */
  get spentUs(): number {
    return Math.round(microseconds() - this.#since);
  }

  get cellMs(): number {
    return this.#cellMs;
  }

  see(lines: Buffer): void {
    const before = this.started;
    for (let at = 0; at < lines.length; at = lines.indexOf(0x0a, at) + 1) {
      const kind = lineKind(lines, at);
      if (kind === 'start') this.started++;
      else if (kind === 'facts') this.#finished++;
    }
    if (this.started > before) this.#restart(before === 0);
    // Its exit would only run Mesa's destructors, which have crashed before now.
    if (this.#finished === this.#expected) this.#worker.kill();
  }

  /** Resolves when the worker is gone; null when SIGKILL does not end it. */
  async end(): Promise<WorkerEnd | null> {
    const stuck = new Promise<null>((resolve) => {
      this.#stuck = () => resolve(null);
    });
    const end = await Promise.race([this.#worker.ended, stuck]);
    clearTimeout(this.#timer);
    clearInterval(this.#pulse);
    return end;
  }

  #restart(first: boolean): void {
    this.#since = microseconds();
    if (this.#late !== null) return;
    if (!first) this.#timer.refresh();
    else {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#expire(), this.#cellMs);
    }
  }

  #expire(): void {
    this.#late = this.started;
    this.#worker.kill();
    this.#timer = setTimeout(() => this.#stuck?.(), REAP_MS);
  }
}

function lostFacts(
  { cell, attempt }: Attempt,
  watch: Watch,
  worker: WorkerProcess,
  log: KernelLog,
  end: WorkerEnd | null,
): CellFacts {
  const us = watch.spentUs;
  const { files } = worker;
  const trace = files && readTrace(loadTrace(files.trace), us);
  // Of an earlier cell when it died before it had begun this one's page.
  const own = trace && trace.turn === watch.started - 1 ? trace : null;
  return {
    cell: cell.id,
    attempt,
    node: own?.node ?? null,
    end: endOf(watch, end),
    stages: own?.stages ?? [],
    buffer: own?.buffer ?? null,
    verify: own?.verify ?? null,
    memory: null,
    kernelLog: log.drain(trace?.seq ?? -1),
    us,
    heldBy: null,
    stderr: files ? readNoise(files.noise) : lastLines(worker.startupText),
  };
}

function endOf(watch: Watch, end: WorkerEnd | null): CellFacts['end'] {
  if (watch.late || end === null)
    return { kind: 'deadline', limitMs: watch.cellMs, stuck: end === null };
  return { kind: 'died', signal: end.signal, code: end.code };
}

function whyNot(worker: WorkerProcess, end: WorkerEnd | null): string {
  const how = end?.signal ?? (end?.code == null ? 'no answer' : `exit code ${end.code}`);
  const { files } = worker;
  const words = files ? readNoise(files.noise) : lastLines(worker.startupText);
  return [`the worker did not start (${how})`, ...words].join(': ');
}
