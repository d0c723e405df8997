import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { transform } from 'esbuild';
import { execa } from 'execa';
import { loadProfile } from '../devices/load.ts';
import { planInput } from '../devices/planning.ts';
import { plan } from '../suites/plan.ts';
import { packageRoot } from './cli/version.ts';
import { cli, scratch } from './testing/cli.ts';

/** Wrong in one way each: the arguments, a lab file where one matters, and what must be said. */
const WRONG = [
  { what: 'no board', args: ['run'], says: 'no board is named' },
  { what: 'an unknown board', args: ['run', 'virtual-scater'], says: 'virtual-scatter' },
  { what: 'an unknown command', args: ['rnu'], says: 'Did you mean run?' },
  { what: 'an unknown option', args: ['run', '--borad', 'x'], says: 'unknown option' },
  {
    what: 'an unknown suite',
    args: ['run', 'virtual-scatter', '--suite', 'gl'],
    says: 'egl-sample',
  },
  { what: 'an unknown format', args: ['run', 'virtual-scatter', '--format', 'NV1'], says: 'NV12' },
  { what: 'no attempts', args: ['run', 'virtual-scatter', '--repeat', '0'], says: 'at least 1' },
  {
    what: 'a filter that leaves nothing',
    args: ['run', 'virtual-scatter', '--dry-run', '--cell', 'nothing'],
    says: 'no cell that fits --cell nothing',
  },
  {
    what: 'boards named twice over',
    args: ['run', 'virtual-scatter', '--all-virtual'],
    says: 'give one of the two',
  },
  {
    what: 'a policy that nobody has heard of',
    args: ['policy', 'check', '--policy', 'libcamera-0.7.1'],
    says: 'write libcamera-0.7.2 if that was meant',
  },
  { what: 'no policy to explain', args: ['policy', 'explain'], says: 'no policy is named' },
  {
    what: 'an order with an unknown provider',
    args: ['policy', 'check', '--order', 'heep:system'],
    says: 'a provider is udmabuf, heap:NAME',
  },
  { what: 'an empty order', args: ['policy', 'check', '--order', ''], says: 'a provider is' },
  {
    what: 'a policy file that is not there',
    args: ['policy', 'check', '--policy', 'nowhere.yaml'],
    says: 'nowhere.yaml',
  },
  {
    what: 'a user that is none',
    args: ['policy', 'check', '--user', 'root'],
    says: '1000:video,render',
  },
  {
    what: 'a policy named by an empty shell variable',
    args: ['policy', 'check', '--policy', ''],
    says: 'a name is empty',
  },
  {
    what: 'a policy told how to decide',
    args: ['policy', 'check', '--policy', 'kodi', '--select', 'first-importable'],
    says: 'a policy says itself how it decides',
  },
  { what: 'policies of no run', args: ['policy', 'check'], says: 'holds no run' },
  { what: 'a run that is not there', args: ['report', 'no-such-run'], says: 'cannot be read' },
  { what: 'an unknown report format', args: ['report', 'x', '--format', 'pdf'], says: 'html' },
  { what: 'a resumed run that is not there', args: ['run', '--resume', 'none'], says: 'none' },
  {
    what: 'a lab file that is not there',
    args: ['boards', '--lab', 'nowhere.yaml'],
    says: 'nowhere.yaml',
  },
  {
    what: 'a host that is an option',
    lab: 'boards:\n  b:\n    profile: virtual-scatter\n    access: ssh://-oProxyCommand=reboot\n',
    args: ['run', 'b'],
    says: 'lab.yaml:4:13',
  },
  {
    what: 'a host with shell characters',
    lab: 'boards:\n  b:\n    profile: virtual-scatter\n    access: "ssh://root@a;reboot:22"\n',
    args: ['run', 'b'],
    says: 'lab.yaml:4:13',
  },
  {
    what: 'a kernel that YAML takes for a number',
    lab: 'boards:\n  b:\n    profile: virtual-scatter\n    access: virtual\n    virtual: {kernel: 6.10}\n',
    args: ['run', 'b'],
    says: 'quotes',
  },
  {
    what: 'a kernel of three numbers',
    lab: 'boards:\n  b:\n    profile: virtual-scatter\n    access: virtual\n    virtual: {kernel: "6.12.94"}\n',
    args: ['run', 'b'],
    says: 'lab.yaml:5:23 boards.b.virtual.kernel: a series is two numbers',
  },
  {
    what: 'a skeleton for a file that is there',
    lab: 'boards: {}\n',
    args: ['probe', 'local', '--output', 'lab.yaml'],
    says: 'lab.yaml: the file cannot be written: it is there already. Next: ',
  },
  {
    what: 'YAML that is none',
    lab: 'boards:\n  b: {profile: virtual-scatter\n',
    args: ['boards'],
    says: 'lab.yaml:',
  },
  { what: 'an unknown target', args: ['probe', 'nowhere'], says: 'neither a known board' },
  {
    what: 'a target that is an option',
    args: ['probe', 'ssh://-oProxyCommand=reboot'],
    says: 'the host',
  },
  {
    what: 'a host key that is none',
    args: ['probe', 'ssh://root@127.0.0.1', '--host-key', 'x\ny'],
    says: 'host key',
  },
] as const;

const RUN = {
  schema: 1,
  id: 'r',
  startedAt: '2026-01-01T00:00:00Z',
  endedAt: null,
  harness: { name: 'bufmatrix', version: '0.1.0' },
  command: [],
  options: { repeat: 1, lab: null, filter: {} },
  boards: [],
};

const BOARD = {
  board: 'b',
  profile: 'p',
  profileHash: '',
  profileContent: { schema: 1, name: 'p', title: 'P', devices: {} },
  target: 'local',
  virtual: null,
  state: 'complete',
  why: null,
  plan: null,
  inventory: null,
  connections: [],
  findings: [],
  losses: {},
};

/** Runs' folders that something is wrong with, and what must be said of them. */
const BAD_RUNS = [
  { what: 'of another version', run: { ...RUN, schema: 2 }, records: '', says: 'is of schema 2' },
  { what: 'of no version', run: { id: 'r' }, records: '', says: 'has no schema version' },
  { what: 'with a foreign line', run: RUN, records: 'hello\n', says: 'records.ndjson:1:1' },
  {
    what: 'with a foreign object',
    run: RUN,
    records: '{"schema":1}\n',
    says: 'records.ndjson:1:1',
  },
  {
    what: 'with a profile that is none',
    run: { ...RUN, boards: [{ ...BOARD, profileContent: { schema: 1, name: 'p', title: 7 } }] },
    records: '',
    says: 'run.json: profileContent.title of the board b: ',
  },
] as const;

test.group('wrong usage', () => {
  test('{what} is told, with exit code 2')
    .with([...WRONG])
    .run(async ({ assert, cleanup }, row) => {
      const { folder, remove } = scratch();
      cleanup(remove);
      if ('lab' in row) writeFileSync(join(folder, 'lab.yaml'), row.lab);
      const { code, stderr, stdout } = await cli(row.args, folder);
      assert.equal(code, 2, stderr);
      assert.include(stderr, row.says);
      assert.notInclude(stderr, '    at ');
      assert.equal(stdout, '');
    });

  test('a run {what} is told, with exit code 2')
    .with([...BAD_RUNS])
    .run(async ({ assert, cleanup }, { run, records, says }) => {
      const { folder, remove } = scratch();
      cleanup(remove);
      const path = join(folder, 'results', 'r');
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, 'run.json'), JSON.stringify(run));
      writeFileSync(join(path, 'records.ndjson'), records);
      const { code, stderr } = await cli(['report', 'r'], folder);
      assert.equal(code, 2, stderr);
      assert.include(stderr, says);
      assert.notInclude(stderr, '    at ');
    });

  test('a report that cannot be written is told, with exit code 2: {output}')
    .with([
      { output: 'nowhere/y', says: 'nowhere/y: the file cannot be written: its folder is not' },
      { output: '.', says: '.: the file cannot be written: it is a folder' },
    ])
    .run(async ({ assert, cleanup }, { output, says }) => {
      const { folder, remove } = scratch();
      cleanup(remove);
      const path = join(folder, 'results', 'r');
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, 'run.json'), JSON.stringify({ ...RUN, boards: [BOARD] }));
      assert.equal((await cli(['report', 'r', '--output', 'y'], folder)).code, 0);
      const { code, stderr } = await cli(['report', 'r', '--output', output], folder);
      assert.equal(code, 2, stderr);
      assert.include(stderr, says);
      assert.notInclude(stderr, '    at ');
    });
});

test.group('this machine', () => {
  test('lacks what a virtual board needs: told, with exit code 3', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const bare = { PATH: folder, XDG_CACHE_HOME: folder };
    const { code, stderr } = await cli(['run', 'virtual-scatter'], folder, bare);
    assert.equal(code, 3, stderr);
    assert.include(stderr, 'Next: ');
    assert.notInclude(stderr, '    at ');
  });
});

test.group('the command line', () => {
  test('tells an old Node in one line what is needed', async ({ assert }) => {
    const script = `Object.defineProperty(process.versions, 'node', { value: '20.20.2' });
      await import(${JSON.stringify(join(packageRoot, 'bin', 'bufmatrix.js'))});`;
    const { exitCode, stderr } = await execa(
      process.execPath,
      ['--input-type=module', '-e', script],
      { reject: false },
    );
    assert.equal(exitCode, 2);
    assert.match(stderr, /^bufmatrix needs Node 22\.18 or newer; .*npm install/);
    assert.equal(stderr.split('\n').length, 1);
  });

  test('is read by Node 12, which Ubuntu 22.04 has, far enough to say so', async ({ assert }) => {
    const text = readFileSync(join(packageRoot, 'bin', 'bufmatrix.js'), 'utf8');
    const node12 = { format: 'esm', target: 'node12.22' } as const;
    const waiting = () => transform(`${text}await import('x');`, node12);
    await assert.rejects(waiting, /Top-level await is not available/);
    const { code, warnings } = await transform(text, node12);
    assert.deepEqual(warnings, []);
    // Nothing had to be rewritten for it.
    assert.equal(code, (await transform(text, { format: 'esm', target: 'esnext' })).code);
  });

  test("takes the virtual boards that ship for --all-virtual, not the lab file's", async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    writeFileSync(
      join(folder, 'lab.yaml'),
      'boards:\n  old: {profile: virtual-iommu, access: virtual, virtual: {mesa: "25.0"}}\n',
    );
    const { code, stdout } = await cli(['run', '--all-virtual', '--dry-run'], folder);
    assert.equal(code, 0);
    assert.sameMembers(
      [...new Set(stdout.split('\n').map((line) => line.split(' ')[0]))],
      [
        'virtual-contiguous-v4l2',
        'virtual-iommu',
        'virtual-no-iommu',
        'virtual-pl111',
        'virtual-scatter',
      ],
    );
  });

  test('lists every planned cell of a dry run once, and touches no board', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const { code, stdout } = await cli(['run', 'virtual-scatter', '--dry-run'], folder);
    assert.equal(code, 0);
    const lines = stdout.split('\n');
    assert.isAbove(lines.length, 100);
    assert.equal(new Set(lines).size, lines.length);
    for (const line of lines)
      assert.match(line, /^virtual-scatter \S+\/\S+\/\S+\/\S+\/\d+x\d+\/\S+$/);
  });

  test('boards fit 80 columns, each with its whole title', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const { code, stdout } = await cli(['boards'], folder);
    assert.equal(code, 0);
    for (const line of stdout.split('\n')) assert.isAtMost(line.length, 80, line);
    const { stdout: json } = await cli(['boards', '--json'], folder);
    const words = (text: string) => text.split(/\s+/).filter(Boolean);
    const wanted = JSON.parse(json).flatMap((board: { [key: string]: string }) =>
      words(`${board['name']} ${board['access']} ${board['title']}`),
    );
    assert.deepEqual(words(stdout), wanted);
  });

  test('names the witnesses of the one cell that a dry run is asked for', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const cell = (backend: string, size: string) =>
      `kms-primary/${backend}/kms:contig_kms/NV12/${size}/0x0`;
    const asked = cell('udmabuf', '1920x1080');
    const args = ['run', 'virtual-no-iommu', '--dry-run', '--cell', asked];
    const { code, stdout } = await cli(args, folder);
    assert.equal(code, 0);
    const why = '(witness: tells a pass from luck)';
    assert.deepEqual(stdout.split('\n'), [
      `virtual-no-iommu ${cell('udmabuf-scattered', '640x480')} ${why}`,
      `virtual-no-iommu ${cell('udmabuf-scattered', '1920x1080')} ${why}`,
      `virtual-no-iommu ${asked}`,
    ]);
  });

  test('a planned cell without a record is not as expected: report ends with 1', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const { profile, hash } = loadProfile(join(packageRoot, 'devices', 'virtual-pl111.yaml'));
    const made = plan(planInput(profile, null, { board: 'desk' }));
    const path = join(folder, 'results', 'r');
    mkdirSync(path, { recursive: true });
    const report = (cells: typeof made.cells) => {
      const board = {
        board: 'desk',
        profile: profile.name,
        profileHash: hash,
        profileContent: profile,
        target: 'ssh://root@desk:22',
        virtual: null,
        state: 'complete',
        why: null,
        plan: { ...made, cells },
        inventory: null,
        connections: [],
        findings: [],
        losses: {},
      };
      const run = {
        schema: 1,
        id: 'r',
        startedAt: '2026-11-23T10:15:00.000Z',
        endedAt: null,
        harness: { name: 'bufmatrix', version: '0' },
        command: [],
        options: { repeat: 1, lab: null, filter: {} },
        boards: [board],
      };
      writeFileSync(join(path, 'run.json'), JSON.stringify(run));
      return cli(['report', 'r', '--format', 'json'], folder);
    };
    const some = made.cells.slice(0, 3);
    const lacking = await report(some);
    assert.equal(lacking.code, 1, lacking.stderr);
    assert.equal(JSON.parse(lacking.stdout).boards[0].counts.unexpected, 3);
    const filtered = await report(some.map((cell) => ({ ...cell, skip: 'filtered' })));
    assert.equal(filtered.code, 0, filtered.stderr);
  });
});
