import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './version.ts';

/** In a checkout; the packed package is one file. */
const SOURCES = [
  '{suites,devices,reports/gate,runners/host,bin/cli}/**/*.ts',
  // Has words of an environment that are compared.
  'reports/environment.ts',
];

/**
 * Changes with the code that judges and counts records, also in a checkout whose version stays. What
 * is kept of records between two starts is good for one of these alone.
 */
export function codeVersion(): string {
  const files = existsSync(join(packageRoot, 'bin', 'cli', 'main.ts'))
    ? globSync(SOURCES, { cwd: packageRoot }).sort()
    : [join('dist', 'cli.js')];
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(join(packageRoot, file)));
  return hash.digest('hex');
}
