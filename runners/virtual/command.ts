import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { execa } from 'execa';
import { UserError } from '../../devices/problem.ts';

/** Lines of a failed command's output that its error shows. */
const SHOWN_LINES = 12;

const KEPT =
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|XDG_.*|(https?|ftp|all|no)_proxy|(HTTPS?|FTP|ALL|NO)_PROXY)$/;

/**
 * The environment for host commands: no locale, nothing that make or a compiler would listen to,
 * and the sbin folders, which other users than root lack.
 */
export function hostEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => KEPT.test(entry[0]) && entry[1] !== undefined,
  );
  const env = Object.fromEntries(kept);
  return { ...env, LC_ALL: 'C.UTF-8', PATH: `${env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin` };
}

const stopping = new AsyncLocalStorage<AbortSignal>();

/** A command that is told to end is killed after this, in ms: mmdebstrap first removes its files. */
const PATIENCE_MS = 10_000;

/**
 * Does something that runs host commands, and ends them when the signal comes: all of them, with
 * their children, however deep in it they are started. What was done ends with the signal's reason.
 */
export function stoppable<T>(signal: AbortSignal, body: () => Promise<T>): Promise<T> {
  return stopping.run(signal, body);
}

/** The signal that stops what we are in the midst of, if anything does. */
export const stopSignal = (): AbortSignal | undefined => stopping.getStore();

/** What `run` and `capture` take beside the command. */
export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A file that becomes the command's standard input. */
  readonly inputFile?: string;
  /** Appended to: everything that the command prints. */
  readonly log?: string;
  readonly onLine?: (line: string) => void;
}

/** The command ends with us, even if we are killed: nobody else would clear up after it. */
function tethered(argv: readonly string[]): string[] {
  return ['--pdeathsig', 'TERM', '--', ...argv];
}

function processOptions(options: CommandOptions) {
  return {
    // By their process group, which is theirs alone.
    killDescendants: true,
    forceKillAfterDelay: PATIENCE_MS,
    reject: false as const,
    env: { ...hostEnvironment(), ...options.env },
    extendEnv: false,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.inputFile === undefined
      ? { stdin: 'ignore' as const }
      : { inputFile: options.inputFile }),
  };
}

/** Starts a command, and tells it to end when we are stopped. What it then says is still read. */
function launch<Options extends ReturnType<typeof processOptions>>(
  argv: readonly string[],
  options: Options,
) {
  const signal = stopSignal();
  signal?.throwIfAborted();
  const child = execa('setpriv', tethered(argv), options);
  const end = () => child.kill();
  signal?.addEventListener('abort', end, { once: true });
  void child.finally(() => signal?.removeEventListener('abort', end));
  return child;
}

function failure(argv: readonly string[], why: string, lines: readonly string[], log?: string) {
  const shown = lines.slice(-SHOWN_LINES).map((line) => `\n  ${line}`);
  return new UserError({
    code: 'environment',
    message: `${argv[0]} ${why}${shown.join('')}\n`,
    hint: log === undefined ? 'run it by hand' : `see ${log}`,
  });
}

/**
 * Runs a host command without a shell, line by line.
 * @throws UserError (environment) with the last lines, when it cannot be started or fails.
 */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<void> {
  const log = options.log === undefined ? null : createWriteStream(options.log, { flags: 'a' });
  log?.write(`$ ${argv.join(' ')}\n`);
  const last: string[] = [];
  const child = launch(argv, { ...processOptions(options), all: true, buffer: false });
  for await (const line of child.iterable({ from: 'all' })) {
    log?.write(`${line}\n`);
    last.push(line);
    if (last.length > SHOWN_LINES) last.shift();
    options.onLine?.(line);
  }
  const result = await child;
  if (log !== null) {
    log.end();
    await once(log, 'close');
  }
  stopSignal()?.throwIfAborted();
  if (result.failed) throw failure(argv, why(result), last, options.log);
}

/**
 * What a host command prints on standard output.
 * @throws UserError (environment) with the end of its standard error, when it fails.
 */
export async function capture(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await launch(argv, processOptions(options));
  stopSignal()?.throwIfAborted();
  if (result.failed) throw failure(argv, why(result), result.stderr.split('\n'));
  return result.stdout;
}

interface Ended {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly shortMessage?: string | undefined;
}

function why({ exitCode, signal, shortMessage }: Ended): string {
  if (exitCode !== undefined) return `ended with ${exitCode}`;
  return signal === undefined ? `failed (${shortMessage})` : `got ${signal}`;
}
