import { globSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../cli/version.ts';

/** Packs what npm would publish into a folder. @returns the file's path; empty where none was made. */
export async function packInto(folder: string): Promise<string> {
  await execa('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: packageRoot });
  return globSync(join(folder, 'bufmatrix-*.tgz'))[0] ?? '';
}
