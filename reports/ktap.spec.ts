import { test } from '@japa/runner';
import { ktapReport } from './ktap.ts';
import { boardMatrices } from './matrix.ts';
import type { BoardRun } from './model.ts';
import { CONTROL, sampleTrap, TRAPS } from './testing/hostile.ts';
import { type KunitTest, kunitMissing, kunitParse } from './testing/kunit.ts';
import {
  sampleClaims,
  sampleIommu,
  sampleNoIommu,
  sampleRuns,
  sampleUnreachable,
} from './testing/sample.ts';

const leaves = (test: KunitTest): KunitTest[] =>
  test.subtests.length ? test.subtests.flatMap(leaves) : [test];
const errors = (test: KunitTest): number =>
  test.errors + test.subtests.reduce((sum, one) => sum + errors(one), 0);
const statuses = (test: KunitTest) => {
  const count: Record<string, number> = {};
  for (const { status } of leaves(test)) count[status] = (count[status] ?? 0) + 1;
  return count;
};
/** What the report must come to, told from the matrix alone. */
function wanted(runs: readonly BoardRun[]) {
  const untried = ['unsupported', 'blocked', 'not-run', 'filtered', 'claimed', 'unknown'];
  const count: Record<string, number> = {};
  for (const { cells } of boardMatrices(runs))
    for (const { expected, state } of cells) {
      const status = !expected ? 'FAILURE' : untried.includes(state) ? 'SKIPPED' : 'SUCCESS';
      count[status] = (count[status] ?? 0) + 1;
    }
  return count;
}

test.group('KTAP, read by the kernel’s own kunit_parser.py', () => {
  for (const [name, runs] of [
    ['the sample boards', sampleRuns()],
    ['claims beside a measurement', [sampleNoIommu(), sampleClaims()]],
    ['claims alone', [sampleClaims()]],
  ] as const)
    test(`${name}: every cell, and no error`, ({ assert }) => {
      const read = kunitParse(ktapReport(runs));
      assert.equal(errors(read), 0);
      assert.deepEqual(statuses(read), wanted(runs));
      const boards = boardMatrices(runs);
      assert.deepEqual(
        read.subtests.map((one) => one.name),
        boards.map(({ label }) => label),
      );
      for (const [n, { cells }] of boards.entries())
        assert.sameMembers(
          leaves(read.subtests[n] ?? read).map((one) => one.name),
          cells.map(({ cell }) => cell.id),
        );
    }).skip(kunitMissing !== '', kunitMissing);

  test('a board that never answered has failed', ({ assert }) => {
    const read = kunitParse(ktapReport([sampleIommu(), sampleUnreachable()]));
    assert.equal(errors(read), 0);
    assert.equal(read.subtests[1]?.status, 'FAILURE');
    assert.include(read.subtests[1]?.log.join('\n'), 'Not complete: unreachable: ssh: ');
  }).skip(kunitMissing !== '', kunitMissing);

  test('nothing of a board’s making is a line of its own', ({ assert }) => {
    const named = ['cpu', 'encoder'].map((board) => ({ ...sampleNoIommu(), board }));
    const runs = [...TRAPS.map(sampleTrap), ...named, sampleNoIommu()];
    const read = kunitParse(ktapReport(runs));
    assert.equal(errors(read), 0);
    assert.deepEqual(statuses(read), wanted(runs));
    assert.lengthOf(read.subtests, runs.length);
    assert.equal(read.subtests.at(-1)?.name, 'sample-no-iommu');
    const ids = boardMatrices(runs).flatMap(({ cells }) => cells.map(({ cell }) => cell.id));
    assert.deepEqual(
      leaves(read)
        .map((one) => one.name)
        .sort(),
      ids.sort(),
    );
  }).skip(kunitMissing !== '', kunitMissing);
});

test.group('KTAP', () => {
  const text = ktapReport(sampleRuns());

  test('says what was seen of a failure, before it', ({ assert }) => {
    assert.match(
      text,
      /# crash at draw SIGSEGV: killed by SIGSEGV; cause: driver-crash \(told\)\n(?: +#.*\n)*? +# {3}draw {9}entered(?:.*\n)(?: +#.*\n)+? +# again: bufmatrix run sample-desk --cell egl-sample\/udmabuf\/egl:vkms\/XR24\/640x480\/0x0\n +not ok \d+ egl-sample\/udmabuf\/egl:vkms\/XR24\/640x480\/0x0\n/,
    );
    assert.match(text, /# {5}\[ {3}12\.345678\] videobuf2_dma_contig: vivid-000: contiguous chunk/);
  });

  test('tells what failed as expected from what passed', ({ assert }) => {
    assert.match(
      text,
      / ok \d+ encoder\/\S+ # XFAIL refused at qbuf EFAULT: VIDIOC_QBUF: EFAULT; cause: not-contiguous \(told\)\n/,
    );
    assert.match(text, / ok \d+ \S+ # SKIP unsupported at framebuffer: no rendering/);
    assert.match(text, /# Totals: pass:\d+ fail:65 xfail:\d+ xpass:0 skip:\d+ error:0\n$/);
  });

  test('shows a claim as skipped only', ({ assert }) => {
    const claims = ktapReport([sampleClaims()]);
    assert.notMatch(claims, /^ *not ok/m);
    for (const line of claims.match(/^ *ok .*$/gm) ?? []) assert.match(line, / # SKIP /);
    assert.include(claims, '# SKIP claimed, not measured: refused at prime-import with EINVAL');
  });

  test('has no control characters', ({ assert }) => {
    for (const trap of TRAPS) assert.notMatch(ktapReport([sampleTrap(trap)]), CONTROL);
  });
});
