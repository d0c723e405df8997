import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './version.ts';

/**
 * Changes with the code that judges and counts records, also in a checkout whose version stays. What
 * is kept of records between two starts is good for one of these alone.
 * @param sources folders and files of a checkout that count; the packed package is one file.
 */
export function codeVersion(sources: readonly string[]): string {
  const patterns = sources.map((one) => (one.endsWith('.ts') ? one : `${one}/**/*.ts`));
  const files = existsSync(join(packageRoot, 'bin', 'cli', 'main.ts'))
    ? globSync(patterns, { cwd: packageRoot }).sort()
    : [join('dist', 'cli.js')];
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(readFileSync(join(packageRoot, file)));
  return hash.digest('hex');
}
