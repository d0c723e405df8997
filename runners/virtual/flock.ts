import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';

/**
 * Takes the lock of a file, waiting for another process that has it. The lock is held by a child
 * that reads from us, so it goes when we go, however that happens; no stale lock can stay behind.
 * @param onWait called once when somebody else has it.
 * @returns gives the lock back.
 */
export async function lock(file: string, onWait: () => void): Promise<() => Promise<void>> {
  await mkdir(dirname(file), { recursive: true });
  const waiting = setTimeout(onWait, 500);
  const child = execa('flock', ['--exclusive', file, 'sh', '-c', 'echo locked; exec cat'], {
    stdin: 'pipe',
    stdout: 'pipe',
    buffer: false,
    reject: false,
  });
  const got = await Promise.race([once(child.stdout, 'data'), child]);
  clearTimeout(waiting);
  if (!Array.isArray(got)) throw new Error(`flock could not lock ${file}: ${got.shortMessage}`);
  return async () => {
    child.stdin.end();
    await child;
  };
}
