import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { onlyRun, recordCount, scratch, startCli } from '../../bin/testing/cli.ts';
import type { Session } from '../../runners/transports/session.ts';
import type { VirtualBoard } from '../../runners/virtual/qemu.ts';
import { GUEST_FOLDER, NODE } from './guest-folder.ts';
import { shell } from './shell.ts';

/** The cell whose record is waited for. */
export const FIRST_CELL = 'cpu/udmabuf/-/XR24/640x480/0x0';

const POLL_MS = 3;

/** Milliseconds from the start of `bufmatrix run` to the first record in its file; then it is stopped. */
export async function firstRecordMs(lab: string, filters: readonly string[]): Promise<number> {
  const { folder, remove } = scratch();
  try {
    const begun = performance.now();
    const running = startCli(['run', 'desk', '--lab', lab, '--no-diagnose', ...filters], folder);
    let ended = false;
    const end = running.finally(() => {
      ended = true;
    });
    while (!ended && !hasRecord(folder)) await sleep(POLL_MS);
    const took = performance.now() - begun;
    running.kill('SIGINT');
    const { exitCode, stderr } = await end;
    if (hasRecord(folder)) return took;
    throw new Error(`bufmatrix run ended with ${exitCode} and without a record:\n${stderr}`);
  } finally {
    remove();
  }
}

function hasRecord(folder: string): boolean {
  try {
    return recordCount(onlyRun(folder)) > 0;
  } catch {
    // The folder is not there yet.
    return false;
  }
}

/** Milliseconds that the board's Node takes to do nothing, by the board's own clock, which has steps of 10. */
export async function bareNodeMs(session: Session): Promise<number> {
  const script = `cd ${GUEST_FOLDER}; read -r a b < /proc/uptime; ${NODE} -e 0; read -r c d < /proc/uptime; echo "$a $c"`;
  const [begun = 0, ended = 0] = (await shell(session, script)).split(' ').map(Number);
  return (ended - begun) * 1000;
}

/** Milliseconds of `ssh BOARD true`, with a connection of its own, as anybody would type it. */
export async function sshCommandMs(board: VirtualBoard): Promise<number> {
  const { folder, remove } = scratch();
  try {
    const known = join(folder, 'known_hosts');
    writeFileSync(known, `board ${board.hostKey}\n`);
    const options = {
      BatchMode: 'yes',
      HostKeyAlias: 'board',
      UserKnownHostsFile: known,
      IdentitiesOnly: 'yes',
      IdentityFile: board.identityFile,
      Port: String(board.sshPort),
    };
    const set = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const begun = performance.now();
    const where = `${board.user}@${board.sshHost}`;
    await execa('ssh', ['-F', 'none', ...set, '--', where, 'true'], { stdin: 'ignore' });
    return performance.now() - begun;
  } finally {
    remove();
  }
}
