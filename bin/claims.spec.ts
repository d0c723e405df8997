import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { cli, onlyRun, scratch } from './testing/cli.ts';

interface ReportedCell {
  readonly cell: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly basis: string | null;
  readonly expected: boolean;
  readonly expectation: { outcome: string[]; sources: string[]; basis: string } | null;
}
interface ReportedBoard {
  readonly label: string;
  readonly run: { id: string } | null;
  readonly counts: { unexpected: number; states: Record<string, number> };
  readonly cells: readonly ReportedCell[];
}
const boardsOf = (stdout: string): ReportedBoard[] => JSON.parse(stdout).boards;

/** Of this machine, which has memory at least. What its cells come to hangs on its kernel. */
const TINY = `schema: 1
name: tiny
title: This machine
devices: {}
backends: [udmabuf]
suites:
  allocate: { formats: [XR24], sizes: [64x64] }
  cpu: { formats: [XR24, NV12], sizes: [64x64] }
expect:
  - cells: { format: XR24 }
    outcome: [pass, refused, unsupported, blocked]
    reason: one of these
    source: [somebody, somewhere]
    basis: claimed
`;

test.group('report --claims', () => {
  test('shows a board that nobody has run, without any run', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const { code, stdout, stderr } = await cli(
      ['report', '--claims', 'rpi4', '--claims', 'rpi5', '--format', 'json'],
      folder,
    );
    assert.equal(code, 0, stderr);
    const boards = boardsOf(stdout);
    assert.deepEqual(
      boards.map(({ label, run }) => ({ label, run })),
      [
        { label: 'rpi4 (claimed)', run: null },
        { label: 'rpi5 (claimed)', run: null },
      ],
    );
    const id = 'kms-primary/udmabuf-scattered/kms:vc4/NV12/640x480/0x0';
    const [there, behindIommu] = boards.map(({ cells }) => cells.find(({ cell }) => cell === id));
    assert.deepInclude(there, { state: 'claimed', outcome: null, basis: 'claimed' });
    assert.deepInclude(there?.expectation, { outcome: ['refused'], basis: 'claimed' });
    assert.deepInclude(behindIommu?.expectation, { outcome: ['pass'] });
    for (const { cells } of boards)
      for (const { cell, basis, expectation } of cells)
        if (basis) assert.isAbove(expectation?.sources.length ?? 0, 0, cell);
  });

  test('fits a terminal of 80 columns', async ({ assert, cleanup }) => {
    const { folder, remove } = scratch();
    cleanup(remove);
    const { code, stdout } = await cli(['report', '--claims', 'rpi4'], folder);
    assert.equal(code, 0);
    for (const line of stdout.split('\n')) assert.isAtMost(line.length, 80, line);
  });

  test('{what} is told, with exit code 2')
    .with([
      { what: 'neither a run nor a claim', args: [], says: 'give --claims PROFILE' },
      { what: 'an unknown profile', args: ['--claims', 'rpi6'], says: 'write rpi4 if that was' },
      {
        what: 'a claim without its source',
        args: ['--claims', './bad.yaml'],
        says: 'bad.yaml:5:12 expect.0.source: this key is missing',
      },
      {
        what: 'a stand-in that nobody knows',
        args: ['--claims', './worse.yaml'],
        says: 'worse.yaml:5:20 standIn.profile: virtual-nothing is no known profile',
      },
    ])
    .run(async ({ assert, cleanup }, { args, says }) => {
      const { folder, remove } = scratch();
      cleanup(remove);
      const head = (name: string) =>
        `schema: 1\nname: ${name}\ntitle: X\ndevices: {kms: [{driver: vc4}]}\n`;
      const entry = 'expect: [  {cells: {}, outcome: pass, reason: r, basis: claimed}]\n';
      writeFileSync(join(folder, 'bad.yaml'), head('bad') + entry);
      const standIn = 'standIn: {profile: virtual-nothing, differs: d}\n';
      writeFileSync(join(folder, 'worse.yaml'), head('worse') + standIn);
      const { code, stdout, stderr } = await cli(['report', ...args], folder);
      assert.equal(code, 2, stderr);
      assert.include(stderr, says);
      assert.equal(stdout, '');
    });
});

test.group('claims of this machine', (group) => {
  group.each.timeout(120_000);

  /** A run of the `allocate` cell alone. */
  async function ran(profile: string) {
    const { folder, remove } = scratch();
    writeFileSync(join(folder, 'tiny.yaml'), profile);
    writeFileSync(
      join(folder, 'lab.yaml'),
      'boards:\n  here: { profile: ./tiny.yaml, access: local }\n',
    );
    const run = await cli(['run', 'here', '--suite', 'allocate'], folder);
    const report = (...more: string[]) =>
      cli(['report', onlyRun(folder), '--format', 'json', ...more], folder);
    return { folder, remove, run, report };
  }

  test('give way to what was measured there, cell by cell', async ({ assert, cleanup }) => {
    const { remove, run, report } = await ran(TINY);
    cleanup(remove);
    assert.equal(run.code, 0, run.stderr);
    const [plain] = boardsOf((await report()).stdout);
    const states = (board: ReportedBoard | undefined) =>
      board?.cells.map(({ cell, basis }) => `${cell.split('/')[0]} ${basis}`);
    assert.deepEqual(states(plain), ['allocate measured', 'cpu null', 'cpu null']);
    const { code, stdout } = await report('--claims', './tiny.yaml');
    assert.equal(code, 0);
    const [board, ...others] = boardsOf(stdout);
    assert.lengthOf(others, 0, 'the measured board is not there a second time');
    assert.equal(board?.label, 'here');
    assert.deepEqual(
      board?.cells.map(({ cell, basis, state }) => [cell.split('/')[3], basis, state]),
      [
        ['XR24', 'measured', plain?.cells[0]?.state],
        ['XR24', 'claimed', 'claimed'],
        ['NV12', null, 'unknown'],
      ],
    );
  });

  test('that a measurement contradicts end run and report with 1, and name their source', async ({
    assert,
    cleanup,
  }) => {
    const profile = TINY.replace('[pass, refused, unsupported, blocked]', 'hang');
    const { folder, remove, run, report } = await ran(profile);
    cleanup(remove);
    assert.equal(run.code, 1, run.stderr);
    const words = run.stdout.replace(/\s+/g, ' ');
    assert.include(words, 'but expected hang: one of these; source (claimed): somebody; somewhere');
    const { code, stdout } = await report();
    assert.equal(code, 1);
    assert.equal(boardsOf(stdout)[0]?.counts.unexpected, 1);
    for (const format of ['terminal', 'markdown', 'junit', 'html']) {
      const text = (await cli(['report', onlyRun(folder), '--format', format], folder)).stdout;
      assert.match(text.replace(/\s+/g, ' '), /somebody; somewhere|"somebody","somewhere"/, format);
    }
  });

  test('of a run from before sources were asked for are claims without a source', async ({
    assert,
    cleanup,
  }) => {
    const { folder, remove, report } = await ran(TINY);
    cleanup(remove);
    const path = join(onlyRun(folder), 'run.json');
    const now = readFileSync(path, 'utf8');
    const before = now
      .replaceAll(/"source": \[\s*"somebody",\s*"somewhere"\s*\],\s*/g, '')
      .replaceAll(/"source":\["somebody","somewhere"\],/g, '')
      .replaceAll(/,\s*"basis": ?"claimed"/g, '');
    assert.notInclude(before, 'somebody');
    assert.notInclude(before, '"basis"');
    writeFileSync(path, before);
    const { code, stdout, stderr } = await report();
    assert.equal(code, 0, stderr);
    assert.deepInclude(boardsOf(stdout)[0]?.cells[0]?.expectation, {
      basis: 'claimed',
      sources: [],
    });
  });
});
