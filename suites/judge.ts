import type { Cell, SuiteName } from './cell.ts';
import type { CellFacts, CellRecord, Outcome, StageFact, StageName } from './record.ts';

/** What the facts of one attempt amount to. Pure, so an old run can be judged again. */
export interface Judgement {
  readonly outcome: Outcome;
  readonly stage: StageName | null;
  readonly errno: string | null;
  /** In words, wherever it is not a pass. */
  readonly reason: string | null;
}

/** The facts that a verdict hangs on. */
export type JudgedFacts = Pick<
  CellFacts,
  'cell' | 'end' | 'stages' | 'verify' | 'kernelLog' | 'heldBy' | 'stderr'
>;

/** Lines by which the kernel says that it is no longer itself. Source: kernel/panic.c, lib/bug.c, mm/kasan. */
const KERNEL_FAULT =
  /Oops[:#]|BUG: |Internal error|kernel BUG at|general protection fault|Unable to handle kernel|KASAN: |UBSAN: |Kernel panic|soft lockup|hung_task|blocked for more than/;

/** Those of them that say no more than that something takes too long. Source: kernel/watchdog.c, kernel/hung_task.c. */
const STANDSTILL = /soft lockup|hung_task|blocked for more than/;

/** The OOM killer's line for the process it chose, with a memory cgroup's too (mm/oom_kill.c). */
const OOM = /[Oo]ut of memory: Killed process/;

/** The first line that is a kernel fault, or undefined. */
export function kernelFault(lines: readonly string[]): string | undefined {
  return lines.find((line) => KERNEL_FAULT.test(line));
}

/** The OOM killer's line, or undefined. */
export function oomKill(lines: readonly string[]): string | undefined {
  return lines.find((line) => OOM.test(line));
}

const DENIED = new Set(['EACCES', 'EPERM']);

/** Errors that say more of this program (a leaked or closed fd, a wrong ioctl) than of a driver. */
const OUR_FAULT = new Set(['EBADF', 'EMFILE', 'ENFILE', 'ENOTTY']);

/** The exit code of an agent that ended by a bug of its own (runners/agent/main.ts). */
const OWN_BUG = 70;

/** The node is not there: nothing was asked of a driver. */
const ABSENT = new Set(['ENOENT', 'ENODEV', 'ENXIO']);

/**
 * What a pass must rest on, by suite: these rungs climbed, and pixels or bytes compared. A ladder
 * that ends early without an error is no pass.
 */
const PASS_NEEDS: Readonly<Record<SuiteName, { stages: readonly StageName[]; compared: boolean }>> =
  {
    allocate: { stages: ['alloc'], compared: false },
    cpu: { stages: ['alloc', 'map', 'verify'], compared: true },
    'egl-sample': { stages: ['alloc', 'egl-image', 'draw', 'verify'], compared: true },
    'egl-render': { stages: ['alloc', 'egl-image', 'draw', 'verify'], compared: true },
    'kms-primary': { stages: ['alloc', 'prime-import', 'addfb2', 'test-commit'], compared: false },
    'kms-overlay': { stages: ['alloc', 'prime-import', 'addfb2', 'test-commit'], compared: false },
    encoder: { stages: ['alloc', 'qbuf', 'streamon', 'dequeue'], compared: false },
  };

/** The outcome of one attempt, from what the board said of it. */
export function judge(suite: SuiteName, facts: JudgedFacts): Judgement {
  const last = facts.stages.at(-1);
  const end = facts.end;
  switch (end.kind) {
    case 'never':
      return { outcome: 'not-run', stage: null, errno: null, reason: end.why };
    case 'board-lost':
      return at(last, 'crash', null, `the board went away: ${end.why}`);
    case 'deadline':
      return judgeDeadline(end, facts, last);
    case 'died':
      return judgeDeath(end, facts, last);
    case 'done':
      return judgeDone(suite, facts, last);
  }
}

/** No answer is a hang, unless the kernel has oopsed: a task that dies so may leave others waiting for it. */
function judgeDeadline(
  { limitMs, stuck }: Extract<CellFacts['end'], { kind: 'deadline' }>,
  facts: JudgedFacts,
  last: StageFact | undefined,
): Judgement {
  const why = hangReason(limitMs, stuck);
  const oops = kernelFault(facts.kernelLog.filter((line) => !STANDSTILL.test(line)));
  return oops
    ? at(unfinished(last), 'crash', null, `${why}; kernel fault: ${oops}`)
    : at(unfinished(last), 'hang', null, why);
}

/** A dead worker is a crash, unless it ended by itself for a bug of ours that nobody else had a part in. */
function judgeDeath(
  { signal, code }: Extract<CellFacts['end'], { kind: 'died' }>,
  facts: JudgedFacts,
  last: StageFact | undefined,
): Judgement {
  const killed = signal !== null || oomKill(facts.kernelLog) !== undefined;
  if (code === OWN_BUG && !killed && !kernelFault(facts.kernelLog))
    return at(last, 'not-run', null, `bufmatrix itself failed: ${lastWords(facts.stderr)}`);
  return at(unfinished(last), 'crash', signal, deathReason(signal, code, facts));
}

/** The last line that is no frame of a stack trace. */
function lastWords(stderr: readonly string[]): string {
  const line = stderr.findLast((text) => text.trim() !== '' && !/^\s*at /.test(text));
  return line ?? `exit code ${OWN_BUG}`;
}

function judgeDone(suite: SuiteName, facts: JudgedFacts, last: StageFact | undefined): Judgement {
  const fault = kernelFault(facts.kernelLog);
  if (fault) return at(last, 'crash', null, `kernel fault during this cell: ${fault}`);
  if (!last) {
    const reason = 'the agent reported no stage at all';
    return { outcome: 'not-run', stage: null, errno: null, reason };
  }
  // The first rung that did not hold decides, whatever came after it.
  const rung = facts.stages.find(({ result }) => result !== 'ok') ?? last;
  switch (rung.result) {
    case 'unsupported':
      return at(rung, 'unsupported', rung.errno, rung.detail ?? 'a capability is missing');
    case 'failed':
      return judgeFailed(suite, facts, rung);
    case 'entered':
      return at(rung, 'crash', null, 'the agent left the cell inside this stage');
    case 'wrong':
      return judgeWrong(facts, rung);
    case 'ok':
      return passed(suite, facts, rung);
  }
}

/** A clean error: whose fault it is decides what it counts as. */
function judgeFailed(suite: SuiteName, facts: JudgedFacts, rung: StageFact): Judgement {
  const errno = rung.errno ?? '';
  const reason = facts.heldBy ?? rung.detail ?? `${rung.name} failed`;
  if (errno === 'ENOTTY' && isV4l2(suite, facts.cell, rung.side))
    return at(rung, 'unsupported', errno, `the driver has no such ioctl: ${reason}`);
  if (OUR_FAULT.has(errno))
    return at(rung, 'not-run', errno, `bufmatrix itself failed with ${errno}: ${reason}`);
  if (rung.name === 'open' && ABSENT.has(errno))
    return at(rung, 'unsupported', errno, rung.detail ?? 'the device node is not there');
  if (rung.name === 'open' && rung.side === 'importer' && errno.startsWith('EGL_'))
    return at(rung, 'unsupported', errno, `no EGL display: ${reason}`);
  const busy = errno === 'EBUSY' && ['open', 's-fmt', 'reqbufs'].includes(rung.name);
  const blocked = facts.heldBy !== null || busy || isDenied(rung.name, errno);
  return at(rung, blocked ? 'blocked' : 'refused', rung.errno, reason);
}

/** Every rung held; it is a pass if they were the rungs that a pass rests on. */
function passed(suite: SuiteName, facts: JudgedFacts, last: StageFact): Judgement {
  if (facts.verify && facts.verify.wrong > 0) return judgeWrong(facts, last);
  const needs = PASS_NEEDS[suite];
  const missing = needs.stages.find((name) => !facts.stages.some((stage) => stage.name === name));
  if (missing) return at(last, 'not-run', null, `the ladder ended without the stage ${missing}`);
  if (needs.compared && !facts.verify?.compared)
    return at(last, 'not-run', null, 'nothing was compared');
  return { outcome: 'pass', stage: null, errno: null, reason: null };
}

/** Wrong data is the import's fault only where the same content arrives rightly without an import. */
function judgeWrong(facts: JudgedFacts, rung: StageFact): Judgement {
  const verify = facts.verify;
  if (verify?.control === 'wrong')
    return at(
      rung,
      'unsupported',
      null,
      'no working renderer: the control texture (glTexImage2D) comes out wrong as well',
    );
  const count = verify ? `${verify.wrong} of ${verify.compared} wrong` : 'wrong data';
  const first = verify?.first;
  const where = first ? `, first at ${first.x},${first.y}: ${first.got} for ${first.expected}` : '';
  return at(rung, 'corrupt', null, `accepted, but ${count}${where}`);
}

/** Whether a rung is a V4L2 device's: there, ENOTTY is the answer for an ioctl that a driver leaves out. */
function isV4l2(suite: SuiteName, cell: string, side: StageFact['side']): boolean {
  if (side === 'importer') return suite === 'encoder';
  return cell.split('/')[1]?.startsWith('v4l2:') ?? false;
}

/**
 * A closed node or a lost DRM master is the lab's doing. EACCES elsewhere is an answer of the driver:
 * of an import, or of dumb allocation on a render node, which the kernel never allows.
 */
function isDenied(stage: StageName, errno: string): boolean {
  return DENIED.has(errno) && ['open', 'test-commit', 'commit'].includes(stage);
}

function at(
  stage: StageFact | undefined,
  outcome: Outcome,
  errno: string | null,
  reason: string | null,
): Judgement {
  return { outcome, stage: stage?.name ?? null, errno, reason };
}

/** A process that ended after its last rung had held ended in the clean-up, which is no rung. */
const unfinished = (last: StageFact | undefined) => (last?.result === 'ok' ? undefined : last);

function hangReason(limitMs: number, stuck: boolean): string {
  const after = `no answer within ${limitMs / 1000} s`;
  return stuck ? `${after}; SIGKILL did not end it (state D)` : after;
}

function deathReason(signal: string | null, code: number | null, facts: JudgedFacts): string {
  const oom = oomKill(facts.kernelLog);
  if (oom) return `killed by the kernel's OOM killer: ${oom}`;
  const fault = kernelFault(facts.kernelLog);
  const how = signal ? `killed by ${signal}` : `exit code ${code}`;
  return fault ? `${how}; kernel fault: ${fault}` : how;
}

/**
 * The record of one attempt: the cell, what was seen, and what it amounts to.
 * @param at when the host received the facts.
 */
export function toRecord(board: string, cell: Cell, facts: CellFacts, at: Date): CellRecord {
  return {
    schema: 1,
    board,
    cell: cell.id,
    suite: cell.suite,
    backend: cell.backend,
    importer: cell.importer && { ...cell.importer, node: facts.node },
    format: cell.format,
    width: cell.width,
    height: cell.height,
    modifier: cell.modifier,
    ...judge(cell.suite, facts),
    lucky: false,
    attempt: facts.attempt,
    us: facts.us,
    stages: facts.stages,
    buffer: facts.buffer,
    verify: facts.verify,
    memory: facts.memory,
    kernelLog: facts.kernelLog,
    end: facts.end,
    heldBy: facts.heldBy,
    stderr: facts.stderr,
    at: at.toISOString(),
  };
}

/** The facts again, for judging an old record anew. */
export function factsOf(record: CellRecord): CellFacts {
  const { cell, attempt, end, stages, buffer, verify, memory, kernelLog, us, heldBy, stderr } =
    record;
  const node = record.importer?.node ?? null;
  return {
    cell,
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
