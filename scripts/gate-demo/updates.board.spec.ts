import { test } from '@japa/runner';
import { cli, scratch } from '../../bin/testing/cli.ts';
import { GateReport, type Kind } from '../../reports/gate/model.ts';
import { BOARD, type BothSides, gateOf, labOf, resultsIn, runBoth } from './both-sides.ts';
import { offeredSeries, type Part, updatesOf } from './updates.ts';

/** A kernel and a root file system may have to be built first. */
const BUILT_MS = 45 * 60_000;

/** The newest update that may show it, run on both sides. */
async function updated(part: Part, folder: string): Promise<BothSides> {
  const offered = await offeredSeries(part);
  const [update] = updatesOf(part, offered);
  if (!update) throw new Error(`Debian's suites have no ${part} before and after: ${offered}`);
  return runBoth(update, folder, (args) => cli(args, folder));
}

async function gated(folder: string, args: readonly string[]) {
  const { code, stdout, stderr } = await cli([...args, '--json'], folder);
  if (code > 1) throw new Error(`exit code ${code}: ${stderr}`);
  return { code, report: GateReport.parse(JSON.parse(stdout)) };
}

/** Cells of one kind of change. */
const cellsOf = ({ transitions }: GateReport, kind: Kind): string[] =>
  transitions.filter((one) => one.kind === kind).flatMap(({ cells }) => cells);

test.group('a real update of a virtual board', (group) => {
  let folder = '';
  group.each.setup(() => {
    const made = scratch();
    folder = made.folder;
    return made.remove;
  });

  test('of the kernel: vkms learns YUV formats, and the CMA heap has a second name', async ({
    assert,
  }) => {
    const { update, before, after } = await updated('kernel', folder);
    const once = await gated(folder, gateOf('kernel', before, after));
    const told = cellsOf(once.report, 'fixed-unconfirmed');
    const learnt = told.filter((id) => /^kms-.*\/(NV12|YU12)\//.test(id));
    assert.isAtLeast(learnt.length, 12);
    assert.sameMembers(told, learnt, 'and nothing else is fixed');
    assert.equal(once.code, 0, JSON.stringify(once.report.transitions, null, 1));

    const out = ['--out', resultsIn(folder)];
    const sure = await gated(folder, [...gateOf('kernel', before, after), '--confirm', ...out]);
    assert.equal(sure.code, 0);
    assert.sameMembers(cellsOf(sure.report, 'fixed'), learnt);
    assert.deepInclude(sure.report.confirmation, {
      cells: learnt.length,
      confirmed: learnt.length,
      open: 0,
    });
    // Backwards the same cells stop, though the profile says why they fail there.
    const back = await gated(folder, gateOf('kernel', after, before));
    assert.equal(back.code, 1);
    assert.sameMembers(
      back.report.transitions.filter(({ stops }) => stops).flatMap(({ cells }) => cells),
      [...learnt, ...cellsOf(back.report, 'missing')],
    );

    // The lab file of the other side: no cell is tried on a board that is not as it was.
    const lab = labOf('kernel', update.after, folder);
    const wrong = await cli(
      [...gateOf('kernel', before, after), '--baseline-lab', lab, ...out],
      folder,
    );
    assert.equal(wrong.code, 2, wrong.stdout);
    assert.match(wrong.stderr, /updated is not as it was in the baseline: its kernel is 7/);
    assert.notMatch(wrong.stderr, / 1\/\d+ /, 'no progress of a cell');

    const { differences, transitions } = once.report;
    const heaps = differences.find(({ axis }) => axis === 'heaps');
    assert.deepInclude(heaps, { role: 'follows', baseline: 'reserved system' });
    assert.include(heaps?.candidate ?? '', 'default_cma_region');
    const fresh = transitions.filter(({ kind }) => kind === 'new-cell');
    assert.isTrue(
      fresh.every(({ cells }) => cells.every((id) => id.includes('heap:default_cma_region'))),
    );
    const policy = ['--policy', 'libcamera-0.7.2', '--use-case', 'viewfinder-kms'];
    const finding = await cli(['policy', 'check', ...policy, '--board', BOARD, ...out], folder);
    assert.match(
      finding.stdout.replace(/\s+/g, ' '),
      /libcamera-0\.7\.2 knows default_cma_region only as reserved; on a kernel without the old name it silently comes to heap:system/,
    );
  }).timeout(BUILT_MS);

  test('of Mesa: imports through a GBM node crash no more, and must not crash again', async ({
    assert,
  }) => {
    const { before, after } = await updated('mesa', folder);
    const on = await gated(folder, gateOf('mesa', before, after));
    assert.equal(on.code, 0, JSON.stringify(on.report.transitions, null, 1));
    const fixed = on.report.transitions.filter(({ kind }) => kind === 'fixed');
    const cells = fixed.flatMap((one) => one.cells);
    assert.include(cells, 'egl-sample/udmabuf/egl:vkms/XR24/640x480/0x0');
    for (const { from, to } of fixed) {
      assert.deepInclude(from.results[0], { outcome: 'crash', errno: 'SIGSEGV', attempts: 6 });
      assert.deepEqual(
        to.results.map(({ outcome, attempts }) => [outcome, attempts]),
        [['pass', 6]],
      );
    }
    const back = await gated(folder, gateOf('mesa', after, before));
    assert.equal(back.code, 1, 'the merge is stopped');
    assert.sameMembers(cellsOf(back.report, 'new-failure'), cells);
    assert.isTrue(back.report.transitions.every(({ stops, known }) => stops && !known));
    const bisected = await cli([...gateOf('mesa', after, before), '--bisect'], folder);
    assert.equal(bisected.code, 1);
  }).timeout(BUILT_MS);
});
