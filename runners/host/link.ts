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

/** A conversation with the agent on a board. Ends with the connection. */
export interface Link {
  readonly hello: Extract<Reply, { type: 'hello' }>;
  readonly sentBytes: number;
  inventory(egl: readonly string[]): Promise<Inventory>;
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
  readonly holder: string;
  constructor(board: string, holder: string) {
    super({
      code: 'run-locked',
      message: `${board} is in use by ${holder}`,
      hint: 'wait for that run to end, or stop it',
    });
    this.name = 'BoardBusy';
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
  if (warm) return converse(board, warm, 0);
  const placed = await place(session, workdir, await survey(session, workdir));
  const cold = await tryStart(session, [...placed.argv, ...told]);
  if (!cold)
    throw new TransportError(`${session.target}: the agent was copied and is not there`, false);
  return converse(board, cold, placed.sentBytes);
}

interface Started {
  readonly process: BoardProcess;
  readonly replies: AsyncGenerator<Reply>;
  readonly hello: Extract<Reply, { type: 'hello' }>;
}

/** Null when the board has no such agent yet. */
async function tryStart(session: Session, argv: readonly string[]): Promise<Started | null> {
  const process = session.start(argv);
  const replies = repliesOf(session, process);
  const first = await replies.next();
  if (!first.done && first.value.type === 'hello') return { process, replies, hello: first.value };
  const { code, stderr, transport } = await process.ended;
  if (isAbsent(code)) return null;
  const said = first.done ? stderr.trim() : JSON.stringify(first.value);
  throw new TransportError(
    `${session.target}: the agent did not start (exit ${code}): ${said || 'no word on stderr'}`,
    transport,
  );
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

function converse(board: string, started: Started, sentBytes: number): Link {
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
    sentBytes,
    inventory: async (egl) => {
      send({ type: 'inventory', egl: [...egl] });
      const reply = await next();
      if (reply.type !== 'inventory')
        throw new TransportError(`${board}: no inventory came`, false);
      return reply.inventory;
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

async function brokenOff(board: string, process: BoardProcess): Promise<TransportError> {
  const { code, stderr, transport } = await process.ended;
  const words = stderr.trim().split('\n').slice(-3).join(' | ');
  const how = transport ? 'the connection broke' : `the agent ended (exit ${code})`;
  return new TransportError(`${board}: ${how}${words ? `: ${words}` : ''}`, true);
}
