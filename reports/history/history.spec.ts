import { test } from '@japa/runner';
import type { Environment } from '../gate/model.ts';
import { environment, tally } from '../gate/testing/sides.ts';
import { historyReport } from './build.ts';
import { HistoryReport, type Sighting } from './model.ts';
import { historyOf } from './stretches.ts';
import { historyText } from './text.ts';

const CELL = 'kms-primary/udmabuf/kms:contig_kms/NV12/640x480/0x0';
const EINVAL = 'refused/prime-import/EINVAL';

/** A run a day: what its attempts came to (nothing: not tried), and what it ran on. */
function days(
  ...all: readonly (readonly [string, Partial<Environment> | null])[]
): readonly Sighting[] {
  return all.map(([words, more], index) => ({
    run: `run-${index + 1}`,
    content: index === 0 ? null : `sha256:${index + 1}`,
    startedAt: `2026-11-0${index + 1}T10:00:00.000Z`,
    board: 'desk',
    cell: CELL,
    results: words === '' ? [] : words.split(' ').map((one) => tally(one)),
    why: words === '' ? 'filtered' : null,
    environment: more && environment(more),
  }));
}

test.group('history', () => {
  test('folds runs in which a cell came out alike, newest first, and says what came with a change', ({
    assert,
  }) => {
    const { stretches, untriedSince } = historyOf(
      days(
        ['pass', { kernel: '6.12.1' }],
        ['', { kernel: '6.12.5' }],
        ['pass', { kernel: '6.12.9' }],
        [EINVAL, { kernel: '7.0', cma: '32768 KiB' }],
        [EINVAL, { kernel: '7.1', cma: '32768 KiB' }],
      ),
    );
    assert.isNull(untriedSince);
    assert.lengthOf(stretches, 2);
    const [now, before] = stretches;
    assert.deepInclude(now, {
      from: { run: 'run-4', content: 'sha256:4', at: '2026-11-04T10:00:00.000Z' },
      to: { run: 'run-5', content: 'sha256:5', at: '2026-11-05T10:00:00.000Z' },
      runs: 2,
      untried: 0,
      kernels: ['7.0', '7.1'],
      results: [tally(EINVAL, 2)],
      changes: [
        { axis: 'kernel', before: '6.12.9', after: '7.0' },
        { axis: 'cma', before: '65536 KiB', after: '32768 KiB' },
      ],
    });
    assert.deepInclude(before, { runs: 2, untried: 1, changes: null });
    assert.deepEqual(before?.kernels, ['6.12.1', '6.12.9']);
  });

  test('a run that did not look at a part of its environment says nothing of it', ({ assert }) => {
    const { stretches } = historyOf(
      days(
        ['pass', { mesa: 'Mesa 25.0' }],
        ['pass', { mesa: null }],
        ['pass', null],
        [EINVAL, { mesa: null }],
        ['pass', { mesa: 'Mesa 26.1' }],
        [EINVAL, null],
      ),
    );
    assert.deepEqual(
      stretches.map(({ changes }) => changes),
      [null, [{ axis: 'mesa', before: 'Mesa 25.0', after: 'Mesa 26.1' }], [], null],
    );
  });

  test('another errno, stage or luck is another stretch, and how often alone is none', ({
    assert,
  }) => {
    const count = (...words: readonly string[]) =>
      historyOf(days(...words.map((one) => [one, {}] as const))).stretches.length;
    assert.equal(count('pass', 'lucky'), 2);
    assert.equal(count(EINVAL, 'refused/prime-import/EFAULT'), 2);
    assert.equal(count(EINVAL, 'refused/addfb2/EINVAL'), 2);
    assert.equal(count(`pass ${EINVAL}`, `${EINVAL} pass`), 1);
    assert.equal(count(`pass ${EINVAL}`, 'pass'), 2);
  });

  test('a cell that is no longer tried says so, and keeps what was seen', ({ assert }) => {
    const { stretches, untriedSince } = historyOf(days(['pass', {}], ['', {}], ['', {}]));
    assert.deepEqual(untriedSince, { runs: 2, why: 'filtered' });
    assert.deepInclude(stretches[0], { runs: 1, untried: 0 });
    assert.deepEqual(historyOf(days(['', {}])), {
      stretches: [],
      untriedSince: { runs: 1, why: 'filtered' },
    });
  });

  test('is text of 80 columns that names suspects and folds cells that are alike', ({ assert }) => {
    const seen = days(
      ['pass', {}],
      [EINVAL, { cmdline: 'console=ttyS0 cma=32M', profile: `desk ${'ab'.repeat(32)}` }],
      ['pass', { cmdline: 'console=ttyS0 cma=32M', profile: `desk ${'ab'.repeat(32)}` }],
      ['', {}],
    );
    const all = [...seen, ...seen.map((one) => ({ ...one, cell: `${CELL}b` }))];
    const report = HistoryReport.parse(historyReport('*', all, []));
    assert.equal(
      historyText(report),
      `${CELL} on desk +1 more
  not tried in the last run: filtered
  since 2026-11-03 10:00: pass (1 run)
      run-3
      kernel 6.12.94 #1 SMP aarch64
      came with no change of anything that runs record (chance, or the state of
        the board)
  2026-11-02 10:00: refused at prime-import EINVAL (1 run)
      run-2
      kernel 6.12.94 #1 SMP aarch64
      came with a change of:
        cmdline: +cma=32M
        profile: desk 00 -> desk abababababab
  2026-11-01 10:00: pass (1 run)
      run-1
      kernel 6.12.94 #1 SMP aarch64
`,
    );
    const hostile = seen.map((one) => ({
      ...one,
      environment: environment({ kernel: '\x1b[2J\u202e' }),
    }));
    const text = historyText(historyReport('*', hostile, []));
    assert.isFalse(text.includes('\x1b') || text.includes('\u202e'));
  });

  test('keeps boards apart', ({ assert }) => {
    const seen = days(['pass', {}]);
    const report = historyReport(
      '*',
      [...seen, ...seen.map((one) => ({ ...one, board: 'a' }))],
      [],
    );
    assert.deepEqual(
      report.histories.map(({ board }) => board),
      ['a', 'desk'],
    );
  });
});
