import type { Assert } from '@japa/assert';
import { test } from '@japa/runner';
import type { CellRecord } from '../suites/record.ts';
import type { BoardRun } from '../suites/run.ts';
import { type DeskBoard, deskBoard } from './testing/board.ts';
import { cli, onlyRun, readRun, scratch, startCli, stopStarted } from './testing/cli.ts';
import { assertWhole, recordsReach } from './testing/long-run.ts';

const MINUTES = 60_000;
const REPEAT = 4;
const SUITES = ['--suite', 'cpu', '--suite', 'kms-primary'];
const CELLS = [...SUITES, '--repeat', `${REPEAT}`];

/** One board for all tests of this file. */
let board: DeskBoard;

/** What one run of CELLS came to while something was done to the board in its midst. */
async function runThrough(folder: string, trouble: string) {
  const running = startCli(['run', 'desk', ...CELLS], folder);
  await recordsReach(folder, 5, running);
  await board.shell(trouble);
  const { exitCode, stderr } = await running;
  const { run, records } = readRun(onlyRun(folder));
  return { exitCode, stderr, entry: run.boards[0], records };
}

/** The one attempt that went down with its worker; every other one is there and passed or was refused. */
function assertOneCrash(
  assert: Assert,
  entry: BoardRun | undefined,
  records: readonly CellRecord[],
): CellRecord {
  assert.equal(entry?.state, 'complete');
  assertWhole(assert, entry, records, REPEAT);
  const [crash, ...more] = records.filter(
    ({ outcome }) => !['pass', 'refused', 'unsupported'].includes(outcome),
  );
  assert.deepEqual(more, []);
  if (!crash) throw new Error('no attempt crashed');
  assert.equal(crash.outcome, 'crash', crash.reason ?? '');
  assert.deepEqual(crash.end, { kind: 'died', signal: 'SIGKILL', code: null });
  return crash;
}

test.group('a board in trouble', (group) => {
  group.setup(async () => {
    board = await deskBoard('virtual-no-iommu', { name: 'trouble' });
    return () => board.stop();
  });
  group.each.teardown(stopStarted);

  test("has the cell in which its kernel's OOM killer took the worker as crash", async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    board.labFile(folder);
    const { exitCode, stderr, entry, records } = await runThrough(
      folder,
      'echo f > /proc/sysrq-trigger',
    );
    assert.equal(exitCode, 1, stderr);
    const crash = assertOneCrash(assert, entry, records);
    assert.equal(crash.errno, 'SIGKILL');
    assert.match(crash.reason ?? '', /OOM killer: .*Out of memory: Killed process \d+ /);
    assert.isTrue(crash.kernelLog.some((line) => line.includes('(bufmatrix-cell)')));
    assert.deepEqual(entry?.findings, []);
  }).timeout(5 * MINUTES);

  test('cannot be tried where a DRM master is in the way, and can when it is gone', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    board.labFile(folder);
    // The first who opens a card is its master (drm_master_open() in drivers/gpu/drm/drm_auth.c).
    const hold = `
      card=/dev/dri/$(basename /sys/bus/pci/drivers/contig_kms/*/drm/card*)
      sh -c 'exec 3<> $0; exec sleep 600' $card > /dev/null 2>&1 < /dev/null &
      echo $!`;
    const pid = Number(await board.shell(hold));
    assert.isAbove(pid, 1);
    const kms = ['--suite', 'kms-primary', '--backend', 'heap:reserved', '--backend', 'udmabuf'];
    const held = await cli(['run', 'desk', ...kms], folder);
    assert.equal(held.code, 1, held.stderr);
    const { records } = readRun(onlyRun(folder));
    const committed = records.filter(({ stages }) => stages.at(-1)?.name === 'test-commit');
    assert.isAbove(committed.length, 0);
    for (const { cell, outcome, stage, errno, heldBy, reason } of committed) {
      assert.deepEqual([outcome, stage, errno], ['blocked', 'test-commit', 'EACCES'], cell);
      assert.match(heldBy ?? '', /^DRM master of \/dev\/dri\/card\d is held by /);
      assert.isTrue(heldBy?.endsWith(` by sleep (pid ${pid})`), heldBy ?? cell);
      assert.equal(reason, heldBy);
    }
    // Those that end before a commit need no master, and say what they say without one.
    const refused = records.filter(({ outcome }) => outcome === 'refused');
    assert.isAbove(refused.length, 0);
    assert.equal(refused.length + committed.length, records.length);
    for (const { stage } of refused) assert.equal(stage, 'prime-import');

    await board.shell(`kill ${pid}`);
    const { folder: after, remove: removeAfter } = scratch();
    cleanup(removeAfter);
    board.labFile(after);
    const free = await cli(['run', 'desk', ...kms], after);
    assert.equal(free.code, 0, free.stderr);
    const passed = readRun(onlyRun(after)).records.filter(({ outcome }) => outcome === 'pass');
    assert.includeMembers(
      passed.map(({ cell }) => cell),
      committed.filter(({ backend }) => backend === 'heap:reserved').map(({ cell }) => cell),
    );
  }).timeout(5 * MINUTES);

  test('blocks a user whom its device nodes are closed to, and says what would open them', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    board.labFile(folder, undefined, [], 'user');
    const { code, stderr } = await cli(['run', 'desk', ...SUITES], folder);
    assert.equal(code, 1, stderr);
    const { run, records } = readRun(onlyRun(folder));
    const [entry] = run.boards;
    assert.equal(entry?.state, 'complete');
    assert.equal(entry?.inventory?.user.uid, 1000);
    const wanted = entry?.plan?.cells.filter((cell) => cell.skip === null).length ?? 0;
    assert.equal(records.length, wanted);
    const groups = new Set<string>();
    for (const { cell, outcome, stage, errno, reason } of records) {
      assert.deepEqual([outcome, stage, errno], ['blocked', 'open', 'EACCES'], cell);
      const [, name = ''] = /: add the user to the group (\w+)$/.exec(reason ?? '') ?? [];
      groups.add(name);
    }
    assert.sameMembers([...groups], ['kvm', 'video', 'render']);
  }).timeout(5 * MINUTES);

  test('gets its agent anew when the copy that it has is broken', async ({ assert, cleanup }) => {
    const one = ['--cell', 'cpu/udmabuf/-/XR24/640x480/0x0'];
    const cache = '/root/.cache/bufmatrix';
    const sizes = () => board.shell(`cd ${cache} && stat -c '%n %s' node-*/node agent-*/*.cjs`);
    const runOne = async () => {
      const { folder, remove } = scratch();
      cleanup(remove);
      board.labFile(folder);
      const { code, stderr } = await cli(['run', 'desk', ...one], folder);
      assert.equal(code, 0, stderr);
      const { run, records } = readRun(onlyRun(folder));
      assert.deepEqual(
        records.map(({ outcome }) => outcome),
        ['pass'],
      );
      return run.boards[0]?.findings ?? [];
    };
    // The board's disk outlives its boots, and agents of other versions are on it.
    await board.shell(`rm -rf ${cache}/agent-*`);
    assert.deepEqual(await runOne(), []);
    const whole = await sizes();
    // Half of Node has its header still, and dies by a signal; half of a script is none.
    for (const file of ['node-*/node', 'agent-*/session.cjs']) {
      await board.shell(
        `cd ${cache} && for f in ${file}; do truncate -s $(($(stat -c %s $f) / 2)) $f; done`,
      );
      assert.notEqual(await sizes(), whole);
      const [mended, ...more] = await runOne();
      assert.deepEqual(more, []);
      assert.equal(mended?.what, 'warning');
      assert.match(mended?.text ?? '', /the agent did not start .*; it was copied anew$/s);
      assert.equal(await sizes(), whole);
    }
    assert.deepEqual(await runOne(), []);
  }).timeout(5 * MINUTES);

  // The last one: the kernel stays tainted until the next boot.
  test('has the cell in which its kernel oopsed as crash, and goes on', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    board.labFile(folder);
    const boot = () => board.shell('cat /proc/sys/kernel/random/boot_id');
    const before = await boot();
    const { exitCode, stderr, entry, records } = await runThrough(
      folder,
      'echo 0 > /proc/sys/kernel/panic_on_oops; echo 1 > /sys/module/contig_kms/parameters/oops_once',
    );
    assert.equal(exitCode, 1, stderr);
    const crash = assertOneCrash(assert, entry, records);
    assert.equal(crash.suite, 'kms-primary');
    assert.match(
      crash.reason ?? '',
      /^killed by SIGKILL; kernel fault: .*BUG: kernel NULL pointer/,
    );
    assert.equal(crash.stage, 'prime-import');
    const log = crash.kernelLog.join('\n');
    assert.match(log, /Oops: /);
    assert.match(log, /RIP: .*contig_oops/);
    const [taint, ...more] = entry?.findings ?? [];
    assert.deepEqual(more, []);
    assert.equal(taint?.what, 'taint');
    assert.include(taint?.text, '(D kernel died (oops or BUG))');
    assert.include(taint?.text, crash.cell);
    assert.equal(await boot(), before);
  }).timeout(5 * MINUTES);
});
