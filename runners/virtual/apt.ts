import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../devices/problem.ts';
import type { ArchFacts } from './arch.ts';
import { cacheFolder } from './cache.ts';
import { capture, run } from './command.ts';
import { lock } from './flock.ts';

/** Debian's suites that are looked into, the calmest first. */
export const DEBIAN_SUITES = ['trixie', 'trixie-backports', 'sid'] as const;
export type DebianSuite = (typeof DEBIAN_SUITES)[number];

export const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** A package's version and the suite that has it. */
export interface Offer {
  readonly suite: DebianSuite;
  readonly version: string;
}

/** Debian's packages for one architecture, seen through an apt of our own. */
export interface Apt {
  /** Lines for sources.list, one for each of the suites. */
  sources(suites: readonly DebianSuite[]): string[];
  /** What the suites have of a package, newest first in each suite. */
  offers(name: string): Promise<readonly Offer[]>;
  /** Names of packages that begin like this. */
  names(prefix: string): Promise<readonly string[]>;
  /** Downloads a package's .deb into a folder. */
  download(
    name: string,
    version: string,
    into: string,
    onLine: (line: string) => void,
  ): Promise<void>;
}

const MIRROR = /^[a-z][a-z0-9+]*:[^\s[\]"]+$/;

/**
 * The mirror of Debian's main archive that this machine's apt is set up with.
 * @throws UserError (environment) when it has none.
 */
export async function debianMirror(): Promise<string> {
  const format = '$(ORIGIN)|$(LABEL)|$(REPO_URI)';
  const targets = await capture([
    'apt-get',
    'indextargets',
    '--format',
    format,
    'Created-By: Packages',
  ]);
  for (const target of targets.split('\n')) {
    const [origin, label, uri = ''] = target.split('|');
    // The security archive has the label Debian-Security, other people's another origin.
    if (origin === 'Debian' && label === 'Debian' && MIRROR.test(uri)) return uri;
  }
  throw new UserError({
    code: 'environment',
    message: "this machine's apt knows no mirror of the Debian archive",
    hint: 'virtual boards are built on Debian: give apt a source such as bookworm main, and run apt-get update',
  });
}

/** The folder of our own apt's lists for an architecture. The machine's apt is never touched. */
async function privateConfig(arch: ArchFacts): Promise<{ config: string; mirror: string }> {
  const folder = join(cacheFolder(), `apt-${arch.debian}`);
  const mirror = await debianMirror();
  for (const part of ['state/lists/partial', 'cache/archives/partial'])
    await mkdir(join(folder, part), { recursive: true });
  await writeFile(
    join(folder, 'sources.list'),
    `${sourceLines(mirror, DEBIAN_SUITES).join('\n')}\n`,
  );
  const config = join(folder, 'apt.conf');
  await writeFile(
    config,
    [
      `Dir::Etc::sourcelist "${folder}/sources.list";`,
      'Dir::Etc::sourceparts "/dev/null";',
      'Dir::Etc::preferences "/dev/null";',
      'Dir::Etc::preferencesparts "/dev/null";',
      `Dir::State "${folder}/state";`,
      'Dir::State::status "/dev/null";',
      `Dir::Cache "${folder}/cache";`,
      `APT::Architecture "${arch.debian}";`,
      '#clear APT::Architectures;',
      `APT::Architectures { "${arch.debian}"; };`,
      'APT::Sandbox::User "";',
      'Acquire::Languages "none";',
      // sid's Release file can be past its date on a mirror.
      'Acquire::Check-Valid-Until "false";',
      '',
    ].join('\n'),
  );
  return { config, mirror };
}

function sourceLines(mirror: string, suites: readonly DebianSuite[]): string[] {
  return suites.map((suite) => `deb [signed-by=${KEYRING}] ${mirror} ${suite} main`);
}

/**
 * Fetches the suites' package lists. A suite whose lists cannot be fetched (a mirror that is just
 * being updated) is left out.
 * @throws UserError (environment) when no suite's lists could be fetched.
 */
export async function openApt(arch: ArchFacts): Promise<Apt> {
  const unlock = await lock(join(cacheFolder(), 'locks', `apt-${arch.debian}`), () => {});
  try {
    return await openLocked(arch);
  } finally {
    await unlock();
  }
}

async function openLocked(arch: ArchFacts): Promise<Apt> {
  const { config, mirror } = await privateConfig(arch);
  const env = { APT_CONFIG: config };
  let trouble: unknown;
  try {
    await run(['apt-get', 'update'], { env });
  } catch (error) {
    trouble = error;
  }
  const apt: Apt = {
    sources: (suites) => sourceLines(mirror, suites),
    offers: async (name) =>
      parseMadison(await capture(['apt-cache', 'madison', '--', name], { env })),
    names: async (prefix) => {
      const all = await capture(['apt-cache', 'pkgnames', '--', prefix], { env });
      return all.split('\n').filter(Boolean).sort();
    },
    download: (name, version, into, onLine) =>
      run(['apt-get', 'download', '--', `${name}=${version}`], { env, cwd: into, onLine }),
  };
  if (trouble !== undefined && (await apt.names('base-files')).length === 0) throw trouble;
  return apt;
}

/** Reads lines such as `mesa | 26.1.6-1 | http://host/debian sid/main amd64 Packages`. */
export function parseMadison(text: string): Offer[] {
  return text.split('\n').flatMap((line) => {
    const [, version = '', where = ''] = line.split('|').map((part) => part.trim());
    const suite = DEBIAN_SUITES.find((one) => where.split(' ').includes(`${one}/main`));
    return suite && /^[A-Za-z0-9.+:~-]+$/.test(version) ? [{ suite, version }] : [];
  });
}
