import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from '@japa/runner';
import { execa } from 'execa';
import { factsFixture, takesAll } from '../policies/testing/facts.ts';
import { version } from './cli/version.ts';
import { scratch } from './testing/cli.ts';
import { packInto } from './testing/package.ts';
import { writeRun } from './testing/written-run.ts';

const MINUTES = 60_000;
const STARTED = '2026-11-25T10:00:00.000Z';

test.group('the packed npm package', () => {
  test('installs in an empty folder and starts there', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const tarball = basename(await packInto(folder));
    assert.match(tarball, /^bufmatrix-.*\.tgz$/);
    await execa('npm', ['init', '--yes', '--silent'], { cwd: folder });
    await execa('npm', ['install', '--silent', '--no-fund', '--no-audit', `./${tarball}`], {
      cwd: folder,
    });
    const installed = join(folder, 'node_modules', 'bufmatrix');
    assert.isFalse(existsSync(join(installed, 'bin', 'cli')), 'sources are not shipped');
    for (const file of [
      'dist/agent.cjs',
      'dist/count-thread.js',
      'dist/publish-worker.js',
      'dist/guest/init',
      'devices/rpi4.yaml',
    ])
      assert.isTrue(existsSync(join(installed, file)), file);

    const start = (...args: string[]) =>
      execa(process.execPath, [join(folder, 'node_modules', '.bin', 'bufmatrix'), ...args], {
        cwd: folder,
        reject: false,
      });
    assert.equal((await start('--version')).stdout, version);
    assert.include((await start('boards')).stdout, 'virtual-scatter');
    const dry = await start('run', 'virtual-pl111', '--dry-run');
    assert.equal(dry.exitCode, 0, dry.stderr);
    assert.include(dry.stdout, 'kms:pl111');
    // A site is made in threads, from a file of their own.
    for (let n = 0; n < 40; n += 1)
      writeRun(
        join(folder, 'results'),
        `run-${n}`,
        STARTED,
        factsFixture(takesAll, { board: `b${n}` }),
      );
    const published = await start('publish', 'site');
    assert.equal(published.exitCode, 0, published.stderr);
    assert.isTrue(existsSync(join(folder, 'site', 'boards', 'b39', 'index.html')));
    // The agent that it carries starts here, answers, and says what this machine has.
    const probe = await start('probe', 'local');
    assert.equal(probe.exitCode, 0, probe.stderr);
    assert.include(probe.stdout, 'yaml-language-server');
  }).timeout(5 * MINUTES);
});
