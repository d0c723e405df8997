import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './version.ts';

/**
 * The file that a thread starts from: in a checkout its source, in the packed package what was bundled
 * beside the command line.
 * @param source below the package's folder.
 * @param bundled its name in `dist`, as scripts/build.ts has it.
 */
export function threadFile(source: string, bundled: string): string {
  const path = join(packageRoot, source);
  return existsSync(path) ? path : join(packageRoot, 'dist', bundled);
}
