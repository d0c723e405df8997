import { dirname, resolve } from 'node:path';
import { test } from '@japa/runner';
import { execa } from 'execa';

const root = resolve(dirname(new URL(import.meta.url).pathname), '..');

/** What the sources must hold to, each a program with its arguments. */
const CHECKS = [
  { name: 'formatted and without lint', argv: ['npx', 'biome', 'ci', '--error-on-warnings', '.'] },
  { name: 'typed strictly', argv: ['npx', 'tsc', '--noEmit'] },
  { name: 'import only what CONTRIBUTING.md allows', argv: ['node', 'scripts/check-imports.ts'] },
  { name: 'match their published schemas', argv: ['node', 'scripts/schemas.ts', '--check'] },
] as const;

test.group('the sources', () => {
  test('are {name}')
    .with([...CHECKS])
    .timeout(300_000)
    .run(async ({ assert }, { argv: [file, ...args] }) => {
      const result = await execa(file, args, { cwd: root, reject: false, all: true });
      assert.equal(result.exitCode, 0, result.all);
    });
});
