import { test } from '@japa/runner';
import fc from 'fast-check';
import { OUTCOMES } from '../suites/record.ts';
import { isVirtual, kindOf } from './environment.ts';
import { foldCells } from './fold.ts';
import { GLYPHS, worst } from './glyphs.ts';
import { boardMatrices, boardMatrix, slotOf } from './matrix.ts';
import type { BoardRun } from './model.ts';
import { overviewOf } from './overview.ts';
import { sampleDesk, sampleExpected, sampleNoIommu, sampleRuns } from './testing/sample.ts';
import { sampleRecord } from './testing/sample-record.ts';

const base = sampleNoIommu({ formats: ['XR24'], backends: ['udmabuf', 'gbm:vkms'], repeat: 2 });

/** Records of some cells, in part of cells that the plan lacks, in any order. */
const records = fc
  .array(
    fc.record({
      cell: fc.constantFrom(...base.plan.cells, ...base.plan.cells.slice(0, 3).map(stranger)),
      outcome: fc.constantFrom(...OUTCOMES),
      attempt: fc.integer({ min: 1, max: 3 }),
      lucky: fc.boolean(),
      us: fc.integer({ min: 0, max: 5 }),
    }),
    { maxLength: 40 },
  )
  .map((rows) => rows.map(({ cell, ...over }) => ({ ...sampleRecord(base.board, cell), ...over })));

function stranger(cell: (typeof base.plan.cells)[number]) {
  return { ...cell, id: `${cell.id}-not-planned`, format: 'YU12' };
}

const runOf = (some: BoardRun['records']): BoardRun => ({ ...base, records: some });

test.group('fold', () => {
  test('keeps every planned and every recorded cell, each once', ({ assert }) => {
    fc.assert(
      fc.property(records, (some) => {
        const ids = foldCells(runOf(some)).map(({ cell }) => cell.id);
        const wanted = new Set(
          [...base.plan.cells, ...some.map(({ cell: id }) => ({ id }))].map(({ id }) => id),
        );
        assert.lengthOf(ids, wanted.size);
        assert.sameMembers(ids, [...wanted]);
      }),
    );
  });

  test('does not depend on the order of the records', ({ assert }) => {
    fc.assert(
      fc.property(records, fc.infiniteStream(fc.nat()), (some, numbers) => {
        const shuffled = some
          .map((record) => ({ record, at: numbers.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ record }) => record);
        assert.deepEqual(foldCells(runOf(shuffled)), foldCells(runOf(some)));
      }),
    );
  });

  test('counts add up, and every cell has its place in both tables', ({ assert }) => {
    fc.assert(
      fc.property(records, (some) => {
        const matrix = boardMatrix(runOf(some));
        const sum = [...matrix.counts.states.values()].reduce((a, b) => a + b, 0);
        assert.equal(sum, matrix.counts.total);
        assert.equal(matrix.counts.total, matrix.cells.length);
        const placed = matrix.rows.flatMap((row) =>
          matrix.groups.flatMap((group) =>
            group.formats.flatMap((format) => matrix.slot(row, group, format)?.cells ?? []),
          ),
        );
        assert.sameMembers(placed, [...matrix.cells]);
        const across = overviewOf([matrix]).sections.flatMap(({ lines }) =>
          lines.flatMap(({ slots }) => [...slots.values()].flatMap(({ cells }) => cells)),
        );
        assert.sameMembers(across, [...matrix.cells]);
      }),
    );
  });

  test('a cell without a record is not-run, unexpected, and never a pass', ({ assert }) => {
    fc.assert(
      fc.property(records, (some) => {
        const recorded = new Set(some.map(({ cell }) => cell));
        for (const entry of foldCells(runOf(some))) {
          if (recorded.has(entry.cell.id)) continue;
          assert.equal(entry.state, 'not-run');
          assert.isFalse(entry.expected);
          assert.equal(entry.missing, 2);
        }
      }),
    );
  });

  test('attempts with different outcomes are flaky, others have their outcome', ({ assert }) => {
    fc.assert(
      fc.property(records, (some) => {
        for (const entry of foldCells(runOf(some))) {
          const seen = entry.attempts.map(({ record }) => record.outcome);
          const outcomes = new Set(seen.filter((outcome) => outcome !== 'not-run'));
          assert.equal(entry.state === 'flaky', outcomes.size > 1);
          assert.equal(entry.passes, seen.filter((outcome) => outcome === 'pass').length);
          const [only] = outcomes;
          if (outcomes.size === 1 && only)
            assert.equal(entry.state === 'lucky' ? 'pass' : entry.state, only);
        }
      }),
    );
  });

  test('a cell is as expected when all attempts are there and each is, and no other', ({
    assert,
  }) => {
    fc.assert(
      fc.property(records, (some) => {
        const run = runOf(some);
        const matrix = boardMatrix(run);
        for (const { expected, attempts, planned } of matrix.cells)
          assert.equal(
            expected,
            attempts.length >= (planned ? run.plan.repeat : 0) &&
              attempts.every(({ expectation }) => expectation.expected),
          );
        const bad = matrix.cells.filter(({ expected }) => !expected).length;
        assert.equal(matrix.counts.unexpected, bad);
      }),
    );
  });

  test('attempts that are missing are forgiven where the board was lost in the cell', ({
    assert,
  }) => {
    const cell = base.plan.cells[0] ?? never();
    const end = { kind: 'board-lost', why: 'no answer' } as const;
    const lost = { ...sampleRecord('b', cell), outcome: 'crash' as const, end };
    const run = { ...base, records: [lost], expected: () => ({ expected: true, why: '' }) };
    assert.isTrue(foldCells(run)[0]?.expected);
    assert.deepInclude(foldCells({ ...run, records: [sampleRecord('b', cell)] })[0], {
      expected: false,
      why: '1 attempts never reported',
    });
  });

  test('a filtered cell is told apart from one that was lost', ({ assert }) => {
    const run = { ...base, records: [], incomplete: 'lost: no answer' };
    const cells = run.plan.cells.map((cell, n) => ({ ...cell, skip: n ? null : 'filtered' }));
    const [first, second] = foldCells({ ...run, plan: { ...run.plan, cells } });
    assert.deepInclude(first, {
      state: 'filtered',
      expected: true,
      reason: 'filtered',
      missing: 0,
    });
    assert.deepInclude(second, { state: 'not-run', reason: 'no record; lost: no answer' });
  });

  test('an attempt that did not run hides none that did, and is not forgotten', ({ assert }) => {
    const cell = base.plan.cells[0] ?? never();
    const broken = { ...sampleRecord('b', cell), outcome: 'not-run' as const };
    const entry = foldCells({ ...base, records: [broken, sampleRecord('b', cell)] })[0];
    assert.deepInclude(entry, { state: 'pass', tried: 1, missing: 1, expected: false });
    assert.lengthOf(entry?.attempts ?? [], 2);
  });
});

test.group('matrix', () => {
  test('a place shows the worse of its sizes and keeps both', ({ assert }) => {
    const matrix = boardMatrix(sampleNoIommu());
    const row = matrix.rows.find(({ label }) => label === 'udmabuf');
    const group = matrix.groups.find(({ importer }) => importer === 'kms:contig_kms');
    const slot = row && group && matrix.slot(row, group, 'NV12');
    assert.deepInclude(slot, { state: 'refused', differ: true, unexpected: 0 });
    assert.deepEqual(
      slot?.cells.map(({ cell, state }) => [cell.width, state]),
      [
        [640, 'lucky'],
        [1920, 'refused'],
      ],
    );
  });

  test('what a filter left out does not hide what ran', ({ assert }) => {
    const cells = foldCells(sampleNoIommu());
    const pass = cells.find(({ state }) => state === 'pass');
    const filtered = cells.find(({ state }) => state === 'filtered');
    if (!pass || !filtered) throw new Error('the sample lacks a state');
    assert.equal(slotOf([filtered, pass]).state, 'pass');
    assert.equal(slotOf([filtered]).state, 'filtered');
  });

  test('backends that were asked for two layouts have a row each', ({ assert }) => {
    assert.deepEqual(
      boardMatrix(sampleNoIommu()).rows.map(({ label }) => label),
      [
        'udmabuf',
        'udmabuf-scattered',
        'heap:reserved',
        'heap:system',
        'dumb:contig_kms',
        'gbm:vkms (linear)',
        'gbm:vkms (own layout)',
      ],
    );
  });

  test('one board in two runs keeps both, told apart by the run', ({ assert }) => {
    const run = sampleNoIommu();
    const later = { ...run, run: { ...run.run, id: 'later' } };
    assert.deepEqual(
      boardMatrices([run, later, sampleDesk()]).map(({ label }) => label),
      ['sample-no-iommu (20261123-101500-sample)', 'sample-no-iommu (later)', 'sample-desk'],
    );
  });

  test('across boards, one importer of several boards stands side by side', ({ assert }) => {
    const section = overviewOf(boardMatrices(sampleRuns())).sections.find(
      ({ suite }) => suite === 'kms-primary',
    );
    assert.deepEqual(
      section?.lines.map(({ importer, board }) => `${importer} ${board.label}`),
      ['kms:contig_kms', 'kms:vkms'].flatMap((importer) =>
        ['no-iommu', 'iommu', 'desk'].map((name) => `${importer} sample-${name}`),
      ),
    );
  });

  test('a guest that was reached over ssh is not called hardware', ({ assert }) => {
    assert.equal(kindOf(sampleDesk()), 'hardware');
    assert.equal(kindOf(sampleNoIommu()), 'virtual board (QEMU), real kernel and drivers');
    const guest = { ...sampleNoIommu(), virtual: false };
    assert.equal(kindOf(guest), 'virtual machine (QEMU), real kernel and drivers');
    assert.isTrue(isVirtual(guest));
  });

  test('every state has a letter of its own, and the worst is found', ({ assert }) => {
    assert.lengthOf([...new Set(GLYPHS.map(({ letter }) => letter))], GLYPHS.length);
    assert.equal(worst(['pass', 'refused', 'lucky']), 'refused');
    assert.equal(worst([]), 'not-run');
    assert.isTrue(sampleExpected(sampleRecord('b', base.plan.cells[0] ?? never())).expected);
  });
});

function never(): never {
  throw new Error('the sample has no cells');
}
