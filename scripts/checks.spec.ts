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

test.group('scripts/setup', (group) => {
  group.each.timeout(300_000);

  test('prints nothing but the line for PATH, which a shell takes', async ({ assert }) => {
    const { stdout } = await execa('bash', ['scripts/setup'], { cwd: root });
    assert.match(stdout, /^(export PATH=\S+:"\$PATH")?$/);
    const script = `${stdout}\nnode -p 'process.versions.node.split(".")[0] >= 22'`;
    assert.equal((await execa('bash', ['-c', script])).stdout, 'true');
  });

  test('leaves the shell that sources it as it was: {what}')
    .with([
      { what: 'all well', before: '', code: 0 },
      { what: 'it fails', before: 'unset HOME XDG_CACHE_HOME', code: 2 },
    ])
    .run(async ({ assert }, { before, code }) => {
      const script = [
        before,
        'then="$- $* $(set +o)"',
        'source scripts/setup',
        'code=$?',
        'false',
        'now="$- $* $(set +o)"',
        'if [ "$then" = "$now" ]; then echo "$code same"; else echo "$now"; fi',
      ].join('\n');
      const args = ['-c', script, 'shell', 'an', 'argument'];
      const { stdout } = await execa('bash', args, { cwd: root, reject: false });
      assert.equal(stdout, `${code} same`);
    });
});

test.group('the sources', () => {
  test('are {name}')
    .with([...CHECKS])
    .timeout(300_000)
    .run(async ({ assert }, { argv: [file, ...args] }) => {
      const result = await execa(file, args, { cwd: root, reject: false, all: true });
      assert.equal(result.exitCode, 0, result.all);
    });
});
