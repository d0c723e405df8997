import type { Session } from '../../runners/transports/session.ts';
import { GUEST_FOLDER } from './guest-folder.ts';
import { shell } from './shell.ts';

/** What the program said of one attempt. */
export interface CLine {
  readonly id: string;
  readonly outcome: string;
  readonly us: number;
}

/** Lets the C program try each cell that often, one cell after another. It must be in {@link GUEST_FOLDER}. */
export async function runCProgram(
  session: Session,
  ids: readonly string[],
  repeat: number,
): Promise<CLine[]> {
  // Not --rounds: the harness makes all attempts of a cell together, and so must this.
  const list = ids.flatMap((id) => Array.from({ length: repeat }, () => `${id}\n`)).join('');
  await session.put([{ path: 'ids', content: Buffer.from(list), executable: false }], GUEST_FOLDER);
  // To a file: ssh would take a share of the processor while cells are tried.
  const script = `cd ${GUEST_FOLDER} && ./cells < ids > said && cat said`;
  const lines = (await shell(session, script)).split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [id = '', outcome = '', , , us] = line.split('\t');
    return { id, outcome, us: Number(us) };
  });
}
