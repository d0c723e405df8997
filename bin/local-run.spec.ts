import { execFileSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from '@japa/runner';
import { execa } from 'execa';
import { recordsFile } from '../runners/host/run-files.ts';
import type { CellRecord } from '../suites/record.ts';
import {
  cli,
  onlyRun,
  readRun,
  recordCount,
  scratch,
  startCli,
  stopStarted,
} from './testing/cli.ts';
import { recordsReach } from './testing/long-run.ts';

/**
 * Whole runs on the machine of the test itself, which is a board like another: real agents, workers
 * and records. What its cells come to hangs on its kernel; none of these tests asks for that.
 */
const SLOW_MS = 120_000;

const profile = (expect = '[]') => `schema: 1
name: tiny
title: This machine
about: Memory alone, without devices.
recognise: [{ compatible: [nothing] }]
devices: { gpu: [], kms: [], encoder: [], heaps: [] }
backends: [udmabuf]
suites:
  allocate: { formats: [XR24, NV12], sizes: [64x64] }
  cpu: { formats: [XR24], sizes: [64x64] }
expect: ${expect}
`;

/** A folder with a profile of no devices and a lab of two boards that are both this machine. */
function lab(expect?: string): { folder: string; remove: () => void } {
  const made = scratch();
  writeFileSync(join(made.folder, 'tiny.yaml'), profile(expect));
  const boards = ['one', 'two'].map((name) => `  ${name}: { profile: ./tiny.yaml, access: local }`);
  writeFileSync(join(made.folder, 'lab.yaml'), `boards:\n${boards.join('\n')}\n`);
  return made;
}

const keys = (records: readonly CellRecord[]) =>
  records.map(({ board, cell, attempt }) => `${board} ${cell} ${attempt}`);

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2000 && !done(); tries++) await sleep(10);
}

test.group('a run on this machine', (group) => {
  group.each.timeout(SLOW_MS);
  group.each.teardown(stopStarted);

  test('copies its agent anew, once, where the copy is broken though it is marked as whole', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = lab();
    cleanup(remove);
    const work = join(folder, 'work');
    const board = `{ profile: ./tiny.yaml, access: local, workdir: ${work} }`;
    writeFileSync(join(folder, 'lab.yaml'), `boards:\n  one: ${board}\n`);
    mkdirSync(work);
    const findings = async () => {
      const { code, stderr } = await cli(['run', 'one', '--suite', 'allocate'], folder);
      // 1: what the cells come to is this kernel's affair.
      assert.include([0, 1], code, stderr);
      const { run, records } = readRun(onlyRun(folder));
      rmSync(join(folder, 'results'), { recursive: true });
      assert.lengthOf(records, 2);
      return run.boards[0]?.findings.map(({ what, text }) => `${what}: ${text}`) ?? [];
    };
    assert.deepEqual(await findings(), []);
    const [session = ''] = globSync(join(work, 'agent-*/session.cjs'));
    const { size } = statSync(session);
    truncateSync(session, size >> 1);
    const [mended = '', ...more] = await findings();
    assert.deepEqual(more, []);
    assert.match(mended, /^warning: local: the agent did not start .*Error.*; it was copied anew$/);
    assert.isBelow(mended.length, 800);
    assert.equal(statSync(session).size, size);
    assert.deepEqual(await findings(), []);
  });

  test('that is killed is resumed with all its boards, cells and attempts', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = lab();
    cleanup(remove);
    const many = ['--suite', 'allocate', '--format', 'XR24', '--repeat', '3000'];
    const running = startCli(['run', 'one', 'two', ...many], folder);
    await recordsReach(folder, 21, running);
    running.kill('SIGKILL');
    await running;
    const path = onlyRun(folder);
    const before = readRun(path);
    assert.isBelow(before.records.length, 3000);
    assert.isFalse(existsSync(join(path, 'SHA256SUMS')));
    assert.deepEqual(
      before.run.boards.map(({ board }) => board),
      ['one', 'two'],
    );

    const listed = await cli(['run', '--resume', path, '--dry-run'], folder);
    assert.equal(listed.code, 0, listed.stderr);
    assert.deepEqual(
      listed.stdout.split('\n').map((line) => line.split(' ')[0]),
      ['one', 'two'],
    );
    assert.equal(recordCount(path), before.records.length);

    const refused = await cli(['run', '--resume', path, '--repeat', '2'], folder);
    assert.equal(refused.code, 2);
    assert.include(refused.stderr, '--repeat cannot be given beside it');

    const id = path.split('/').at(-1) ?? '';
    const resumed = await cli(['run', '--resume', id], folder);
    assert.equal(resumed.code, 0, resumed.stderr);
    const { run, records } = readRun(path);
    assert.deepEqual(
      run.boards.map(({ state }) => state),
      ['complete', 'complete'],
    );
    assert.lengthOf(records, 6000);
    assert.equal(new Set(keys(records)).size, 6000);
    // What was there before is there still, byte by byte.
    const [old, now] = [before.records, records].map((list) => list.map((r) => JSON.stringify(r)));
    assert.deepEqual(now?.slice(0, old?.length), old);

    // Sealed at its end alone, and a run that is complete is left as it is.
    const files = ['run.json', 'records.ndjson', 'SHA256SUMS'].map((name) => join(path, name));
    execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: path });
    const bytes = () => files.map((file) => readFileSync(file, 'utf8'));
    const left = bytes();
    assert.equal((await cli(['run', '--resume', id], folder)).code, 0);
    assert.deepEqual(bytes(), left);
  });

  test('exits with 1 for a cell that is not as expected, and so do its resumption and its report', async ({
    assert,
    cleanup,
  }) => {
    const wish =
      '[{ cells: { suite: cpu }, outcome: hang, reason: for the test, source: the test, basis: claimed }]';
    const { folder, remove } = lab(wish);
    cleanup(remove);
    const { code, stdout } = await cli(['run', 'one'], folder);
    assert.equal(code, 1);
    assert.include(stdout, 'Not as expected (1)');
    const id = onlyRun(folder).split('/').at(-1) ?? '';
    assert.equal((await cli(['run', '--resume', id], folder)).code, 1);
    assert.equal((await cli(['report', id], folder)).code, 1);
  });

  test('tries again, for the gate, only those cells of each board that are open there', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = lab();
    cleanup(remove);
    const ran = async (out: string) => {
      await cli(['run', 'one', 'two', '--suite', 'allocate', '--out', out], folder);
      return globSync(join(folder, out, '*'))[0] ?? '';
    };
    const [baseline, candidate] = [await ran('before'), await ran('now')];
    // Whatever they come to here: in these sides one format has passed of each board, and now has not.
    const open: Readonly<Record<string, string>> = { one: 'XR24', two: 'NV12' };
    const rung = (name: string, result: string) => ({
      ...{ name, side: 'exporter', result, us: 1 },
      ...(result === 'ok' ? { errno: null } : { errno: 'EINVAL', detail: 'no' }),
    });
    const wrote = (run: string, result: (own: boolean) => string) => {
      const lines = readRun(run).records.map((record) => {
        const held = result(record.format === open[record.board]);
        return JSON.stringify({ ...record, stages: [rung('open', 'ok'), rung('alloc', held)] });
      });
      writeFileSync(recordsFile(run), `${lines.join('\n')}\n`);
      rmSync(join(run, 'SHA256SUMS'));
    };
    wrote(baseline, () => 'ok');
    wrote(candidate, (own) => (own ? 'failed' : 'ok'));
    const sides = ['--baseline', baseline, '--candidate', candidate];
    const { stderr, stdout } = await cli(['gate', ...sides, '--confirm', '2'], folder);
    assert.match(stdout, /tried again on both sides: 2 cells, 2\s+attempts each/, stderr);
    const again = globSync(join(folder, 'results/*'));
    assert.lengthOf(again, 2);
    for (const run of again)
      assert.deepEqual(
        readRun(run).records.map(({ board, format, attempt }) => `${board} ${format} ${attempt}`),
        ['one XR24 1', 'one XR24 2', 'two NV12 1', 'two NV12 2'],
      );
  });

  test('prepares its board once, before it is measured, and never one that another run has', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = lab();
    cleanup(remove);
    const log = join(folder, 'log');
    const prepare = (exit: number) => {
      // No shell: the words arrive as they are.
      const script = `fs.appendFileSync(process.argv[1], process.argv[2]); process.exit(${exit})`;
      const argv = JSON.stringify([process.execPath, '-e', script, log, '$(id);']);
      const board = (more: string) => `{ profile: ./tiny.yaml, access: local${more} }`;
      writeFileSync(
        join(folder, 'lab.yaml'),
        `boards:\n  one: ${board('')}\n  two: ${board(`, prepare: ${argv}`)}\n`,
      );
    };
    const many = ['--suite', 'allocate', '--format', 'XR24', '--repeat'];
    const prepared = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
    prepare(0);
    const first = startCli(['run', 'one', ...many, '100000', '--out', 'first'], folder);
    cleanup(() => void first.kill('SIGKILL'));
    const started = () => globSync(join(folder, 'first/*/records.ndjson'));
    await until(() => started().some((path) => statSync(path).size > 0));
    const busy = await cli(['run', 'two', ...many, '1'], folder);
    assert.equal(busy.code, 2, busy.stderr);
    assert.match(busy.stderr, /two is in use by/);
    assert.equal(prepared(), '');
    first.kill('SIGINT');
    await first;

    rmSync(join(folder, 'results'), { recursive: true });
    const { code, stderr } = await cli(['run', 'two', ...many, '3'], folder);
    assert.include([0, 1], code, stderr);
    assert.equal(prepared(), '$(id);');
    assert.lengthOf(readRun(onlyRun(folder)).records, 3);

    prepare(7);
    const failed = await cli(['run', 'two', ...many, '1', '--out', 'failed'], folder);
    assert.equal(failed.code, 3, failed.stderr);
    assert.match(failed.stderr, /its prepare program \S+ failed \(exit 7\)/);
    const [run = ''] = globSync(join(folder, 'failed/*'));
    assert.lengthOf(readRun(run).records, 0);
  });

  test('waits for a board that another run has, and says for whom and how long', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = lab();
    cleanup(remove);
    const many = ['--suite', 'allocate', '--format', 'XR24', '--repeat'];
    const first = startCli(['run', 'one', ...many, '100000', '--out', 'first'], folder);
    cleanup(() => void first.kill('SIGKILL'));
    const started = () => globSync(join(folder, 'first/*/records.ndjson'));
    await until(() => started().some((path) => statSync(path).size > 0));

    const quick = await cli(['run', 'two', ...many, '1'], folder);
    assert.equal(quick.code, 2, quick.stderr);
    assert.match(quick.stderr, /two is in use by \S+@\S+, run \S+, since \S+Z\. Next: .*--wait/);

    const began = Date.now();
    const late = await cli(['run', 'two', ...many, '1', '--wait', '3', '--clean'], folder);
    assert.equal(late.code, 3, late.stderr);
    assert.isAtLeast(Date.now() - began, 3000);
    assert.match(
      late.stderr,
      /two: in use by .* since .*; waiting for it, 3 s at most/,
      late.stderr,
    );
    assert.lengthOf(late.stderr.match(/waiting for it/g) ?? [], 1);
    assert.match(late.stderr, /two is still in use after 3 s, by \S+@\S+, run /);
    // Nothing of the other run's was cleaned away: it goes on.
    const written = () => started().reduce((sum, path) => sum + statSync(path).size, 0);
    const before = written();
    await until(() => written() > before);
    assert.isAbove(written(), before);

    rmSync(join(folder, 'results'), { recursive: true });
    const patient = startCli(['run', 'two', ...many, '1', '--wait', '100'], folder);
    let said = '';
    patient.stderr.on('data', (text) => {
      said += text;
    });
    await until(() => said.includes('waiting for it'));
    assert.include(said, '100 s at most');
    first.kill('SIGINT');
    assert.equal((await first).exitCode, 130);
    const { exitCode, stderr } = await patient;
    assert.equal(exitCode, 0, stderr);
    const { run, records } = readRun(onlyRun(folder));
    assert.deepEqual(
      run.boards.map(({ board, state }) => `${board} ${state}`),
      ['two complete'],
    );
    assert.lengthOf(records, 1);
  });

  test('prints JSON alone with --json', async ({ assert, cleanup }) => {
    const { folder, remove } = lab();
    cleanup(remove);
    const { code, stdout } = await cli(['run', 'two', '--json'], folder);
    assert.equal(code, 0);
    assert.isObject(JSON.parse(stdout));
  });

  test('shows the boards that ran beside one that is not what its profile says', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = lab();
    cleanup(remove);
    writeFileSync(
      join(folder, 'lab.yaml'),
      'boards:\n  pi: { profile: rpi4, access: local }\n  one: { profile: ./tiny.yaml, access: local }\n',
    );
    const { code, stdout, stderr } = await cli(['run', 'pi', 'one'], folder);
    assert.equal(code, 2, stderr);
    assert.include(stderr, 'pi is not what its profile rpi4 says');
    assert.include(stdout, 'cpu');
    const { run } = readRun(onlyRun(folder));
    assert.deepEqual(
      run.boards.map(({ state }) => state),
      ['unfit', 'complete'],
    );
  });

  test('goes on after a full disk has got room, and has lost nothing', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = lab();
    cleanup(remove);
    const out = join(folder, 'results');
    await execa('mkdir', [out]);
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', out]);
    cleanup(async () => void (await execa('umount', ['--lazy', out])));
    const full = await cli(['run', 'one', '--repeat', '400'], folder);
    assert.equal(full.code, 2, full.stderr);
    assert.include(full.stderr, 'the disk is full (ENOSPC)');
    assert.notInclude(full.stderr, '    at ');
    const path = onlyRun(folder);
    const kept = recordCount(path);
    assert.isAbove(kept, 50);
    assert.isTrue(readFileSync(recordsFile(path), 'utf8').endsWith('\n'), 'whole lines alone');
    await execa('mount', ['-o', 'remount,size=16m', out]);
    const resumed = await cli(['run', '--resume', path], folder);
    assert.equal(resumed.code, 0, resumed.stderr);
    const { records } = readRun(path);
    assert.lengthOf(records, 1200);
    assert.equal(new Set(keys(records)).size, 1200);
  }).skip(process.getuid?.() !== 0, 'mounting a small disk needs root');
});
