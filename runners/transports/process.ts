import { PassThrough } from 'node:stream';
import { execa } from 'execa';
import type { BoardProcess, CommandResult } from './session.ts';

/** Last bytes of stderr that are kept for messages. */
const STDERR_KEPT = 8192;

/** Runs a host command to its end; a non-zero exit is a result, not an error. */
export async function runToEnd(
  file: string,
  args: readonly string[],
  options: {
    timeoutMs?: number;
    input?: Uint8Array | string;
    env?: NodeJS.ProcessEnv;
    signal?: AbortSignal;
  } = {},
): Promise<CommandResult> {
  const result = await execa(file, args, {
    reject: false,
    killDescendants: true,
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  const cause = result.failed && result.exitCode === undefined ? (result.shortMessage ?? '') : '';
  return {
    code: result.exitCode ?? -1,
    stdout: result.stdout,
    stderr: [result.stderr, cause].filter(Boolean).join('\n'),
  };
}

/**
 * Starts a host command whose streams stay open.
 * @param isTransport whether that exit code means that the way to the board broke.
 */
export function startProcess(
  file: string,
  args: readonly string[],
  isTransport: (code: number | null, stderr: string) => boolean,
): BoardProcess {
  const child = execa(file, args, {
    reject: false,
    buffer: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-STDERR_KEPT);
  });
  // A write into a process that has just ended is not an error of ours: `ended` tells.
  child.stdin.on('error', () => {});
  const stdout = new PassThrough();
  child.stdout.pipe(stdout);
  const ended = (async () => {
    const result = await child;
    const code = result.exitCode ?? null;
    return { code, stderr, transport: isTransport(code, stderr) };
  })();
  return { stdin: child.stdin, stdout, ended, kill: () => void child.kill('SIGTERM') };
}
