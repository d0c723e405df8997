import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';

/** What one start of the command line took. */
const Taken = z.strictObject({ seconds: z.number(), cpuSeconds: z.number(), mib: z.number() });
export type Taken = z.infer<typeof Taken>;

const CHILD = fileURLToPath(new URL('./taken-child.ts', import.meta.url));

/** Starts the command line, and measures it. @throws Error where it ends with another code than 0. */
export async function startTaken(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Taken> {
  const { exitCode, stderr } = await execa(process.execPath, [CHILD, ...args], {
    env,
    reject: false,
    stdout: 'ignore',
    stdin: 'ignore',
  });
  const line = stderr.split('\n').at(-1) ?? '';
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stderr}`);
  return Taken.parse(JSON.parse(line));
}
