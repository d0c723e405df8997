import { ftruncateSync, readFileSync, writeSync } from 'node:fs';
import { CmaKeeper } from '../../suites/kernel/cma-keeper.ts';
import { MemoryWatch } from '../../suites/kernel/memory-state.ts';
import { memfdCreate, mmap, PROT_READ, PROT_WRITE } from '../../suites/kernel/syscalls.ts';
import type { CellFacts, CellMemory } from '../../suites/record.ts';
import { cellRunner } from './cell-runner.ts';
import { microseconds } from './clock.ts';
import { withinMemory } from './context.ts';
import { type Attempt, FACTS_FD, type Job, type Ready } from './job.ts';
import { KernelLog, KernelMarker } from './kernel-log.ts';
import { CellLadder, type Climb } from './ladder.ts';
import { catchNoise, NOISE_FD, takeNoise } from './noise.ts';
import { OOM_WORKER, setOomScore } from './oom.ts';
import { dieWithParent, nameProcess } from './self-calls.ts';
import { TaintWatch } from './taint.ts';
import { TRACE_BYTES, Trace } from './trace.ts';

const MFD_CLOEXEC = 1;

/**
 * The worker: tries the cells of one job, one after another, and says what it saw. Everything is
 * synchronous; a hang or a crash in a driver takes this process alone, and the agent tells of it.
 */
export function runWorker(): void {
  dieWithParent();
  nameProcess('bufmatrix-cell');
  setOomScore(OOM_WORKER);
  catchNoise();
  const traceFd = memfdCreate('bufmatrix-trace', MFD_CLOEXEC);
  ftruncateSync(traceFd, TRACE_BYTES);
  const trace = new Trace(mmap(traceFd, TRACE_BYTES, PROT_READ | PROT_WRITE).bytes);
  const ready: Ready = { type: 'ready', trace: traceFd, noise: NOISE_FD };
  send(`${JSON.stringify(ready)}\n`);
  const text = readFileSync(0, 'utf8');
  // No job: the agent has ended, or has none.
  if (text === '') return;
  const job: Job = JSON.parse(text);
  work(job, trace);
}

function work(job: Job, trace: Trace): void {
  const log = new KernelLog();
  const marker = job.kmsgMarkers ? new KernelMarker() : null;
  const taint = new TaintWatch();
  const memory = new MemoryWatch();
  const runCell = cellRunner(withinMemory(job.board, memory));
  const keeper = new CmaKeeper(memory, job.board.nodes);
  let before = memory.look();
  // Facts wait for the next start line: one write a cell, and the agent wakes up once.
  let told = '';
  const until = microseconds() + (job.budgetMs ?? Number.POSITIVE_INFINITY) * 1000;
  for (const [turn, attempt] of job.attempts.entries()) {
    if (microseconds() > until) break;
    const { id } = attempt.cell;
    marker?.mark(`${id} attempt ${attempt.attempt}`);
    const start = { type: 'start', cell: id, attempt: attempt.attempt };
    send(`${told}${JSON.stringify(start)}\n`);
    trace.begin(turn, log.lastSeq);
    const ladder = new CellLadder(trace);
    const begun = microseconds();
    runCell(attempt.cell, ladder);
    const held = memory.look();
    const climb = ladder.end();
    const us = Math.round(microseconds() - begun);
    const after = memory.look();
    const facts = factsOf(attempt, climb, us, { before, held, after }, log);
    before = after;
    // Where the log is closed to us, the taint alone tells of an oops.
    const news = facts.kernelLog.length || !log.readable ? taint.news(id) : null;
    told = `${JSON.stringify({ type: 'facts', facts })}\n`;
    if (news) told += `${JSON.stringify({ type: 'finding', what: 'taint', text: news })}\n`;
    const kept = keeper.tooMuch(after.cmaFreeKiB);
    if (kept === null) continue;
    const text = `the worker was replaced after ${id}: ${kept} KiB of CMA had not come back from its cells`;
    told += `${JSON.stringify({ type: 'finding', what: 'warning', text })}\n`;
    break;
  }
  send(told);
}

function factsOf(
  { cell, attempt }: Attempt,
  climb: Climb,
  us: number,
  memory: CellMemory,
  log: KernelLog,
): CellFacts {
  const { stages, node, buffer, verify, heldBy } = climb;
  const kernelLog = log.drain();
  const stderr = takeNoise();
  const end = { kind: 'done' } as const;
  return {
    cell: cell.id,
    attempt,
    node,
    end,
    stages,
    buffer,
    verify,
    memory,
    kernelLog,
    us,
    heldBy,
    stderr,
  };
}

/** The socket blocks: one write takes all of it. The agent reads as long as it lives. */
function send(text: string): void {
  const written = writeSync(FACTS_FD, text);
  if (written < text.length) throw new Error(`only ${written} of ${text.length} bytes were sent`);
}
