import { Lines } from './lines.ts';
import { OOM_AGENT, setOomScore } from './oom.ts';
import { killAll, type SelfCommand } from './processes.ts';
import { said } from './reply.ts';
import { watchSilence } from './silence.ts';
import { WorkerProcess } from './worker-process.ts';

/** How long the end waits for a worker that SIGKILL has been sent to. */
const KILL_MS = 2000;

const OPTIONS = ['--lock', '--board-lock', '--who', '--node', '--silence'];

/** `--lock PATH --board-lock PATH --who TEXT --node COMMAND --silence MS`. @throws Error on anything else. */
function parseArgs(args: readonly string[]): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (let at = 0; at < args.length; at += 2) {
    const [name = '', value] = args.slice(at, at + 2);
    if (!OPTIONS.includes(name) || value === undefined)
      throw new Error(`the agent takes ${OPTIONS.join(', ')}, each with a value, not ${name}`);
    options.set(name, value);
  }
  return options;
}

/**
 * One conversation with the host, from hello to the end of stdin. Whatever ends it - stdin, a
 * signal, a reader of stdout that went away - takes the workers with it.
 */
export async function runSession(args: readonly string[]): Promise<void> {
  const options = parseArgs(args);
  const script = process.argv[1] ?? '';
  const self: SelfCommand = { node: options.get('--node') ?? process.execPath, script };
  // Before anything else is loaded: it takes as long to start as we did, and needs no word from us.
  const spare = new WorkerProcess(self);
  setOomScore(OOM_AGENT);
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const)
    process.once(signal, () => void end(0));
  process.stdout.on('error', () => void end(0));
  const { Conversation } = await import('./conversation.ts');
  const conversation = new Conversation(self, spare);
  const locks = { own: options.get('--lock') ?? null, board: options.get('--board-lock') ?? null };
  if (!conversation.hello(locks, options.get('--who') ?? '')) return end(0);
  const lines = new Lines();
  const heard = watchSilence(Number(options.get('--silence') ?? 0), () => void end(0));
  process.stdin.on('data', (chunk: Buffer) => {
    heard();
    for (const line of lines.push(chunk).toString('utf8').split('\n'))
      if (line.trim() !== '') conversation.hear(line);
  });
  process.stdin.once('end', () => void end(0));
  process.stdin.once('error', () => void end(0));
}

async function end(code: number): Promise<void> {
  await killAll(KILL_MS);
  await Promise.race([said(), new Promise((resolve) => setTimeout(resolve, KILL_MS))]);
  process.exit(code);
}
