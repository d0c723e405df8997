import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadProfile } from '../../devices/load.ts';
import type { Session } from '../../runners/transports/session.ts';
import { type SshTarget, sshTransport } from '../../runners/transports/ssh.ts';
import { cacheFolder } from '../../runners/virtual/cache.ts';
import { ensureImages } from '../../runners/virtual/images.ts';
import type { Progress } from '../../runners/virtual/progress.ts';
import { startVirtualBoard, type VirtualBoard } from '../../runners/virtual/qemu.ts';
import { packageRoot } from '../cli/version.ts';

/** How long a board may take to boot on a busy machine, in ms. */
const BOOT_MS = 180_000;

/** A virtual board that a test has started, to be reached over ssh as a board on a desk is. */
export interface DeskBoard extends VirtualBoard {
  readonly arch: 'x86_64' | 'arm';
  /** Writes a lab file that calls it `desk`. @param more lines of its entry. @returns its path. */
  labFile(
    folder: string,
    hostKey?: string | null,
    more?: readonly string[],
    user?: 'root' | 'user',
  ): string;
  /** A connection of the test's own. */
  with<T>(body: (session: Session) => Promise<T>): Promise<T>;
  /** What a shell on the board prints. */
  shell(script: string): Promise<string>;
}

/** What may be chosen; tests take what is left out. */
export interface DeskOptions {
  /** Names its folder: two boards of one name cannot run at once. */
  readonly name?: string;
  readonly accel?: 'auto' | 'tcg' | 'kvm';
  /** A series such as `7.3`. */
  readonly kernel?: string;
  readonly progress?: Progress;
  /** Whether the camera and media programs are on it. */
  readonly applications?: boolean;
}

/** Starts the board of a profile and waits until it answers. */
export async function deskBoard(
  profileName: string,
  options: DeskOptions = {},
): Promise<DeskBoard> {
  const { name = `desk-${profileName}`, accel = 'tcg', kernel, progress } = options;
  const { profile } = loadProfile(join(packageRoot, 'devices', `${profileName}.yaml`));
  if (!profile.machine) throw new Error(`${profileName} has no machine`);
  const { arch } = profile.machine;
  const applications = options.applications ?? false;
  const images = await ensureImages(
    { arch, applications, ...(kernel === undefined ? {} : { kernel }) },
    progress,
  );
  const stateDir = join(cacheFolder(), 'boards');
  const board = await startVirtualBoard({
    name,
    recipe: profile.machine,
    images,
    stateDir,
    accel,
  });
  await board.waitForSsh(BOOT_MS);
  const { hostKey, identityFile, sshPort: port } = board;
  const target: SshTarget = { user: 'root', host: '127.0.0.1', port, hostKey, identityFile };
  const withSession = async <T>(body: (session: Session) => Promise<T>): Promise<T> => {
    const session = await sshTransport(target).open(new AbortController().signal);
    return body(session).finally(() => session.close());
  };
  return {
    ...board,
    arch: images.arch,
    labFile: (folder, key = hostKey, more = [], user = 'root') => {
      const path = join(folder, 'lab.yaml');
      const lines = [
        'boards:',
        '  desk:',
        `    profile: ${profileName}`,
        `    access: ssh://${user}@127.0.0.1:${port}`,
        `    identityFile: ${identityFile}`,
        ...(key === null ? [] : [`    hostKey: "${key}"`]),
        ...more.map((line) => `    ${line}`),
      ];
      writeFileSync(path, `${lines.join('\n')}\n`);
      return path;
    },
    with: withSession,
    shell: (script) =>
      withSession(async (session) => (await session.exec(['sh', '-c', script], 20_000)).stdout),
  };
}
