import type { Session, TravellingFile } from '../transports/session.ts';
import { TransportError } from '../transports/session.ts';
import { type AgentArch, agentFiles, agentHash, nodeBinary } from './runtime.ts';

/** The agent's place on a board, and the command that starts it. */
export interface Placed {
  readonly argv: readonly string[];
  /** Bytes that had to be sent; 0 when all was there. */
  readonly sentBytes: number;
}

/** Exit code of the start script that means: the agent is not there yet. Not used by ssh or sh. */
const ABSENT = 93;

/**
 * Finds the folder, tells whether the agent of that hash is there whole, and becomes it. One command,
 * so that a warm start costs one round trip. $1 workdir or '', $2 the agent's hash, then its arguments.
 * Mesa would keep a shader cache below ~/.cache: nothing but our folder is written.
 */
const START = `
d=\${1:-\${XDG_CACHE_HOME:-$HOME/.cache}/bufmatrix}; a=$d/$2; shift 2
[ -f "$a/complete" ] && read -r n < "$a/complete" && [ -x "$n" ] || exit ${ABSENT}
export NODE_OPTIONS= NODE_NO_WARNINGS=1 MESA_SHADER_CACHE_DISABLE=true
exec "$n" "$a/agent.cjs" --lock "$d/lock" --board-lock /etc/os-release "$@"`;

/** What has to be known to choose what travels: folder, machine, C library, and the board's own Node. */
const SURVEY = `
d=\${1:-\${XDG_CACHE_HOME:-$HOME/.cache}/bufmatrix}
mkdir -p "$d" && echo "folder $d"
echo "machine $(uname -m)"
[ -e /lib/ld-musl-x86_64.so.1 ] || [ -e /lib/ld-musl-aarch64.so.1 ] && echo "libc musl"
[ "$(getconf LONG_BIT 2>/dev/null)" = 32 ] && echo "bits 32"
n=$(command -v node) && echo "node $n $(node --version)"
for f in "$d"/node-*/complete; do [ -f "$f" ] && echo "have $f"; done
true`;

const ARCHES: Readonly<Record<string, AgentArch>> = {
  x86_64: 'x64',
  aarch64: 'arm64',
  armv7l: 'arm',
  armv8l: 'arm',
};

/** The command that starts the agent, if it is on the board already (exit code 93 if not). */
export async function startCommand(workdir: string | null): Promise<readonly string[]> {
  return ['sh', '-c', START, 'sh', workdir ?? '', `agent-${await agentHash()}`];
}

export const isAbsent = (code: number | null): boolean => code === ABSENT;

interface Survey {
  readonly folder: string;
  readonly arch: AgentArch;
  readonly node: { path: string; version: string } | null;
  readonly have: readonly string[];
}

/** What kind of machine the board is. @throws TransportError when no agent exists for it. */
export async function survey(session: Session, workdir: string | null): Promise<Survey> {
  const { code, stdout, stderr } = await session.exec(
    ['sh', '-c', SURVEY, 'sh', workdir ?? ''],
    60_000,
  );
  const lines = stdout.split('\n').map((line) => line.trim());
  const field = (name: string) =>
    lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
  const folder = field('folder');
  if (code !== 0 || folder === undefined)
    throw new TransportError(
      `${session.target}: no folder for the agent can be made there: ${stderr.trim() || `exit ${code}`}. Next: name a writable one as workdir in the lab file.`,
      false,
    );
  const kernel = field('machine') ?? 'unknown';
  // A 64-bit kernel below 32-bit programs, as Raspberry Pi OS had it.
  const machine = field('bits') === '32' && kernel === 'aarch64' ? 'armv7l' : kernel;
  const arch = ARCHES[machine];
  if (arch === undefined || field('libc') === 'musl')
    throw new TransportError(
      `${session.target}: there is no agent for ${machine}${field('libc') === 'musl' ? ' with musl' : ''}; there is one for ${Object.keys(ARCHES).join(', ')} with glibc.`,
      false,
    );
  const [path, version] = (field('node') ?? '').split(' ');
  const have = lines.filter((line) => line.startsWith('have ')).map((line) => line.slice(5));
  return { folder, arch, node: path && version ? { path, version } : null, have };
}

/** Node 20.11 is the oldest that the agent is built for. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 11);
}

/** Takes the marks off folders that are not whole. $@ marks. */
const UNMARK = 'for mark; do rm -f -- "$mark" || exit; done';

/**
 * Brings the agent, and Node where the board has none that will do, and returns how to start it.
 * @param anew brings Node even where its folder is marked as complete.
 */
export async function place(
  session: Session,
  workdir: string | null,
  found: Survey,
  anew: boolean,
): Promise<Placed> {
  const { folder, arch } = found;
  let sentBytes = 0;
  const agent = `${folder}/agent-${await agentHash()}`;
  const have = anew ? [] : found.have;
  if (anew) await unmark(session, [`${agent}/complete`, ...found.have]);
  const own = found.node && isNewEnough(found.node.version) ? found.node.path : null;
  const node = own ?? (await placeNode());
  async function placeNode(): Promise<string> {
    const binary = await nodeBinary(arch);
    const home = `${folder}/node-${binary.version}-${binary.sha256.slice(0, 12)}`;
    if (!have.includes(`${home}/complete`)) {
      const file = { path: 'node', content: { file: binary.path }, executable: true };
      sentBytes += await session.put([file], home);
      sentBytes += await session.put([mark('yes')], home);
    }
    return `${home}/node`;
  }
  sentBytes += await session.put(await agentFiles(arch), agent);
  // Written last and on its own: a copy that broke off is never taken for whole.
  sentBytes += await session.put([mark(node)], agent);
  return { argv: await startCommand(workdir), sentBytes };
}

/** Before anything is sent again: a second copy may break off as well. @throws TransportError */
async function unmark(session: Session, marks: readonly string[]): Promise<void> {
  const { code, stderr } = await session.exec(['sh', '-c', UNMARK, 'sh', ...marks], 60_000);
  if (code === 0) return;
  const words = `${session.target}: a broken copy of the agent cannot be replaced: ${stderr.trim()}`;
  throw new TransportError(`${words}. Next: remove ${marks[0]} there.`, false);
}

const mark = (text: string): TravellingFile => ({
  path: 'complete',
  content: Buffer.from(`${text}\n`),
  executable: false,
});

/** Removes everything of ours from the board. The folder is ours alone, by name and by content. */
export async function clean(session: Session, workdir: string | null): Promise<void> {
  const script = `
d=\${1:-\${XDG_CACHE_HOME:-$HOME/.cache}/bufmatrix}
[ -d "$d" ] || exit 0
[ ! -f "$d/lock" ] || ! command -v flock >/dev/null || flock -n "$d/lock" true || { echo "in use by $(cat "$d/lock")" >&2; exit 1; }
rm -rf -- "$d"/node-* "$d"/agent-* "$d"/lock && rmdir -- "$d" 2>/dev/null; true`;
  const { code, stderr } = await session.exec(['sh', '-c', script, 'sh', workdir ?? ''], 60_000);
  if (code !== 0)
    throw new TransportError(`${session.target}: cleaning up failed: ${stderr.trim()}`, false);
}
