import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A test as the kernel's parser understood it. */
export interface KunitTest {
  readonly name: string;
  readonly status: string;
  readonly errors: number;
  readonly log: readonly string[];
  readonly subtests: readonly KunitTest[];
}

const KunitTest: z.ZodType<KunitTest> = z.lazy(() =>
  z.object({
    name: z.string(),
    status: z.string(),
    errors: z.int(),
    log: z.array(z.string()),
    subtests: z.array(KunitTest),
  }),
);

const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
const folder = join(cache, 'bufmatrix', 'kunit');

/** Why the parser cannot be asked; empty where it can. scripts/test fetches it. */
export const kunitMissing = existsSync(join(folder, 'kunit_parser.py'))
  ? ''
  : `no kunit_parser.py in ${folder}: bash scripts/kunit-parser fetches it from Debian's kernel source`;

/** What tools/testing/kunit/kunit_parser.py makes of it. */
export function kunitParse(ktap: string): KunitTest {
  const script = fileURLToPath(new URL('kunit-parse.py', import.meta.url));
  const { stdout, stderr, status } = spawnSync('python3', [script, folder], {
    input: ktap,
    encoding: 'utf8',
    maxBuffer: 256 << 20,
  });
  if (status !== 0) throw new Error(`kunit-parse.py: ${stderr}`);
  return KunitTest.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
}
