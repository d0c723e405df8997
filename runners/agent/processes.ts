import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

/** How this program is started again: `--node` for boards where Node needs a wrapper. */
export interface SelfCommand {
  readonly node: string;
  readonly script: string;
}

const alive = new Set<ChildProcess>();

/** Starts this program in another role; it is killed when the agent ends. */
export function startSelf(
  self: SelfCommand,
  args: readonly string[],
  stdio: StdioOptions,
): ChildProcess {
  const child = spawn(self.node, [...process.execArgv, self.script, ...args], { stdio });
  alive.add(child);
  // exit, not close: a process that is gone holds no device any more.
  child.once('exit', () => alive.delete(child));
  child.once('error', () => alive.delete(child));
  return child;
}

/** Kills what is still running and waits for it, so that no device is held when the lock goes. */
export async function killAll(waitMs: number): Promise<void> {
  const ends = [...alive].map((child) => once(child, 'exit').catch(() => {}));
  for (const child of alive) child.kill('SIGKILL');
  const patience = new Promise((resolve) => setTimeout(resolve, waitMs).unref());
  await Promise.race([Promise.all(ends), patience]);
}
