import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { execa } from 'execa';
import fc from 'fast-check';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { type Board, boardOf } from '../devices/boards.ts';
import { LabEntry } from '../devices/lab.ts';
import { Name } from '../devices/names.ts';
import { CI_NAMES, CI_WRITERS } from './ci/index.ts';
import { ciLab } from './ci/job.ts';
import { shippedProfiles } from './cli/lab.ts';
import { packageRoot } from './cli/version.ts';
import { cli, scratch } from './testing/cli.ts';
import { TINY } from './testing/tiny.ts';

const HOST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIThisIsTheBoardsKey';

/** What GitHub would put a value in place of. */
const expression = (text: string) => `\${{ ${text} }}`;

const Step = z.looseObject({
  name: z.string().optional(),
  run: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
});
const GithubJob = z.looseObject({
  name: z.string(),
  env: z.record(z.string(), z.string()),
  steps: z.array(Step),
});
const Github = z.looseObject({ jobs: z.record(z.string(), GithubJob) });
const GitlabJob = z.looseObject({ variables: z.record(z.string(), z.string()) });
const Lava = z.looseObject({ job_name: z.string(), tags: z.array(z.string()) });
const Labgrid = z.object({
  targets: z.record(
    z.string(),
    z.object({
      resources: z.object({
        NetworkService: z.object({ address: z.string(), username: z.string(), port: z.int() }),
      }),
      drivers: z.object({ SSHDriver: z.object({ keyfile: z.string() }) }),
    }),
  ),
});

const [profile] = shippedProfiles().filter((one) => one.profile.name === 'rpi4');
function board(name: string, access: string): Board {
  if (!profile) throw new Error('no profile rpi4');
  return boardOf(name, LabEntry.parse({ profile: 'rpi4', access }), profile, '/');
}

/** A lab that is this machine alone, and one that is reached over ssh. */
const LAB = `boards:
  here.now: { profile: ./tiny.yaml, access: local }
  desk-pi: { profile: ./tiny.yaml, access: "ssh://pi@[fe80::1%eth0]:2222", hostKey: "${HOST_KEY}", identityFile: ~/.ssh/private_name }
`;

test.group('workflows for CI', (group) => {
  let folder = '';
  group.each.setup(() => {
    const made = scratch();
    folder = made.folder;
    writeFileSync(join(folder, 'lab.yaml'), LAB);
    writeFileSync(join(folder, 'tiny.yaml'), TINY);
    return made.remove;
  });
  const ci = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await cli(['ci', ...args], folder);
    if (code !== 0) throw new Error(stderr);
    return `${stdout}\n`;
  };

  for (const name of CI_NAMES)
    test(`${name}: of the example lab, as it was checked by eye`, async ({ assert }) => {
      const { code, stdout } = await cli(['ci', name, '--lab', 'lab.example.yaml'], packageRoot);
      assert.equal(code, 0);
      const golden = join(packageRoot, 'bin', 'ci', 'golden', `${name}.yaml`);
      if (process.env['BUFMATRIX_UPDATE_GOLDEN'] === '1') writeFileSync(golden, `${stdout}\n`);
      assert.equal(`${stdout}\n`, readFileSync(golden, 'utf8'));
      for (const document of parseAllDocuments(stdout)) assert.deepEqual(document.errors, []);
    });

  test('no key of the lab file is in any of them, only the names of its variables', async ({
    assert,
  }) => {
    for (const name of CI_NAMES) {
      const text = await ci(name);
      assert.notInclude(text, HOST_KEY.split(' ')[1] ?? '?', name);
      assert.notInclude(text, 'private_name', name);
      assert.include(text, 'DESK_PI', name);
      assert.notInclude(text, 'HOST_KEY_HERE_NOW', name);
    }
    const { targets } = Labgrid.parse(parse(await ci('labgrid'), { logLevel: 'silent' }));
    assert.deepEqual(targets, {
      'desk-pi': {
        resources: { NetworkService: { address: 'fe80::1%eth0', username: 'pi', port: 2222 } },
        drivers: { SSHDriver: { keyfile: '$LG_BUFMATRIX_IDENTITY_FILE_DESK_PI' } },
      },
    });
  });

  test('whatever a board may be called comes back from the YAML, and nothing beside it', ({
    assert,
  }) => {
    const names = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/);
    const odd = fc.constantFrom(
      'null',
      'true',
      '1e3',
      '0x1',
      '1.0',
      'no',
      'on',
      '12_3',
      '2026-11-25',
    );
    fc.assert(
      fc.property(fc.oneof(names, odd), (name) => {
        const lab = ciLab([board(name, 'ssh://u@h'), board('other-board', 'local')], 'lab.yaml');
        const { jobs } = Github.parse(parse(CI_WRITERS.github.write(lab)));
        assert.deepEqual(
          Object.values(jobs).map((job) => job.env['BUFMATRIX_BOARD']),
          [name, 'other-board'],
        );
        for (const id of Object.keys(jobs)) assert.match(id, /^[a-z_][a-z0-9_-]*$/);
        const gitlab = parse(CI_WRITERS.gitlab.write(lab));
        assert.equal(
          GitlabJob.parse(gitlab[`bufmatrix ${name}`]).variables['BUFMATRIX_BOARD'],
          name,
        );
        assert.deepEqual(Lava.parse(parse(CI_WRITERS.lava.write(lab))).tags, [name]);
        const { targets } = Labgrid.parse(
          parse(CI_WRITERS.labgrid.write(lab), { logLevel: 'silent' }),
        );
        assert.deepEqual(Object.keys(targets), [name]);
      }),
    );
  });

  test('what could break out of one is no board’s name, and no lab file’s path', async ({
    assert,
  }) => {
    for (const name of [
      '$(id)',
      expression('secrets.X'),
      'a b',
      "a'b",
      'a"b',
      'a\nb',
      'a:b',
      '-x',
      'a`b',
      '*',
      '',
    ]) {
      assert.isFalse(Name.safeParse(name).success, name);
      writeFileSync(
        join(folder, 'bad.yaml'),
        `boards:\n  ${JSON.stringify(name)}: { profile: rpi4, access: local }\n`,
      );
      const { code, stdout } = await cli(['ci', 'github', '--lab', 'bad.yaml'], folder);
      assert.equal(code, 2, name);
      assert.equal(stdout, '');
    }
    for (const path of ['../lab.yaml', `${expression('x')}.yaml`, '$HOME/lab.yaml', 'a b.yaml'])
      assert.throws(() => ciLab([], path), /cannot be named in a workflow/);
    assert.throws(
      () => ciLab([board('a-b', 'local'), board('A.B', 'local')], null),
      /the boards a-b and A\.B would have the same variables/,
    );
  }).timeout(60_000);

  test('says that LAVA and labgrid need a board over ssh', async ({ assert }) => {
    writeFileSync(join(folder, 'lab.yaml'), LAB.split('\n').slice(0, 2).join('\n'));
    for (const name of ['lava', 'labgrid']) {
      const { code, stderr } = await cli(['ci', name], folder);
      assert.equal(code, 2);
      assert.match(stderr, /needs a board that is reached over ssh/);
    }
  });

  /** Runs a step's script as the runner of GitHub does. */
  const bash = (script: string, env: Readonly<Record<string, string>>) =>
    execa('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd: folder,
      reject: false,
      env: { NO_COLOR: '1', ...env },
    });
  const stepsOf = async (name: string) => {
    const { jobs } = Github.parse(parse(await ci('github')));
    const job = Object.values(jobs).find((one) => one.name === name);
    if (!job) throw new Error(`no job ${name}`);
    const step = (called: string) => {
      const found = job.steps.find((one) => one.name === called);
      if (!found?.run) throw new Error(`no step ${called}`);
      return { run: found.run, env: found.env ?? {} };
    };
    return { env: job.env, step };
  };

  test('the scripts of a job run a board, report, and gate', async ({ assert }) => {
    const { env, step } = await stepsOf('here.now');
    const launcher = join(packageRoot, 'bin', 'bufmatrix.js');
    const programs = join(folder, 'programs');
    mkdirSync(programs);
    writeFileSync(
      join(programs, 'bufmatrix'),
      `#!/bin/sh\nexec '${process.execPath}' '${launcher}' "$@"\n`,
      { mode: 0o755 },
    );
    const summary = join(folder, 'summary.md');
    const given = {
      ...env,
      PATH: `${programs}:${process.env['PATH']}`,
      RUNNER_TEMP: join(folder, 'temp with blanks'),
      GITHUB_STEP_SUMMARY: summary,
    };
    mkdirSync(given.RUNNER_TEMP);
    const ran = await bash(step('Run').run, given);
    assert.include([0, 1], ran.exitCode ?? -1, ran.stderr);
    const [records = ''] = globSync(join(given.RUNNER_TEMP, 'bufmatrix-results/*/records.ndjson'));
    assert.isAbove(statSync(records).size, 0);
    const report = await bash(step('Report').run, given);
    assert.equal(report.exitCode, 0, report.stderr);
    assert.match(report.stdout, /^::notice title=bufmatrix::/m);
    assert.include(readFileSync(summary, 'utf8'), 'here.now');
    const first = await bash(step('Gate').run, given);
    assert.equal(first.exitCode, 0, first.stderr);
    assert.match(first.stdout, /^::notice::no baseline/);
    mkdirSync(join(folder, 'baselines'));
    const run = records.split('/').slice(0, -1).join('/');
    const made = await cli(
      ['gate', '--candidate', run, '--write-baseline', 'baselines/here.now.ndjson'],
      folder,
    );
    assert.equal(made.code, 0, made.stderr);
    const second = await bash(step('Gate').run, given);
    assert.equal(second.exitCode, 0, second.stderr);
    assert.match(second.stdout, /GO: nothing that --fail-on names/);
  }).timeout(180_000);

  test('the key is written for its owner alone, and every line of it is masked', async ({
    assert,
  }) => {
    const { step } = await stepsOf('desk-pi');
    const { run, env } = step('Take the keys');
    const key = '-----BEGIN KEY-----\n$(touch broken)`touch broken`\n%s\\n"\'\n-----END KEY-----';
    const variables = join(folder, 'variables');
    const { exitCode, stdout } = await bash(run, {
      ...env,
      HOST_KEY,
      IDENTITY: key,
      RUNNER_TEMP: folder,
      GITHUB_ENV: variables,
    });
    assert.equal(exitCode, 0);
    assert.deepEqual(
      stdout.split('\n'),
      [HOST_KEY, ...key.split('\n')].map((line) => `::add-mask::${line}`),
    );
    const file = join(folder, 'bufmatrix-identity');
    assert.equal(readFileSync(file, 'utf8'), `${key}\n`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(readFileSync(variables, 'utf8'), `BUFMATRIX_IDENTITY_FILE_DESK_PI=${file}\n`);
    assert.deepEqual(globSync(join(folder, 'broken')), []);
    await bash(step('Remove the key').run, { RUNNER_TEMP: folder });
    assert.deepEqual(globSync(file), []);
  });

  test('keys from the environment are in no file of a run, and in no log', async ({ assert }) => {
    const name = 'a-name-that-nobody-else-has';
    const identity = join(folder, name);
    writeFileSync(identity, 'no key at all\n', { mode: 0o600 });
    writeFileSync(
      join(folder, 'lab.yaml'),
      'boards:\n  gone: { profile: ./tiny.yaml, access: "ssh://nobody@127.0.0.1:1" }\n',
    );
    const { code, stdout, stderr } = await cli(['run', 'gone'], folder, {
      BUFMATRIX_HOST_KEY_GONE: HOST_KEY,
      BUFMATRIX_IDENTITY_FILE_GONE: identity,
    });
    assert.equal(code, 3, stderr);
    assert.match(stderr, /gone: unreachable/);
    const files = globSync(join(folder, 'results/*/*'));
    assert.isAbove(files.length, 2);
    const texts = files.map((file) => readFileSync(file, 'utf8'));
    for (const text of [stdout, stderr, ...texts]) {
      assert.notInclude(text, HOST_KEY);
      assert.notInclude(text, name);
    }
  }).timeout(60_000);
});
