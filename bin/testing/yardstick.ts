import { writeFileSync } from 'node:fs';
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

/** Lets the program try those cells on a board, one after another. */
export async function askYardstick(
  session: Session,
  program: string,
  ids: readonly string[],
  timeoutMs: number,
): Promise<ReadonlyMap<string, Witness>> {
  const folder = '/tmp/yardstick';
  const list = `${program}.ids`;
  writeFileSync(list, `${ids.join('\n')}\n`);
  await session.put(
    [
      { path: 'cells', content: { file: program }, executable: true },
      { path: 'ids', content: { file: list }, executable: false },
    ],
    folder,
  );
  const script = `cd ${folder} && ./cells < ids; code=$?; rm -r ${folder}; exit $code`;
  const { code, stdout, stderr } = await session.exec(['sh', '-c', script], timeoutMs);
  if (code !== 0) throw new Error(`the C program ended with ${code}: ${stderr}`);
  return new Map(
    stdout.split('\n').map((line) => {
      const [id = '', outcome = '', stage = '', errno = ''] = line.split('\t');
      return [id, { outcome, stage, errno }];
    }),
  );
}
