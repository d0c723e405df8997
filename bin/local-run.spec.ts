import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from '@japa/runner';
import { execa } from 'execa';
import { recordsFile } from '../runners/host/run-files.ts';
import type { CellRecord } from '../suites/record.ts';
import { cli, onlyRun, readRun, recordCount, scratch, startCli } from './testing/cli.ts';

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

  test('that is killed is resumed with all its boards, cells and attempts', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove } = lab();
    cleanup(remove);
    const many = ['--suite', 'allocate', '--format', 'XR24', '--repeat', '3000'];
    const running = startCli(['run', 'one', 'two', ...many], folder);
    const there = () => {
      try {
        return recordCount(onlyRun(folder)) > 20;
      } catch {
        return false;
      }
    };
    await until(there);
    running.kill('SIGKILL');
    await running;
    const path = onlyRun(folder);
    const before = readRun(path);
    assert.isBelow(before.records.length, 3000);
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
  });

  test('exits with 1 for a cell that is not as expected, and so do its resumption and its report', async ({
    assert,
    cleanup,
  }) => {
    const wish =
      '[{ cells: { suite: cpu }, outcome: hang, reason: for the test, source: a test, basis: claimed }]';
    const { folder, remove } = lab(wish);
    cleanup(remove);
    const { code, stdout } = await cli(['run', 'one'], folder);
    assert.equal(code, 1);
    assert.include(stdout, 'Not as expected (1)');
    const id = onlyRun(folder).split('/').at(-1) ?? '';
    assert.equal((await cli(['run', '--resume', id], folder)).code, 1);
    assert.equal((await cli(['report', id], folder)).code, 1);
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
