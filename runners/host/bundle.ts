import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleOptions, ENTRIES } from './bundle-options.ts';
import { cacheFolder } from './cache.ts';

/** The agent's files by name, as they lie beside each other in the package and on a board. */
export type AgentBundle = ReadonlyMap<string, Buffer>;

const here = dirname(fileURLToPath(import.meta.url));

/**
 * The agent, bundled: from the package, where that was done when the package was made; from a
 * checkout it is done when the sources have changed since the last time.
 */
export async function agentBundle(): Promise<AgentBundle> {
  const packed = readBundle(here);
  if (packed) return packed;
  const root = join(here, '..', '..');
  const home = join(cacheFolder(), 'agent', sourceHash(root));
  const cached = readBundle(home);
  if (cached) return cached;
  const bundle = await buildAgent(root);
  mkdirSync(home, { recursive: true });
  for (const [name, content] of bundle) {
    const draft = join(home, `${name}.${process.pid}`);
    writeFileSync(draft, content);
    renameSync(draft, join(home, name));
  }
  return bundle;
}

/** All files of the bundle, or null when one is missing. */
function readBundle(folder: string): AgentBundle | null {
  const names = Object.keys(ENTRIES);
  if (!names.every((name) => existsSync(join(folder, name)))) return null;
  return new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
}

/** Changes with anything that can change the bundle. */
function sourceHash(root: string): string {
  const hash = createHash('sha256');
  const sources = globSync('{suites,runners/agent}/**/*.ts', { cwd: root }).sort();
  const own = ['package.json', 'package-lock.json', 'runners/host/bundle-options.ts'];
  for (const file of [...sources, ...own]) {
    hash.update(`${file}\0`);
    hash.update(existsSync(join(root, file)) ? readFileSync(join(root, file)) : '');
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Bundles the agent from a checkout.
 * @throws Error when zod got in: it would cost an emulated board a second at every start.
 */
export async function buildAgent(root: string): Promise<AgentBundle> {
  const { build } = await import('esbuild');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const built = Object.entries(ENTRIES).map(async ([name, entry]) => {
    const { metafile, outputFiles } = await build(bundleOptions(root, entry, version));
    const zod = Object.keys(metafile.inputs).find((file) => file.includes('node_modules/zod/'));
    if (zod !== undefined) throw new Error(`${basename(entry)} brings ${zod} into the agent`);
    const [output] = outputFiles;
    if (!output) throw new Error(`esbuild gave no file for ${entry}`);
    return [name, Buffer.from(output.contents)] as const;
  });
  return new Map(await Promise.all(built));
}
