import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { cli, onlyRun, readRun, scratch } from './testing/cli.ts';

/** A second root file system is built for it the first time. */
const BOARD_MS = 30 * 60_000;

const LAB = `boards:
  old-mesa:
    profile: virtual-no-iommu
    access: virtual
    virtual: { mesa: "25.0" }
`;

test('a driver that really crashes (Mesa 25.0 on a GBM node) takes one cell at a time', async ({
  assert,
  cleanup,
}) => {
  const { folder, remove } = scratch();
  cleanup(remove);
  writeFileSync(join(folder, 'lab.yaml'), LAB);
  const cells = ['--suite', 'egl-sample', '--importer', 'egl:vgem', '--format', 'XR24'];
  const { code, stdout, stderr } = await cli(['run', 'old-mesa', ...cells], folder);
  assert.equal(code, 0, `${stdout}\n${stderr}`);

  const { run, records } = readRun(onlyRun(folder));
  const [entry] = run.boards;
  assert.equal(entry?.state, 'complete');
  assert.match(entry?.virtual?.rootfs ?? '', /Mesa 25\.0/);
  // What QEMU really ran by, not the `auto` that was asked for.
  assert.match(entry?.virtual?.accel ?? '', /^(tcg|kvm)$/);
  const planned = entry?.plan?.cells.filter((cell) => cell.skip === null) ?? [];
  assert.sameMembers(
    records.map((record) => record.cell),
    planned.map((cell) => cell.id),
  );
  const crashed = records.filter((record) => record.outcome === 'crash');
  assert.isAbove(crashed.length, 1, 'one worker after another');
  for (const { cell, end, stages } of crashed) {
    assert.deepEqual(end, { kind: 'died', signal: 'SIGSEGV', code: null }, cell);
    assert.equal(stages.at(-1)?.result, 'entered', cell);
    assert.isTrue(
      stages.some(({ name, result }) => name === 'egl-image' && result === 'ok'),
      `${cell}: the import itself was said to be good`,
    );
  }
}).timeout(BOARD_MS);
