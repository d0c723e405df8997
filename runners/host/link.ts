import { createInterface } from 'node:readline';
import { UserError } from '../../devices/problem.ts';
import type { Inventory } from '../../suites/inventory.ts';
import type { Plan } from '../../suites/plan.ts';
import { Reply, type Request } from '../agent/protocol.ts';
import { type BoardProcess, type Session, TransportError } from '../transports/session.ts';
import { isAbsent, place, startCommand, survey } from './launch.ts';

/** How often the agent hears from us, and how long it waits for a word: ssh itself gives up in 30 s. */
const PING_MS = 5000;
const SILENCE_MS = 30_000;
/** How long a board may take for a command that does nothing. */
const ANSWER_MS = 30_000;

/** A conversation with the agent on a board. Ends with the connection. */
export interface Link {
  readonly hello: Extract<Reply, { type: 'hello' }>;
  readonly sentBytes: number;
  /** Why the agent that was on the board did not start and was brought anew; null: it did not have to be. */
  readonly mended: string | null;
  inventory(egl: readonly string[]): Promise<Inventory>;
  /** The heaps again, with what memory each hands out: see runners/agent/heap-regions. */
  heaps(exhaustCma: boolean): Promise<Inventory['heaps']>;
  /**
   * Everything the agent says of a plan, up to `done`: of all of it, or of what is begun within the
   * budget, in ms. @throws TransportError when it breaks off.
   */
  run(
    plan: Plan,
    done: Readonly<Record<string, number>>,
    markers: boolean,
    budgetMs?: number,
  ): AsyncGenerator<Reply>;
  close(): Promise<void>;
}

/** Somebody else's run has the board. */
export class BoardBusy extends UserError {
  readonly board: string;
  readonly holder: string;
  /** @param waitedMs how long it was waited for; then it is the lab that failed, not the command line. */
  constructor(board: string, holder: string, waitedMs = 0) {
    super({
      code: waitedMs > 0 ? 'board-busy' : 'run-locked',
      message:
        waitedMs > 0
          ? `${board} is still in use after ${waitedMs / 1000} s, by ${holder}`
          : `${board} is in use by ${holder}`,
      hint:
        waitedMs > 0
          ? 'wait longer, or stop that run'
          : 'wait for that run to end (run --wait SECONDS does), or stop it',
    });
    this.name = 'BoardBusy';
    this.board = board;
    this.holder = holder;
  }
}

/**
 * Starts the agent, bringing it to the board first if it is not there.
 * @param who is written into the board's lock, for whoever comes next.
 */
export async function link(
  session: Session,
  options: { board: string; workdir: string | null; who: string },
): Promise<Link> {
  const { board, workdir, who } = options;
  const told = ['--who', who, '--silence', String(SILENCE_MS)];
  const warm = await tryStart(session, [...(await startCommand(workdir)), ...told]);
  if ('hello' in warm) return converse(board, warm, { sentBytes: 0, mended: null });
  // A folder that is marked as whole need not be: memory cards forget, and disks fill up.
  const broken = warm.absent ? null : warm.error;
  if (broken && !(await answers(session))) throw broken;
  const placed = await place(session, workdir, await survey(session, workdir), broken !== null);
  const cold = await tryStart(session, [...placed.argv, ...told]);
  if ('hello' in cold)
    return converse(board, cold, {
      sentBytes: placed.sentBytes,
      mended: broken && `${broken.message}; it was copied anew`,
    });
  throw cold.absent
    ? new TransportError(`${session.target}: the agent was copied and is not there`, false)
    : cold.error;
}

/** Whether the way to the board is open: ssh says 255 of a program that a signal ended, too. */
async function answers(session: Session): Promise<boolean> {
  return (await session.exec(['true'], ANSWER_MS)).code === 0;
}

interface Started {
  readonly process: BoardProcess;
  readonly replies: AsyncGenerator<Reply>;
  readonly hello: Extract<Reply, { type: 'hello' }>;
}

interface NotStarted {
  /** The board has no such agent yet. */
  readonly absent: boolean;
  readonly error: TransportError;
}

async function tryStart(session: Session, argv: readonly string[]): Promise<Started | NotStarted> {
  const process = session.start(argv);
  const replies = repliesOf(session, process);
  const first = await replies.next();
  if (!first.done && first.value.type === 'hello') return { process, replies, hello: first.value };
  const { code, stderr, transport } = await process.ended;
  const said = first.done ? lastWords(stderr) : JSON.stringify(first.value);
  const how = code === null ? 'ended by a signal' : `exit ${code}`;
  const error = new TransportError(
    `${session.target}: the agent did not start (${how}): ${said || 'no word on stderr'}`,
    transport,
  );
  return { absent: isAbsent(code), error };
}

/** The agent's lines, each checked. Ends when the stream does. */
async function* repliesOf(session: Session, process: BoardProcess): AsyncGenerator<Reply> {
  for await (const line of createInterface({ input: process.stdout, crlfDelay: Infinity })) {
    if (line === '') continue;
    const parsed = Reply.safeParse(parse(line));
    // A line that broke off with the connection is no news; a foreign one is worth saying.
    if (!parsed.success) {
      const { transport } = await Promise.race([
        process.ended,
        new Promise<{ transport: boolean }>((r) => setTimeout(r, 500, { transport: false })),
      ]);
      if (transport) return;
      throw new TransportError(
        `${session.target}: the agent said something unknown: ${line.slice(0, 200)} (${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message})`,
        false,
      );
    }
    yield parsed.data;
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function converse(board: string, started: Started, how: Pick<Link, 'sentBytes' | 'mended'>): Link {
  const { process, replies, hello } = started;
  if (hello.lockedBy !== null) {
    process.stdin.end();
    throw new BoardBusy(board, hello.lockedBy);
  }
  const send = (request: Request) => process.stdin.write(`${JSON.stringify(request)}\n`);
  const pings = setInterval(() => send({ type: 'ping' }), PING_MS);
  void process.ended.then(() => clearInterval(pings));
  const next = async (): Promise<Reply> => {
    const reply = await replies.next();
    if (reply.done) throw await brokenOff(board, process);
    if (reply.value.type === 'error')
      throw new TransportError(`${board}: the agent failed: ${reply.value.message}`, false);
    return reply.value;
  };
  return {
    hello,
    ...how,
    inventory: async (egl) => {
      send({ type: 'inventory', egl: [...egl] });
      const reply = await next();
      if (reply.type !== 'inventory')
        throw new TransportError(`${board}: no inventory came`, false);
      return reply.inventory;
    },
    heaps: async (exhaustCma) => {
      send({ type: 'heaps', exhaustCma });
      const reply = await next();
      if (reply.type !== 'heaps') throw new TransportError(`${board}: no heaps came`, false);
      return reply.heaps;
    },
    run: async function* (plan, done, kmsgMarkers, budgetMs) {
      // A filter leaves out most cells, which the agent would only have to read past.
      const cells = plan.cells.filter(({ skip }) => skip === null);
      const budget = budgetMs === undefined ? {} : { budgetMs };
      send({ type: 'run', plan: { ...plan, cells }, done: { ...done }, kmsgMarkers, ...budget });
      for (;;) {
        const reply = await next();
        if (reply.type === 'done') return;
        yield reply;
      }
    },
    close: async () => {
      clearInterval(pings);
      process.stdin.end();
      const ended = await Promise.race([
        process.ended,
        new Promise<null>((resolve) => setTimeout(resolve, 3000, null)),
      ]);
      if (ended === null) process.kill();
    },
  };
}

/** The last lines, without Node's stack and version; a bundle's line is as long as the bundle. */
function lastWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const told = lines.filter((line) => line !== '' && !/^(at |Node\.js v)/.test(line));
  return told
    .slice(-3)
    .map((line) => line.slice(0, 200))
    .join(' | ');
}

async function brokenOff(board: string, process: BoardProcess): Promise<TransportError> {
  const { code, stderr, transport } = await process.ended;
  const words = lastWords(stderr);
  const how = transport ? 'the connection broke' : `the agent ended (exit ${code})`;
  return new TransportError(`${board}: ${how}${words ? `: ${words}` : ''}`, true);
}
