import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { hostKeyProblem } from './host-key.ts';
import { runToEnd, startProcess } from './process.ts';
import { shellLine } from './quote.ts';
import { type Session, type Transport, TransportError, type TravellingFile } from './session.ts';
import { tarStream } from './tar.ts';

/** Where and as whom. `hostKey` is `ssh-ed25519 AAAA...`; without it known_hosts decides. */
export interface SshTarget {
  readonly user: string | null;
  readonly host: string;
  readonly port: number | null;
  readonly hostKey: string | null;
  readonly identityFile: string | null;
}

/** ssh's own exit code for its own failures (ssh(1)); a remote command may use it too, rarely. */
const SSH_FAILED = 255;
const CONNECT_TIMEOUT_S = 15;

/** A board that the system's OpenSSH reaches: one multiplexed connection, host key verified. */
export function sshTransport(target: SshTarget): Transport {
  return {
    target: describe(target),
    open: (signal) => connect(target, signal),
    dispose: async () => {},
  };
}

/** `ssh://user@host:port`. */
export function describe(target: SshTarget): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const user = target.user === null ? '' : `${target.user}@`;
  return `ssh://${user}${host}${target.port === null ? '' : `:${target.port}`}`;
}

async function connect(target: SshTarget, signal: AbortSignal): Promise<Session> {
  const folder = await mkdtemp(join(tmpdir(), 'bufmatrix-'));
  try {
    const options = await commonOptions(target, folder);
    const master = await openMaster(target, options, folder, signal);
    return sessionOver(target, options, folder, master);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Options of every ssh that we start. Keys are never accepted unseen, passwords never asked for. */
async function commonOptions(target: SshTarget, folder: string): Promise<string[]> {
  const set: Record<string, string> = {
    BatchMode: 'yes',
    StrictHostKeyChecking: 'yes',
    LogLevel: 'ERROR',
    ConnectTimeout: String(CONNECT_TIMEOUT_S),
    ServerAliveInterval: '5',
    ServerAliveCountMax: '6',
    ControlPath: join(folder, 'mux'),
    ForwardAgent: 'no',
    ForwardX11: 'no',
    ClearAllForwardings: 'yes',
    PermitLocalCommand: 'no',
    UpdateHostKeys: 'no',
    // What a user's ssh_config may hold for people: our master would leave for the background, or run
    // another command.
    ControlPersist: 'no',
    RemoteCommand: 'none',
    RequestTTY: 'no',
  };
  if (target.hostKey !== null) {
    // HostKeyAlias names the board in a file of our own, so that neither address nor port matters.
    const known = join(folder, 'known_hosts');
    await writeFile(known, `bufmatrix-board ${target.hostKey}\n`);
    set['UserKnownHostsFile'] = known;
    set['GlobalKnownHostsFile'] = '/dev/null';
    set['HostKeyAlias'] = 'bufmatrix-board';
  }
  if (target.identityFile !== null) {
    set['IdentityFile'] = target.identityFile;
    set['IdentitiesOnly'] = 'yes';
  }
  if (target.user !== null) set['User'] = target.user;
  if (target.port !== null) set['Port'] = String(target.port);
  return Object.entries(set).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** The ssh that holds the connection. `ended` resolves with what it said on stderr. */
interface Master {
  readonly ended: Promise<string>;
  kill(): void;
}

function startMaster(target: SshTarget, options: readonly string[]): Master {
  // setpriv: the master must not outlive us, even if we are killed.
  const args = ['--pdeathsig', 'TERM', 'ssh', '-M', '-N', ...options, '--', target.host];
  const child = execa('setpriv', args, {
    reject: false,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  return { ended: child.then((result) => result.stderr), kill: () => void child.kill('SIGTERM') };
}

/** Starts the connection that all commands share and waits until it takes them. */
async function openMaster(
  target: SshTarget,
  options: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<Master> {
  const master = startMaster(target, options);
  let ended = false;
  const failure = master.ended.then((stderr) => {
    ended = true;
    return stderr;
  });
  const stop = () => master.kill();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const check = ['-O', 'check', '-o', `ControlPath=${join(folder, 'mux')}`, '--', target.host];
    while (!ended) {
      if (await socketThere(join(folder, 'mux'))) {
        if ((await runToEnd('ssh', check, { timeoutMs: 5000 })).code === 0) return master;
      }
      await Promise.race([failure, sleep(15)]);
    }
    const stderr = await failure;
    signal.throwIfAborted();
    throw await explain(target, options, stderr);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function socketThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Turns ssh's words into what is wrong and what to do about it. */
async function explain(
  target: SshTarget,
  options: readonly string[],
  stderr: string,
): Promise<TransportError> {
  const words = stderr.trim() || 'ssh ended without a word';
  const problem = await hostKeyProblem(target, options, words);
  if (problem !== null) return new TransportError(`${describe(target)}: ${problem}`, false);
  const denied = /Permission denied/.test(words);
  const next = denied
    ? 'Next: put your public key into authorized_keys there, or name another identityFile in the lab file.'
    : 'Next: see that the board is on and reachable.';
  return new TransportError(`${describe(target)}: ${words}. ${next}`, !denied);
}

function sessionOver(
  target: SshTarget,
  options: readonly string[],
  folder: string,
  master: Master,
): Session {
  // A command never becomes a master itself: when the connection is gone it says so at once.
  const base = ['-o', 'ControlMaster=no', ...options];
  const command = (argv: readonly string[]) => [
    ...base,
    '-o',
    'ProxyCommand=false',
    '--',
    target.host,
    shellLine(argv),
  ];
  return {
    target: describe(target),
    exec: (argv, timeoutMs) =>
      runToEnd('ssh', command(argv), timeoutMs === undefined ? {} : { timeoutMs }),
    start: (argv) => startProcess('ssh', command(argv), (code) => code === SSH_FAILED),
    put: (files, into) => putByTar(command, files, into),
    close: async () => {
      master.kill();
      await master.ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * On the disk before anybody is told so: a board that panics in its first cell has else a folder that
 * is marked as complete, and a Node without content in it.
 */
const UNPACK = 'mkdir -p "$1" && tar -x -f - -C "$1" && { sync -f "$1" 2>/dev/null || sync; }';

async function putByTar(
  command: (argv: readonly string[]) => string[],
  files: readonly TravellingFile[],
  into: string,
): Promise<number> {
  const unpack = startProcess(
    'ssh',
    command(['sh', '-c', UNPACK, 'sh', into]),
    (code) => code === SSH_FAILED,
  );
  const bytes = await tarStream(files, unpack.stdin);
  const { code, stderr, transport } = await unpack.ended;
  if (transport) throw new TransportError(`copying to the board broke: ${stderr.trim()}`, true);
  if (code !== 0)
    throw new TransportError(
      `the board could not unpack what was copied: ${stderr.trim()}. Next: see that ${into} can be written and has room.`,
      false,
    );
  return bytes;
}
