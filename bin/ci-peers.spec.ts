import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { build } from 'esbuild';
import { execa } from 'execa';
import type { CiName } from './ci/index.ts';
import { packageRoot } from './cli/version.ts';
import { cli, scratch } from './testing/cli.ts';
import { packInto } from './testing/package.ts';
import { TINY } from './testing/tiny.ts';

/**
 * Workflows before their own judges: GitHub's parser, a runner of GitLab's jobs (which checks them by
 * GitLab's schema first), LAVA's schema, labgrid.
 */
const MINUTES = 60_000;
/** Debian's, which finds Debian's modules; the first in PATH may be another. */
const PYTHON = '/usr/bin/python3';

const golden = (name: CiName) =>
  readFileSync(join(packageRoot, 'bin', 'ci', 'golden', `${name}.yaml`), 'utf8');
const helper = (name: string) => join(packageRoot, 'bin', 'testing', name);
const lacks = (file: string, ...args: readonly string[]) => spawnSync(file, args).status !== 0;

test.group('workflows for CI, read by those that they are for', (group) => {
  let folder = '';
  group.each.setup(() => {
    const made = scratch();
    folder = made.folder;
    return made.remove;
  });

  test('GitHub’s own parser finds nothing wrong, and finds what is', async ({ assert }) => {
    const program = join(folder, 'parser.cjs');
    // It loads JSON in a way that only bundlers understand.
    await build({
      entryPoints: [helper('github-parser.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'error',
    });
    const parse = async (input: string) =>
      JSON.parse((await execa(process.execPath, [program], { input })).stdout);
    const text = golden('github');
    const { errors, ids } = await parse(text);
    assert.deepEqual(errors, []);
    assert.lengthOf(ids, 4);
    for (const [right, wrong] of [
      ['timeout-minutes:', 'timeout-hours:'],
      ['!cancelled()', '!canceled('],
    ] as const) {
      assert.include(text, right);
      assert.isAbove((await parse(text.replace(right, wrong))).errors.length, 0, wrong);
    }
  }).timeout(2 * MINUTES);

  test('a GitLab job runs, keeps its results, and fails where the gate stops', async ({
    assert,
  }) => {
    const tarball = await packInto(folder);
    const repository = join(folder, 'repository');
    mkdirSync(repository);
    const write = (name: string, text: string) => writeFileSync(join(repository, name), text);
    write('tiny.yaml', TINY);
    write('lab.yaml', 'boards: { here.now: { profile: ./tiny.yaml, access: local } }\n');
    write('.gitlab-ci.yml', (await cli(['ci', 'gitlab', '--lab', 'lab.yaml'], repository)).stdout);
    const git = (...args: readonly string[]) => execa('git', args, { cwd: repository });
    await git('init', '--quiet', '--initial-branch=main');
    await git('remote', 'add', 'origin', 'git@gitlab.invalid:group/project.git');
    await git('add', '.');
    const author = ['-c', 'user.name=test', '-c', 'user.email=test@test.invalid'];
    await git(...author, 'commit', '--quiet', '--message', 'For the test');
    const runner = join(packageRoot, 'node_modules/gitlab-ci-local/dist/index.js');
    const job = () =>
      execa(
        process.execPath,
        [
          ...[runner, '--force-shell-executor', '--home', folder],
          ...['--variable', `BUFMATRIX_PACKAGE=${tarball}`, 'bufmatrix here.now'],
        ],
        { cwd: repository, reject: false, all: true },
      );

    const first = await job();
    assert.equal(first.exitCode, 0, first.all);
    assert.match(first.all, /json schema validated/);
    assert.match(first.all, /no baseline, so nothing was compared/);
    const [run = ''] = globSync(join(repository, 'bufmatrix-results/*'));
    assert.lengthOf(globSync(join(run, 'junit.xml')), 1);

    mkdirSync(join(repository, 'baselines'));
    const baseline = join(repository, 'baselines', 'here.now.ndjson');
    await cli(['gate', '--candidate', run, '--write-baseline', baseline], repository);
    const same = await job();
    assert.equal(same.exitCode, 0, same.all);
    assert.match(same.all, /1 cells compared: 1 unchanged/);

    // Whatever this machine's cell comes to, there was another before.
    const [head = '', cell = ''] = readFileSync(baseline, 'utf8').split('\n');
    const other = cell.replace('XR24', 'NV12');
    assert.include(head, '"cells":1,');
    writeFileSync(baseline, [head.replace('"cells":1,', '"cells":2,'), other, cell, ''].join('\n'));
    const moved = await job();
    assert.equal(moved.exitCode, 1, moved.all);
    assert.match(moved.all, /STOP: missing/);
  })
    .timeout(5 * MINUTES)
    .skip(lacks('rsync', '--version'), 'no rsync here');

  test('LAVA’s schema takes the job, and refuses one with a key that it does not know', async ({
    assert,
  }) => {
    const validate = (input: string) =>
      execa(PYTHON, [helper('lava-validate.py')], { input, reject: false });
    const text = golden('lava');
    const { exitCode, stdout, stderr } = await validate(text);
    assert.equal(exitCode, 0, stderr);
    assert.equal(stdout, 'bufmatrix desk-pi');
    const wrong = await validate(text.replace('image: node:24', 'image: node:24\n        odd: 1'));
    assert.equal(wrong.exitCode, 1);
    assert.match(wrong.stderr, /extra keys not allowed/);
  }).skip(lacks(PYTHON, '-c', 'import lava_common'), 'no lava-common here');

  test('labgrid takes the environment, and the key’s file from its variable', async ({
    assert,
  }) => {
    const read = (env: Readonly<Record<string, string>>) =>
      execa(
        PYTHON,
        [helper('labgrid-targets.py'), join(packageRoot, 'bin/ci/golden/labgrid.yaml')],
        {
          env,
          reject: false,
        },
      );
    const { exitCode, stdout, stderr } = await read({
      LG_BUFMATRIX_IDENTITY_FILE_DESK_PI: '/keys/desk pi',
    });
    assert.equal(exitCode, 0, stderr);
    assert.equal(stdout, 'desk-pi pi@desk-pi.local:22 /keys/desk pi');
    assert.match((await read({})).stderr, /unknown variable 'LG_BUFMATRIX_IDENTITY_FILE_DESK_PI'/);
  }).skip(lacks(PYTHON, '-c', 'import labgrid'), 'no labgrid here');
});
