import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where downloads and builds are kept between runs; may be removed at any time. */
export function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return join(base?.startsWith('/') ? base : join(homedir(), '.cache'), 'bufmatrix');
}
