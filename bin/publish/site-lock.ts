import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../../devices/problem.ts';
import { tryLock } from '../../suites/kernel/syscalls.ts';

/**
 * Two publishes must not write into one site: each would drop from the list of its files what the other
 * has added. The kernel drops the lock when we die.
 * @param path of the lock file, which is made; it lies outside of the site.
 * @returns what lets go of it.
 * @throws UserError where another publish has it.
 */
export function lockSite(path: string, site: string): () => void {
  const fd = opened(path);
  // Where nothing can be kept, nobody can wait for anybody.
  if (fd === null) return () => {};
  if (tryLock(fd)) return () => closeSync(fd);
  closeSync(fd);
  throw new UserError({
    code: 'results-folder',
    message: `${site}: another publish is writing into this site`,
    hint: 'wait for it to end; nothing was changed',
  });
}

function opened(path: string): number | null {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return openSync(path, 'a');
  } catch {
    return null;
  }
}
