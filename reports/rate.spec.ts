import { test } from '@japa/runner';
import { type Claim, claimWords } from '../suites/claim.ts';
import type { CellRecord } from '../suites/record.ts';
import { foldCells } from './fold.ts';
import { claim } from './gate/testing/sides.ts';
import { htmlReport } from './html/index.ts';
import type { BoardRun } from './model.ts';
import { contradictions, type RateSeen, shareWords } from './rate.ts';
import { terminalReport } from './terminal.ts';
import { sampleNoIommu } from './testing/sample.ts';
import { sampleRecord } from './testing/sample-record.ts';

const RATE = { min: 0.6, max: 0.95 };
const seen = (hits: number, tries: number, rate = RATE): RateSeen => ({
  claim: claim({ rate }),
  rate,
  share: { hits, tries },
});
const against = (...all: readonly RateSeen[]) => contradictions(new Map(all.entries()), 0.05);

test.group('rates', () => {
  test('few attempts contradict nothing, more do, beyond the end that they lie beyond', ({
    assert,
  }) => {
    assert.equal(against(seen(0, 1), seen(1, 1)).size, 0);
    assert.equal(against(seen(0, 3)).size, 0);
    // 2 x 0.4^5 is 0.0205; of four attempts it is 0.0512. 2 x 0.95^72 is 0.0498.
    assert.equal(against(seen(0, 4)).size, 0);
    assert.deepInclude(against(seen(0, 5)).get(0), { end: 'min', tests: 2 });
    assert.closeTo(against(seen(0, 5)).get(0)?.p ?? 0, 2 * 0.4 ** 5, 1e-12);
    assert.equal(against(seen(71, 71)).size, 0);
    assert.deepInclude(against(seen(72, 72)).get(0), { end: 'max' });
    assert.equal(against(seen(50, 50, { min: 0.6, max: 1 })).size, 0);
    assert.equal(against(seen(0, 50, { min: 0, max: 1 })).size, 0);
  });

  test('an end that no share can lie beyond is no test', ({ assert }) => {
    assert.equal(against(seen(0, 5, { min: 0.6, max: 1 })).get(0)?.tests, 1);
    // 0.4^4 is 0.0256: enough alone, and not beside another.
    assert.equal(against(seen(0, 4, { min: 0.6, max: 1 })).size, 1);
    assert.equal(against(...Array.from({ length: 2 }, () => seen(3, 4)), seen(0, 4)).size, 0);
  });

  test('contradicts rates that are right in no more than one run of twenty', ({ assert }) => {
    let seed = 12345;
    const random = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return seed / 2 ** 32;
    };
    const runs = 4000;
    let alarms = 0;
    let found = 0;
    for (let run = 0; run < runs; run += 1) {
      const cells = [RATE, { min: 0.5, max: 0.5 }, { min: 0, max: 0.2 }].map((rate, index) => {
        // At the end of each interval, where an alarm is likeliest.
        const truth = [rate.min, 0.5, rate.max][index] ?? 0;
        const hits = Array.from({ length: 30 }, random).filter((draw) => draw < truth).length;
        return seen(hits, 30, rate);
      });
      if (against(...cells).size > 0) alarms += 1;
      const fallen = Array.from({ length: 30 }, random).filter((draw) => draw < 0.2).length;
      if (against(...cells, seen(fallen, 30)).has(3)) found += 1;
    }
    assert.isAtMost(alarms / runs, 0.05);
    assert.isAbove(alarms / runs, 0.01);
    assert.isAbove(found / runs, 0.9);
  });

  test('says what came, and what was expected', ({ assert }) => {
    assert.equal(shareWords(seen(14, 20)), '14 of 20 passed, as expected: 60 to 95 %');
    const fell = seen(3, 20, { min: 0.6, max: 1 });
    assert.equal(
      shareWords(fell, against(fell).get(0)),
      '3 of 20 passed, expected at least 60 %: p <0.0001',
    );
    const refusals: RateSeen = {
      ...seen(12, 20, { min: 0, max: 0.25 }),
      claim: claim({ outcome: ['refused'], stage: ['qbuf'], rate: { min: 0, max: 0.25 } }),
    };
    assert.equal(
      shareWords(refusals, { end: 'max', p: 0.0034, tests: 7 }),
      '12 of 20 refused at qbuf, expected at most 25 %: p 0.0034 (corrected for 7 tests)',
    );
    assert.equal(claimWords(refusals.claim), 'refused at qbuf in at most 25 % of attempts');
    assert.equal(
      claimWords(claim({ orLucky: true, rate: { min: 0, max: 1 } })),
      'pass, or a lucky pass in any share of attempts',
    );
  });
});

test.group('a cell with a rate', () => {
  const base = sampleNoIommu();
  const [cell] = base.plan.cells;
  if (!cell) throw new Error('the sample has no cell');
  const { skip: _, witness: __, ...plain } = cell;

  /** A run of the cell with so many passes and other attempts. */
  function runOf(passes: number, others: Partial<CellRecord>[], known: Claim): BoardRun {
    const one = { ...sampleRecord('b', plain), outcome: 'pass' as const, lucky: false };
    const made = [...Array.from({ length: passes }, () => ({})), ...others];
    const records = made.map((more, index) => ({ ...one, ...more, attempt: index + 1 }));
    const plan = { ...base.plan, cells: [{ ...plain, skip: null }], repeat: made.length };
    const expected = () => ({ expected: true, why: 'an attempt alone', reason: 'it is known' });
    return { ...base, plan, records, expected, claimOf: () => known };
  }
  const folded = (...how: Parameters<typeof runOf>) => foldCells(runOf(...how))[0];
  const refused = { outcome: 'refused', stage: 'alloc', errno: 'EINVAL' } as const;
  const known = claim({ rate: RATE, reason: 'it is known' });

  test('is as expected as long as its attempts together do not contradict it', ({ assert }) => {
    assert.deepInclude(folded(14, new Array(6).fill(refused), known), {
      state: 'flaky',
      expected: true,
      why: '14 of 20 passed, as expected: 60 to 95 %',
      expectReason: 'it is known',
    });
    assert.deepInclude(folded(0, [refused], known), { expected: true });
    assert.deepInclude(folded(3, new Array(17).fill(refused), known), {
      expected: false,
      why: '3 of 20 passed, expected at least 60 %: p <0.0001 (corrected for 2 tests)',
    });
  });

  test('has what was expected beside it, whether it is as expected or not', ({ assert }) => {
    const fine = runOf(14, new Array(6).fill(refused), known);
    const fell = runOf(3, new Array(17).fill(refused), known);
    const note = '(14 of 20 passed, as expected: 60 to 95 %)';
    const told = '3 of 20 passed, expected at least 60 %: p &lt;0.0001';
    assert.include(terminalReport([fine], { columns: 300 }), note);
    assert.include(htmlReport([fine]), note);
    assert.include(htmlReport([fell]), told);
    const text = terminalReport([fell], { columns: 300 });
    assert.include(text, told.replace('&lt;', '<'));
    assert.include(text, '1 NOT AS EXPECTED');
  });

  test('counts no attempt that was not made, and no lucky pass', ({ assert }) => {
    const notRun = { outcome: 'not-run', stage: null, errno: null } as const;
    assert.equal(folded(3, [notRun, notRun], known)?.why, '3 of 3 passed, as expected: 60 to 95 %');
    assert.equal(
      folded(3, [{ lucky: true }], known)?.why,
      '3 of 4 passed, as expected: 60 to 95 %',
    );
  });

  test('without a rate is judged by each attempt alone', ({ assert }) => {
    const always = claim();
    assert.deepInclude(folded(0, new Array(20).fill(refused), always), {
      expected: true,
      why: 'an attempt alone',
    });
  });
});
