import { test } from '@japa/runner';
import { type DeskBoard, deskBoard } from './testing/board.ts';
import {
  cli,
  onlyRun,
  readRun,
  recordCount,
  scratch,
  startCli,
  stopStarted,
} from './testing/cli.ts';
import { assertWhole, recordsReach } from './testing/long-run.ts';
import { descendants } from './testing/processes.ts';

const MINUTES = 60_000;
const BOOT_MS = 3 * MINUTES;
const REPEAT = 8;
const FEW_CELLS = [
  ...['--suite', 'cpu', '--suite', 'kms-primary', '--format', 'XR24'],
  ...['--repeat', `${REPEAT}`],
];

/** One board for all tests of this file. */
let board: DeskBoard;

/** A real kernel panic; the board boots again by itself (panic=3). */
const panic = () =>
  board.shell('echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger').catch(() => {});

test.group('a board over ssh', (group) => {
  group.setup(async () => {
    board = await deskBoard('virtual-scatter');
    return () => board.stop();
  });
  // What the test before has done to it may take a while to pass; if it never does, this says so.
  group.each.setup(() => board.waitForSsh(BOOT_MS));
  group.each.teardown(stopStarted);

  test('with a host key that nobody has vouched for is not touched', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    board.labFile(folder, null);
    const unknown = await cli(['run', 'desk', '--suite', 'cpu'], folder);
    assert.equal(unknown.code, 3, unknown.stderr);
    assert.include(unknown.stderr, 'SHA256:');
    assert.include(unknown.stderr, `hostKey: "${board.hostKey}"`);

    const other = board.hostKey.replace(/.{4}$/, 'AAAA');
    board.labFile(folder, other);
    const wrong = await cli(['run', 'desk', '--suite', 'cpu', '--out', 'other'], folder);
    assert.equal(wrong.code, 3, wrong.stderr);
    assert.include(wrong.stderr, 'not the one in the lab file');
  }).timeout(10 * MINUTES);

  test('goes on when the connection is cut', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    board.labFile(folder);
    const running = startCli(['run', 'desk', ...FEW_CELLS], folder);
    await recordsReach(folder, 5, running);
    const [master] = descendants(running.pid ?? -1, '\0-M\0');
    assert.isDefined(master);
    process.kill(master ?? -1, 'SIGKILL');
    const { exitCode, stderr } = await running;
    assert.equal(exitCode, 0, stderr);
    const { run, records } = readRun(onlyRun(folder));
    const what = run.boards[0]?.findings.map((finding) => finding.what) ?? [];
    assert.includeMembers(what, ['lost', 'back']);
    assert.notInclude(what, 'reboot');
    assertWhole(assert, run.boards[0], records, REPEAT);
  }).timeout(10 * MINUTES);

  test('goes on after a kernel panic, and says that the board rebooted', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    board.labFile(folder);
    const running = startCli(['run', 'desk', ...FEW_CELLS], folder);
    await recordsReach(folder, 5, running);
    const before = (await board.shell('cat /proc/sys/kernel/random/boot_id')).trim();
    await panic();
    const { exitCode, stderr } = await running;
    assert.equal(exitCode, 0, stderr);
    const { run, records } = readRun(onlyRun(folder));
    const entry = run.boards[0];
    assert.include(entry?.findings.map((finding) => finding.what) ?? [], 'reboot');
    const boots = entry?.connections.map(({ bootId }) => bootId) ?? [];
    assert.equal(boots[0], before);
    assert.notEqual(boots.at(-1), before);
    assertWhole(assert, entry, records, REPEAT);
  }).timeout(10 * MINUTES);

  test('is given up when it is lost twice in one cell, and what was left did not run', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    board.labFile(folder);
    const one = ['--cell', 'cpu/udmabuf-scattered/-/XR24/640x480/0x0', '--repeat', '4000'];
    const running = startCli(['run', 'desk', ...one], folder);
    await recordsReach(folder, 5, running);
    await panic();
    await recordsReach(folder, recordCount(onlyRun(folder)) + 5, running);
    await panic();
    const { exitCode, stdout } = await running;
    assert.equal(exitCode, 3, stdout);
    const { run, records } = readRun(onlyRun(folder));
    assert.equal(run.boards[0]?.state, 'lost');
    const last = records.at(-1);
    assert.equal(last?.outcome, 'crash');
    assert.equal(last?.end.kind, 'board-lost');
    assert.isTrue(records.slice(0, -1).every(({ outcome }) => outcome === 'pass'));
    assert.isBelow(records.length, 4000);
    assert.equal((await cli(['report', onlyRun(folder)], folder)).code, 3);
  }).timeout(10 * MINUTES);

  test('is rebooted when its kernel is tainted, where the lab file says so', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    board.labFile(folder, undefined, ['reboot: on-taint']);
    const running = startCli(['run', 'desk', ...FEW_CELLS], folder);
    await recordsReach(folder, 5, running);
    // What a WARN does: a taint, and a line in the log (SysRq h prints one).
    await board.shell('echo 512 > /proc/sys/kernel/tainted; echo h > /proc/sysrq-trigger');
    const { exitCode, stderr } = await running;
    assert.equal(exitCode, 0, stderr);
    const { run, records } = readRun(onlyRun(folder));
    const [entry] = run.boards;
    const findings = entry?.findings ?? [];
    assert.deepEqual(
      findings.map(({ what }) => what),
      ['taint', 'back'],
    );
    assert.match(findings[0]?.text ?? '', /kernel taint \d+ -> \d+ \(W kernel warning\) in /);
    assert.equal(new Set(entry?.connections.map(({ bootId }) => bootId)).size, 2);
    assertWhole(assert, entry, records, REPEAT);
    assert.isFalse(records.some(({ end }) => end.kind !== 'done'));
  }).timeout(10 * MINUTES);

  test('is resumed after the host was killed', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    board.labFile(folder);
    const running = startCli(['run', 'desk', ...FEW_CELLS], folder);
    await recordsReach(folder, 20, running);
    running.kill('SIGKILL');
    await running;
    const path = onlyRun(folder);
    const kept = recordCount(path);
    assert.isAtLeast(kept, 20);
    const resumed = await cli(['run', '--resume', path], folder);
    assert.equal(resumed.code, 0, resumed.stderr);
    const { run, records } = readRun(path);
    assert.equal(run.boards[0]?.state, 'complete');
    assertWhole(assert, run.boards[0], records, REPEAT);
    assert.isAbove(records.length, kept);
  }).timeout(10 * MINUTES);

  test('is interrupted by Ctrl-C with exit code 130, and can be resumed', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    board.labFile(folder);
    const running = startCli(['run', 'desk', ...FEW_CELLS], folder);
    await recordsReach(folder, 10, running);
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    assert.equal(exitCode, 130, stderr);
    assert.equal(readRun(onlyRun(folder)).run.boards[0]?.state, 'interrupted');
    assert.equal((await board.shell('pgrep -f [a]gent.cjs | wc -l')).trim(), '0');
    assert.equal((await cli(['run', '--resume', onlyRun(folder)], folder)).code, 0);
  }).timeout(10 * MINUTES);

  test('takes one run at a time, and says who has it', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    board.labFile(folder);
    const running = startCli(['run', 'desk', ...FEW_CELLS], folder);
    await recordsReach(folder, 3, running);
    const second = await cli(['run', 'desk', '--suite', 'cpu', '--out', 'second'], folder);
    assert.equal(second.code, 2, second.stderr);
    assert.match(second.stderr, /in use by .*@.*, run .*, since /);
    assert.equal((await running).exitCode, 0);
  }).timeout(10 * MINUTES);

  test('has nothing of ours left after --clean', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    board.labFile(folder);
    const { code, stderr } = await cli(['run', 'desk', '--suite', 'cpu', '--clean'], folder);
    assert.equal(code, 0, stderr);
    assert.equal((await board.shell('ls -a ~/.cache 2>/dev/null | grep -c bufmatrix')).trim(), '0');
  }).timeout(10 * MINUTES);
});
