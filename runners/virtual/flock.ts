import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { stopSignal } from './command.ts';

/**
 * Takes the lock of a file, waiting for another process that has it. The lock is held by a child
 * that reads from us, so it goes when we go, however that happens; no stale lock can stay behind.
 * @param onWait called once when somebody else has it.
 * @returns gives the lock back.
 */
export async function lock(file: string, onWait: () => void): Promise<() => Promise<void>> {
  await mkdir(dirname(file), { recursive: true });
  const signal = stopSignal();
  signal?.throwIfAborted();
  const waiting = setTimeout(onWait, 500);
  const child = execa('flock', ['--exclusive', file, 'sh', '-c', 'echo locked; exec cat'], {
    stdin: 'pipe',
    stdout: 'pipe',
    buffer: false,
    reject: false,
    // A Ctrl-C in the terminal must not take the lock away before what it guards has ended.
    killDescendants: true,
  });
  const giveUp = () => child.kill();
  signal?.addEventListener('abort', giveUp, { once: true });
  const got = await Promise.race([once(child.stdout, 'data'), child]);
  signal?.removeEventListener('abort', giveUp);
  clearTimeout(waiting);
  if (signal?.aborted) {
    giveUp();
    await child;
    throw signal.reason;
  }
  if (!Array.isArray(got)) throw new Error(`flock could not lock ${file}: ${got.shortMessage}`);
  return async () => {
    child.stdin.end();
    await child;
  };
}
