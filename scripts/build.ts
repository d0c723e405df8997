/**
 * Makes dist/ for the npm package: the command line as JavaScript (Node strips no types below
 * node_modules), the agent's bundle, and the files that go into virtual boards.
 */
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { buildAgent } from '../runners/host/bundle.ts';

const root = resolve(dirname(new URL(import.meta.url).pathname), '..');
const dist = join(root, 'dist');

await rm(dist, { recursive: true, force: true });
await mkdir(dist);
await build({
  entryPoints: {
    cli: join(root, 'bin', 'cli', 'main.ts'),
    // Threads of it, each of which is started from a file of its own.
    'count-thread': join(root, 'bin', 'cli', 'count-thread.ts'),
    'publish-worker': join(root, 'bin', 'publish', 'worker.ts'),
  },
  outdir: dist,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node22.18',
  logLevel: 'warning',
});
for (const [name, content] of await buildAgent(root)) await writeFile(join(dist, name), content);
await cp(join(root, 'runners', 'virtual', 'guest'), join(dist, 'guest'), { recursive: true });
