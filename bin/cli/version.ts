import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** The package's own folder: the nearest one above this file that holds a package.json. */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('bufmatrix: no package.json above its own files');
  return findRoot(parent);
}

const Package = z.object({ version: z.string() });

/** The version of bufmatrix, from its package.json. */
export const { version } = Package.parse(
  JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')),
);
