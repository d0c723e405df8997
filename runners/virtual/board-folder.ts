import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';

/** The size of a board's own disk, sparse: 1 GiB, as programs and their caches are kept there. */
const DISK_SIZE = '1G';

/** What a virtual board keeps between its starts. */
export interface BoardFolder {
  readonly folder: string;
  /** ext4: the board's host key, who may log in, and the home folders. */
  readonly dataDisk: string;
  /** The private key that logs in. */
  readonly identityFile: string;
  /** `ssh-ed25519 AAAA...`: known before the board has ever started. */
  readonly hostKey: string;
  /** Locked by the board's QEMU for as long as that lives. */
  readonly lockFile: string;
  readonly consoleLog: string;
}

/**
 * A board's folder below `stateDir`, made with fresh keys if it is not there. Whole or not there at
 * all. Nothing is mounted for it.
 * @param name one path component; the caller has checked its characters.
 * @throws UserError (environment) when ssh-keygen or mke2fs fails.
 */
export async function openBoardFolder(stateDir: string, name: string): Promise<BoardFolder> {
  const folder = join(stateDir, name);
  if (!existsSync(folder)) await makeFolder(stateDir, folder);
  const publicKey = await readFile(join(folder, 'host_key.pub'), 'utf8');
  return {
    folder,
    dataDisk: join(folder, 'data.ext4'),
    identityFile: join(folder, 'id_ed25519'),
    hostKey: publicKey.split(' ').slice(0, 2).join(' ').trim(),
    lockFile: join(folder, 'lock'),
    consoleLog: join(folder, 'console.log'),
  };
}

async function makeFolder(stateDir: string, folder: string): Promise<void> {
  const part = `${folder}.part.${process.pid}`;
  await rm(part, { recursive: true, force: true });
  const disk = join(part, 'disk');
  const ssh = join(disk, 'ssh');
  await mkdir(stateDir, { recursive: true });
  await mkdir(part, { mode: 0o700 });
  await mkdir(ssh, { recursive: true });
  await makeKey(join(part, 'id_ed25519'));
  await makeKey(join(ssh, 'host_key'));
  await copyFile(join(part, 'id_ed25519.pub'), join(ssh, 'authorized_keys'));
  const image = join(part, 'data.ext4');
  // The guest's init gives the files to root: here they are whoever's builds the image.
  const options = ['-q', '-F', '-t', 'ext4', '-L', 'data', '-E', 'root_owner=0:0', '-d', disk];
  await run(['mke2fs', ...options, image, DISK_SIZE]);
  await rename(join(ssh, 'host_key.pub'), join(part, 'host_key.pub'));
  await rm(disk, { recursive: true });
  await run(['sync', '--', image]);
  try {
    await rename(part, folder);
  } catch (error) {
    // Somebody else has just made it.
    await rm(part, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

async function makeKey(file: string): Promise<void> {
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'bufmatrix', '-f', file]);
}
