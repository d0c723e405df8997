import { join } from 'node:path';
import { execa } from 'execa';
import type { Session } from '../../runners/transports/session.ts';
import { packageRoot } from '../cli/version.ts';

/** What the C program, which shares no code with the harness, says of a cell. `-` where there is none. */
export interface Witness {
  readonly outcome: string;
  readonly stage: string;
  readonly errno: string;
}

/** Compiles the program into a folder. @returns the file for that machine. */
export async function buildYardstick(folder: string, arch: 'x86_64' | 'arm'): Promise<string> {
  await execa('sh', [join(packageRoot, 'scripts/yardstick/build-cells.sh'), folder]);
  return join(folder, arch === 'arm' ? 'cells-armhf' : 'cells');
}

/**
 * Lets the program try those cells on a board: each suite in a process of its own, since what a
 * process keeps (displays, pictures below an overlay) is taken from the next suite's memory.
 */
export async function askYardstick(
  session: Session,
  program: string,
  ids: readonly string[],
  timeoutMs: number,
): Promise<ReadonlyMap<string, Witness>> {
  const folder = '/tmp/yardstick';
  const cells = { path: 'cells', content: { file: program }, executable: true };
  await session.put([cells], folder);
  const said = new Map<string, Witness>();
  for (const [suite, own] of Map.groupBy(ids, (id) => id.split('/')[0] ?? '')) {
    const content = Buffer.from(`${own.join('\n')}\n`);
    await session.put([{ path: 'ids', content, executable: false }], folder);
    const { code, stdout, stderr } = await session.exec(
      ['sh', '-c', 'cd "$1" && exec ./cells < ids', 'sh', folder],
      timeoutMs,
    );
    if (code !== 0) throw new Error(`the C program ended with ${code} in ${suite}: ${stderr}`);
    for (const line of stdout.split('\n')) {
      const [id = '', outcome = '', stage = '', errno = ''] = line.split('\t');
      said.set(id, { outcome, stage, errno });
    }
  }
  await session.exec(['rm', '-r', '--', folder]);
  return said;
}
