import { readFile, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { Name } from '../../devices/names.ts';
import { UserError } from '../../devices/problem.ts';
import { chooseAccelerator } from './accelerator.ts';
import { ARCHES, type MachineRecipe } from './arch.ts';
import { type BoardFolder, openBoardFolder } from './board-folder.ts';
import { hostEnvironment } from './command.ts';
import type { Images } from './images.ts';
import { type Accelerator, qemuArguments } from './qemu-arguments.ts';

/** What a virtual board is started from. */
export interface VirtualBoardOptions {
  /** Names the board's folder and the guest's host. */
  readonly name: string;
  readonly recipe: MachineRecipe;
  readonly images: Images;
  /** Each board keeps a folder of its name below this one. */
  readonly stateDir: string;
  /** `auto` is KVM where it works, else emulation. */
  readonly accel: 'auto' | Accelerator;
}

/** A QEMU that runs, and the way to the sshd in it. It ends when this process ends. */
export interface VirtualBoard {
  readonly sshHost: '127.0.0.1';
  readonly sshPort: number;
  /** `ssh-ed25519 AAAA...` */
  readonly hostKey: string;
  readonly identityFile: string;
  /** There is also `user`, with the same key, uid 1000 and no groups. */
  readonly user: 'root';
  /** QEMU's own. */
  readonly pid: number;
  readonly accel: Accelerator;
  /** The file of all that the guest printed in this start. */
  readonly consoleLog: string;
  /** Settles when QEMU has ended. A guest that reboots or panics stays within the same QEMU. */
  readonly ended: Promise<void>;
  /**
   * Resolves as soon as sshd greets. May be called again after a reboot.
   * @throws UserError (environment) after `deadlineMs`, or when QEMU ends; with the console's end.
   */
  waitForSsh(deadlineMs: number): Promise<void>;
  /** Powers the guest off, or where that takes more than 10 s, ends QEMU. Never fails. */
  stop(): Promise<void>;
  /** Pulls the plug. */
  kill(): Promise<void>;
}

/** flock's exit code when another QEMU has the board's lock. */
const LOCKED = 75;

/** How long QEMU may take to refuse its arguments or the port. */
const SETTLE_MS = 400;
const PORT_ATTEMPTS = 5;
const POWER_OFF_MS = 10_000;
const CONSOLE_LINES_SHOWN = 15;

/**
 * Starts a board. It is not up yet: see `waitForSsh`.
 * @throws UserError (environment) when the board already runs (with who has it), or QEMU does not
 * start.
 */
export async function startVirtualBoard(options: VirtualBoardOptions): Promise<VirtualBoard> {
  const { recipe, images, stateDir } = options;
  const name = Name.parse(options.name);
  const accel = options.accel === 'auto' ? await chooseAccelerator(recipe, images) : options.accel;
  const folder = await openBoardFolder(stateDir, name);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const files = { images, dataDisk: folder.dataDisk, consoleLog: folder.consoleLog };
    const argv = qemuArguments(name, recipe, files, port, accel);
    const child = launch(ARCHES[recipe.arch].qemu, argv, folder);
    const died = await Promise.race([child, sleep(SETTLE_MS, null)]);
    if (died === null) {
      await writeFile(folder.lockFile, `${child.pid}\n`);
      return board(child, folder, port, accel);
    }
    if (died.exitCode === LOCKED) throw await runsAlready(name, folder);
    const said = died.all.trim();
    // Somebody may take the port between our look and QEMU's.
    if (said.includes('host forwarding') && attempt < PORT_ATTEMPTS) continue;
    throw new UserError({
      code: 'environment',
      message: `QEMU did not start (exit code ${died.exitCode}): ${said}`,
      hint: "mend the profile's machine, or update QEMU",
    });
  }
}

type Child = ReturnType<typeof launch>;

/**
 * QEMU in the place of setpriv and flock, which both replace themselves by it: it dies with us even
 * if we are killed, and holds the board's lock exactly as long as it lives.
 */
function launch(qemu: string, argv: readonly string[], folder: BoardFolder) {
  const guard = ['--nonblock', '--conflict-exit-code', String(LOCKED), '--no-fork'];
  return execa(
    'setpriv',
    ['--pdeathsig', 'KILL', '--', 'flock', ...guard, folder.lockFile, qemu, ...argv],
    { reject: false, stdin: 'ignore', all: true, env: hostEnvironment(), extendEnv: false },
  );
}

async function runsAlready(name: string, folder: BoardFolder): Promise<UserError> {
  const holder = (await readFile(folder.lockFile, 'utf8')).trim();
  return new UserError({
    code: 'environment',
    message: `the virtual board ${name} runs already, as process ${holder || 'unknown'}`,
    hint: 'wait until that ends, or stop it',
  });
}

/** A port of 127.0.0.1 that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function board(child: Child, folder: BoardFolder, port: number, accel: Accelerator): VirtualBoard {
  const { pid } = child;
  if (pid === undefined) throw new Error('QEMU has no pid');
  let hasEnded = false;
  let said = '';
  const ended = (async () => {
    said = (await child).all;
    hasEnded = true;
  })();
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const trouble = async (message: string) =>
    new UserError({
      code: 'environment',
      message: `${message}\n${await consoleEnd(folder)}\n`,
      hint: `see ${folder.consoleLog}`,
    });
  return {
    sshHost: '127.0.0.1',
    sshPort: port,
    hostKey: folder.hostKey,
    identityFile: folder.identityFile,
    user: 'root',
    pid,
    accel,
    consoleLog: folder.consoleLog,
    ended,
    async waitForSsh(deadlineMs) {
      const untilMs = performance.now() + deadlineMs;
      let patienceMs = 3000;
      while (performance.now() < untilMs) {
        if (hasEnded) throw await trouble(`QEMU ended before the board was up: ${said}`);
        if (await isBooting(folder)) {
          await sleep(100);
          continue;
        }
        const leftMs = untilMs - performance.now();
        if (await greets(port, Math.max(1, Math.min(patienceMs, leftMs)))) return;
        // A busy host makes sshd's first word late: each attempt is given more time than the last.
        patienceMs = Math.min(2 * patienceMs, 20_000);
        await sleep(100);
      }
      throw await trouble(`no sshd on the board within ${deadlineMs / 1000} s`);
    },
    async stop() {
      if (hasEnded) return;
      await Promise.race([powerOff(folder, port), ended]);
      await Promise.race([ended, sleep(POWER_OFF_MS / 2, null, { ref: false })]);
      if (!hasEnded) await kill();
    },
    kill,
  };
}

/** Whether the guest's kernel has started since its sshd last listened: no use to connect yet. */
async function isBooting(folder: BoardFolder): Promise<boolean> {
  const text = await readFile(folder.consoleLog, 'latin1').catch(() => '');
  return text.lastIndexOf('Linux version ') >= text.lastIndexOf('Server listening on ');
}

/** Whether an ssh server says its name. QEMU itself takes any connection, so that alone is nothing. */
function greets(port: number, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => done(false));
    socket.once('data', (data) => done(data.toString('latin1').startsWith('SSH-')));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
  });
}

async function powerOff(folder: BoardFolder, port: number): Promise<void> {
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'LogLevel=QUIET', 'ConnectTimeout=5'];
  // The board is our own child on the loopback: there is no key to check for one farewell word.
  options.push('StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ControlPath=none');
  await execa(
    'ssh',
    [
      ...options.flatMap((option) => ['-o', option]),
      ...['-F', 'none', '-i', folder.identityFile, '-p', String(port), '--', 'root@127.0.0.1'],
      'poweroff',
    ],
    { reject: false, stdin: 'ignore', timeout: POWER_OFF_MS },
  );
}

async function consoleEnd(folder: BoardFolder): Promise<string> {
  const text = await readFile(folder.consoleLog, 'utf8').catch(() => '');
  const lines = text.trimEnd().split(/\r?\n/).slice(-CONSOLE_LINES_SHOWN);
  return lines.map((line) => `  ${line}`).join('\n');
}
