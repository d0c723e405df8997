import type { CommandResult, Session } from '../transports/session.ts';

/** What a short command on the board may take, in ms. */
const SHORT_MS = 20_000;

/**
 * Runs a command on the board that has to succeed.
 * @throws Error with what it said, when it does not.
 */
export async function must(session: Session, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await session.exec(argv, SHORT_MS);
  if (code === 0) return stdout;
  throw new Error(`${session.target}: ${argv.join(' ')} ended with ${code}: ${stderr.trim()}`);
}

/**
 * Runs a command on the board that is told to end after `seconds` and killed 5 seconds later, there:
 * what ends an ssh here leaves its command running.
 */
export async function within(
  session: Session,
  seconds: number,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const command = ['timeout', '--kill-after=5', String(seconds), 'env', ...assignments, ...argv];
  // One stream, so that its lines keep their order.
  const merged = ['sh', '-c', 'exec "$@" 2>&1', 'sh', ...command];
  return session.exec(merged, (seconds + 15) * 1000);
}

/** timeout's exit codes when the deadline came: told to end, and killed. */
export const DEADLINE_CODES: readonly number[] = [124, 137];
