import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ExecaError, execa } from 'execa';
import { UserError } from '../../devices/problem.ts';
import { cacheFolder } from './cache.ts';

/** npm asks the registry, verifies the integrity it names, and writes the tarball. */
const FETCH_MS = 600_000;

const flat = (name: string): string => name.replaceAll('/', '+');

/** Orders `24.9.0` before `24.10.1`; a version that is not three numbers comes first. */
function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** A package's files, unpacked in the cache. */
export interface NpmPackage {
  readonly version: string;
  readonly folder: string;
}

const fetching = new Map<string, Promise<NpmPackage>>();

/**
 * A package from npm, fetched once and kept. `npm pack` takes packages for another platform, which
 * `npm install` refuses.
 * @param range an exact version, or a major: then the newest, unless one of that major is here.
 * @throws UserError when it cannot be fetched.
 */
export function npmPackage(name: string, range: string): Promise<NpmPackage> {
  const spec = `${name}@${range}`;
  const known = fetching.get(spec) ?? find(name, range);
  fetching.set(spec, known);
  // A failure is not remembered: the network may be back.
  known.catch(() => fetching.delete(spec));
  return known;
}

async function find(name: string, range: string): Promise<NpmPackage> {
  const home = join(cacheFolder(), 'npm', flat(name));
  await mkdir(home, { recursive: true });
  const versions = (await readdir(home)).filter(
    (entry) => entry === range || entry.startsWith(`${range}.`),
  );
  const version = versions.sort(byVersion).at(-1);
  return version === undefined
    ? fetchInto(home, `${name}@${range}`)
    : { version, folder: join(home, version) };
}

/** Unpacks beside the place and renames: a folder of that name is always whole. */
async function fetchInto(home: string, spec: string): Promise<NpmPackage> {
  const work = await mkdtemp(join(home, '.fetch-'));
  try {
    const { version, filename } = await pack(spec, work);
    await execa('tar', ['-xzf', join(work, filename), '-C', work, '--no-same-owner']);
    const folder = join(home, version);
    await rename(join(work, 'package'), folder).catch((error: NodeJS.ErrnoException) => {
      // Somebody else was quicker; theirs is the same.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
    return { version, folder };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function pack(spec: string, work: string): Promise<{ version: string; filename: string }> {
  try {
    const { stdout } = await execa(
      'npm',
      ['pack', spec, '--json', '--ignore-scripts', '--pack-destination', work],
      { cwd: work, timeout: FETCH_MS, killDescendants: true },
    );
    const listed: unknown = JSON.parse(stdout);
    const [entry] = Array.isArray(listed) ? listed : Object.values(listed ?? {});
    if (typeof entry?.version !== 'string' || typeof entry?.filename !== 'string')
      throw new Error(`npm pack said: ${stdout.slice(0, 200)}`);
    return { version: entry.version, filename: entry.filename };
  } catch (error) {
    const words = error instanceof ExecaError ? error.shortMessage : String(error);
    throw new UserError({
      code: 'environment',
      message: `${spec} could not be fetched from npm: ${words}`,
      hint: `see that \`npm pack ${spec}\` works on this machine`,
      cause: error,
    });
  }
}
