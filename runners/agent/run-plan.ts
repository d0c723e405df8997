import { attemptsOf } from './attempts.ts';
import { boardContext } from './context.ts';
import type { Job } from './job.ts';
import type { SelfCommand } from './processes.ts';
import type { Request } from './protocol.ts';
import { pass, say } from './reply.ts';
import { runShift } from './shift.ts';
import { TaintWatch } from './taint.ts';
import { WorkerProcess } from './worker-process.ts';

/** Starts in a row that may come to nothing before the agent gives up. */
const START_TRIES = 2;

/**
 * Runs a plan to its end, one worker after another: each goes on where the one before it died.
 * @param spare a worker that was started ahead and has no job yet.
 * @throws Error when no worker comes up.
 */
export async function runPlan(
  request: Extract<Request, { type: 'run' }>,
  nodes: Readonly<Record<string, string>>,
  self: SelfCommand,
  spare: WorkerProcess | null,
): Promise<void> {
  const { plan, done, kmsgMarkers, budgetMs = Number.POSITIVE_INFINITY } = request;
  const attempts = attemptsOf(plan, done);
  const taint = new TaintWatch();
  // A worker tells of its own taints; only those of the cell that it died in are left to us.
  const hear = (lines: Buffer) => {
    pass(lines);
    if (lines.includes('"what":"taint"')) taint.forget();
  };
  let worker = spare;
  let failedStarts = 0;
  const until = Date.now() + budgetMs;
  for (let next = 0; next < attempts.length && Date.now() < until; ) {
    const board = boardContext(plan, nodes);
    const leftMs = Number.isFinite(until) ? Math.max(1, until - Date.now()) : null;
    const job: Job = { board, kmsgMarkers, attempts: attempts.slice(next), budgetMs: leftMs };
    worker ??= new WorkerProcess(self);
    const { over, lost, neverBegan } = await runShift(worker, job, plan.limits.cellMs, hear);
    worker = null;
    next += over;
    failedStarts = neverBegan === null ? 0 : failedStarts + 1;
    if (neverBegan !== null && failedStarts === START_TRIES) throw new Error(neverBegan);
    if (lost === null) continue;
    say({ type: 'facts', facts: lost });
    const news = taint.news(lost.cell);
    if (news) say({ type: 'finding', what: 'taint', text: news });
  }
  worker?.release();
}
