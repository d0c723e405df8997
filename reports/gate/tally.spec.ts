import { test } from '@japa/runner';
import fc from 'fast-check';
import { contiguousDisplay, factsFixture, type Say } from '../../policies/testing/facts.ts';
import type { Plan } from '../../suites/plan.ts';
import type { CellRecord } from '../../suites/record.ts';
import { boardTally } from './tally.ts';

const lucky: Say = (cell) =>
  cell.backend === 'udmabuf'
    ? { outcome: 'pass', stage: null, errno: null }
    : contiguousDisplay(cell);
const facts = factsFixture(lucky);
const cells: Plan['cells'] = facts.records.map(({ cell, importer, ...record }) => ({
  id: cell,
  suite: record.suite,
  backend: record.backend,
  importer: importer && { kind: importer.kind, driver: importer.driver },
  format: record.format,
  width: record.width,
  height: record.height,
  modifier: record.modifier,
  skip: null,
}));

function tallied(records: readonly CellRecord[], repeat = 1) {
  const tally = boardTally({ cells, repeat });
  const taken = records.map((record) => tally.add(record));
  return { taken, cells: tally.done() };
}

test.group('gate: counting records', () => {
  test('says of every record what it says itself, luck included, in whatever order', ({
    assert,
  }) => {
    assert.isNotEmpty(facts.records.filter((record) => record.lucky));
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...facts.records], { minLength: facts.records.length }),
        (all) => {
          const found = tallied(all).cells;
          assert.equal(found.size, all.length);
          for (const { cell, outcome, stage, errno, lucky } of all)
            assert.deepEqual(found.get(cell), {
              results: [{ outcome, stage, errno, lucky, attempts: 1 }],
              untried: 0,
              why: null,
            });
        },
      ),
      { numRuns: 10 },
    );
  });

  test('counts passes together that cannot be luck, and that might have been but were not', ({
    assert,
  }) => {
    const found = facts.records.find(
      ({ backend, suite, buffer }) => backend === 'heap:system' && suite === 'egl-sample' && buffer,
    );
    if (!found?.buffer) throw new Error('no record');
    const contiguous = { ...found, attempt: 2, buffer: { ...found.buffer, exporter: 'reserved' } };
    const cell = tallied([found, contiguous], 2).cells.get(found.cell);
    assert.deepEqual(cell?.results, [
      { outcome: 'pass', stage: null, errno: null, lucky: false, attempts: 2 },
    ]);
  });

  test('counts an attempt once, and what was not tried', ({ assert }) => {
    const [first] = facts.records;
    if (!first) throw new Error('no record');
    for (const attempt of [1, 30, 31, 32, 1_000_000])
      assert.deepEqual(
        tallied([
          { ...first, attempt },
          { ...first, attempt },
          { ...first, attempt: attempt + 1 },
        ]).taken,
        [true, false, true],
      );
    const far = [1, 2, 33, 34, 65].map((attempt) => ({ ...first, attempt }));
    assert.deepEqual(tallied(far).taken, [true, true, true, true, true]);
    const never: CellRecord = { ...first, end: { kind: 'never', why: 'the board was lost' } };
    const { cells: found } = tallied([never], 3);
    assert.deepEqual(found.get(first.cell), {
      results: [],
      untried: 3,
      why: 'the board was lost',
    });
    const none = [...found.values()].filter(({ why }) => why === 'planned, but no record of it');
    assert.lengthOf(none, cells.length - 1);
  });

  test('counted in parts and put together they are the same, and no attempt is there twice', ({
    assert,
  }) => {
    const split = fc.nat({ max: facts.records.length });
    const order = fc.shuffledSubarray([...facts.records], { minLength: facts.records.length });
    const attempt = fc.constantFrom(1, 2, 30, 31, 500);
    fc.assert(
      fc.property(order, split, attempt, attempt, (all, at, first, second) => {
        const again = all.slice(0, 9).map((record) => ({ ...record, attempt: second }));
        const records = [...all.map((record) => ({ ...record, attempt: first })), ...again];
        const whole = boardTally({ cells, repeat: 2 });
        const taken = records.map(whole.add).every(Boolean);
        const parts = [records.slice(0, at), records.slice(at)].map((part, index) => {
          // A thread does not know the plan.
          const tally = boardTally(index ? { cells: [], repeat: 1 } : { cells, repeat: 2 });
          return { tally, taken: part.map(tally.add).every(Boolean) };
        });
        const [one, other] = parts;
        if (!one || !other) throw new Error('no parts');
        const joined = one.tally.join(structuredClone(other.tally.count));
        assert.equal(joined && one.taken && other.taken, taken);
        if (taken) assert.deepEqual([...one.tally.done()], [...whole.done()]);
      }),
      { numRuns: 60 },
    );
  });
});
