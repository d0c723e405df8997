import { setTimeout as sleep } from 'node:timers/promises';
import { test } from '@japa/runner';
import { cli, onlyRun, readRun, scratch, startCli, stopStarted } from './testing/cli.ts';
import { recordsReach } from './testing/long-run.ts';
import { descendants, isAlive } from './testing/processes.ts';

const MINUTES = 60_000;
const CELLS = ['--suite', 'cpu', '--repeat', '20'];

test.group('a virtual board of the command line', (group) => {
  group.each.teardown(stopStarted);

  test('ends with it on Ctrl-C, and the run goes on with a new one', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const running = startCli(['run', 'virtual-scatter', ...CELLS], folder);
    await recordsReach(folder, 10, running);
    const guests = descendants(running.pid ?? -1, 'qemu-system');
    assert.lengthOf(guests, 1);
    running.kill('SIGINT');
    const { exitCode, stderr } = await running;
    assert.equal(exitCode, 130, stderr);
    assert.deepEqual(guests.filter(isAlive), []);

    const before = readRun(onlyRun(folder));
    assert.equal(before.run.boards[0]?.state, 'interrupted');
    const wanted = before.run.boards[0]?.plan?.cells.filter(({ skip }) => skip === null).length;
    assert.isBelow(before.records.length, 20 * (wanted ?? 0));
    const resumed = await cli(['run', '--resume', onlyRun(folder)], folder);
    assert.equal(resumed.code, 0, resumed.stderr);
    const { run, records } = readRun(onlyRun(folder));
    assert.equal(run.boards[0]?.state, 'complete');
    assert.lengthOf(records, 20 * (wanted ?? 0));
    assert.match(run.boards[0]?.virtual?.kernel ?? '', /Debian source/);
  }).timeout(10 * MINUTES);

  test('ends with it when it is killed', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const running = startCli(['run', 'virtual-scatter', ...CELLS], folder);
    // Another QEMU may be asked something at first, and ends by itself: only a board has an sshd.
    const guests = () => descendants(running.pid ?? -1, 'hostfwd=tcp:');
    for (let tries = 0; tries < 6000 && guests().length === 0; tries++) await sleep(50);
    const [guest = -1] = guests();
    assert.isTrue(isAlive(guest));
    running.kill('SIGKILL');
    await running;
    for (let tries = 0; tries < 100 && isAlive(guest); tries++) await sleep(50);
    assert.isFalse(isAlive(guest));
  }).timeout(10 * MINUTES);
});
