import type { Session } from '../../runners/transports/session.ts';

/** How long one command of the benchmark may take, in ms. */
const COMMAND_MS = 15 * 60_000;

/** What a shell on the board prints. @throws Error when it does not end well. */
export async function shell(session: Session, script: string): Promise<string> {
  const { code, stdout, stderr } = await session.exec(['sh', '-c', script], COMMAND_MS);
  if (code === 0) return stdout;
  throw new Error(`on the board, exit code ${code}: ${script}\n${stderr.trim()}`);
}
