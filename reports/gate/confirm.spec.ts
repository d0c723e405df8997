import { test } from '@japa/runner';
import { compareSides, type GateOptions } from './compare.ts';
import { type Again, attemptsAgain, unsettledCells } from './confirm.ts';
import type { GateCell, GateReport, GateSide } from './model.ts';
import { contradictions } from './same-environment.ts';
import { fisher } from './statistics.ts';
import { cell, claim, environment, side, tally } from './testing/sides.ts';
import { gateText } from './text.ts';
import { verdictOf } from './verdict.ts';

const options: GateOptions = {
  varies: [],
  alpha: 0.05,
  failOn: ['new-failure', 'unconfirmed'],
  anyway: false,
};
const REFUSED = 'refused/prime-import/EINVAL';

/** A cell that passes in that many of so many attempts. */
function passing(hits: number, tries: number): GateCell {
  const passes = hits > 0 ? [tally('pass', hits)] : [];
  const refusals = hits < tries ? [tally(REFUSED, tries - hits)] : [];
  return cell(...passes, ...refusals);
}

/** Both looks at cells of which each has a first and a second pair of sides. */
function twoLooks(
  first: readonly [GateSide, GateSide],
  second: readonly [GateSide, GateSide],
  attempts: number,
): GateReport {
  const look = compareSides(...first, { ...options, confirm: 'wanted' });
  const [baseline, candidate] = second;
  const again: Again = { baseline, candidate, cells: unsettledCells(look), attempts };
  return compareSides(...first, { ...options, confirm: again });
}

/** One cell: `[before, after]` of the first look, then of the second. */
function kindAfter(
  first: readonly [GateCell, GateCell],
  second: readonly [GateCell, GateCell],
): string | undefined {
  const sides = ([a, b]: readonly [GateCell, GateCell]) =>
    [side({ one: a }), side({ one: b })] as const;
  return twoLooks(sides(first), sides(second), 6).transitions[0]?.kind;
}

const ONCE = [cell(tally('pass')), cell(tally(REFUSED))] as const;

test.group('gate: cells that are tried again', () => {
  test('a failure that stays is new, one that goes away is a flake', ({ assert }) => {
    assert.equal(kindAfter(ONCE, [passing(6, 6), passing(0, 6)]), 'new-failure');
    assert.equal(kindAfter(ONCE, [passing(6, 6), passing(6, 6)]), 'flaky');
    assert.equal(kindAfter(ONCE, [passing(0, 6), passing(0, 6)]), 'steady-failing');
    const back = [ONCE[1], ONCE[0]] as const;
    assert.equal(kindAfter(back, [passing(0, 6), passing(6, 6)]), 'fixed');
    assert.equal(kindAfter(back, [passing(0, 6), passing(0, 6)]), 'flaky-failing');
  });

  test('what a second look shows the other way round is called by the second look', ({
    assert,
  }) => {
    assert.equal(kindAfter(ONCE, [passing(0, 6), passing(6, 6)]), 'fixed');
  });

  test('a failure that is seen again, and never before, stays open however rare it is', ({
    assert,
  }) => {
    assert.equal(kindAfter(ONCE, [passing(6, 6), passing(4, 6)]), 'unconfirmed');
    const crashes = (times: number) =>
      cell(tally(REFUSED, 6 - times), tally('crash/draw/SIGSEGV', times));
    const harm = [cell(tally(REFUSED)), cell(tally('crash/draw/SIGSEGV'))] as const;
    assert.equal(kindAfter(harm, [cell(tally(REFUSED, 6)), crashes(2)]), 'unconfirmed');
    assert.equal(kindAfter(harm, [cell(tally(REFUSED, 6)), cell(tally(REFUSED, 6))]), 'flaky');
    const back = [ONCE[1], ONCE[0]] as const;
    assert.equal(kindAfter(back, [passing(4, 6), passing(6, 6)]), 'fixed-unconfirmed');
    assert.equal(kindAfter(back, [passing(0, 6), passing(2, 6)]), 'flaky-failing');
  });

  test('too few attempts leave it open, and none at all as well', ({ assert }) => {
    assert.equal(kindAfter(ONCE, [passing(2, 2), passing(0, 2)]), 'unconfirmed');
    const none = cell();
    const report = twoLooks(
      [side({ one: ONCE[0] }), side({ one: ONCE[1] })],
      [side({ one: none }), side({ one: passing(0, 6) })],
      6,
    );
    assert.equal(report.transitions[0]?.kind, 'unconfirmed');
    assert.isNull(report.transitions[0]?.again);
    assert.isTrue(report.untried, 'a bisection cannot tell');
    const once = compareSides(side({ one: ONCE[0] }), side({ one: ONCE[1] }), options);
    assert.equal(report.attemptsToConfirm, once.attemptsToConfirm, 'of one look with all of alpha');
    assert.include(gateText(once), '--confirm');
    assert.notInclude(gateText(report), '--confirm', 'which was done');
  });

  test('a board that fails in it is the lab’s failure, whatever else is found', ({ assert }) => {
    const first = [side({ one: ONCE[0] }), side({ one: ONCE[1] })] as const;
    const lost = { incomplete: 'lost: no answer' };
    for (const [role, second] of Object.entries({
      baseline: [side({}, lost), side({ one: passing(0, 6) })] as const,
      candidate: [side({ one: passing(6, 6) }), side({ one: passing(0, 6) }, lost)] as const,
    })) {
      const report = twoLooks(first, second, 6);
      assert.equal(verdictOf(report), 'lab');
      const [only, ...rest] = report.missingBoards;
      assert.deepInclude(only, { why: `the ${role} again: lost: no answer`, cells: 1 });
      assert.lengthOf(rest, 0);
    }
  });

  test('the attempts by which a cell was picked out prove nothing', ({ assert }) => {
    // 4 against 4 would do among few cells; the second look says that there is nothing.
    const picked = [passing(3, 3), passing(0, 3)] as const;
    const report = twoLooks(
      [side({ one: picked[0] }), side({ one: picked[1] })],
      [side({ one: passing(5, 6) }), side({ one: passing(4, 6) })],
      6,
    );
    // 8 of 9 against 4 of 9: a flaky cell that flaked.
    assert.deepEqual(report.transitions, []);
    assert.deepInclude(report.confirmation, { cells: 1, confirmed: 0, open: 0 });
  });

  test('only the second look is tested, all attempts are shown', ({ assert }) => {
    const report = twoLooks(
      [side({ one: passing(3, 3) }), side({ one: passing(0, 3) })],
      [side({ one: passing(6, 6) }), side({ one: passing(1, 6) })],
      6,
    );
    const [only] = report.transitions;
    assert.equal(only?.p, fisher({ hits: 6, tries: 6 }, { hits: 1, tries: 6 }));
    assert.equal(only?.kind, 'new-failure');
    assert.deepInclude(only?.from.held, { hits: 9, tries: 9 });
    assert.deepInclude(only?.to.held, { hits: 1, tries: 9 });
    assert.equal(only?.again, 6);
    assert.deepInclude(report.confirmation, { cells: 1, confirmed: 1, open: 0 });
  });

  test('cells that are settled already are not touched', ({ assert }) => {
    const first = [side({ one: passing(9, 9) }), side({ one: passing(0, 9) })] as const;
    const look = compareSides(...first, { ...options, confirm: 'wanted' });
    assert.equal(look.transitions[0]?.kind, 'new-failure');
    assert.deepEqual(unsettledCells(look), []);
  });

  test('a cell that is known to be flaky is held against its rate by the second look', ({
    assert,
  }) => {
    const known = claim({ outcome: ['pass'], rate: { min: 0.6, max: 1 } });
    const after = (second: readonly [GateCell, GateCell]) =>
      twoLooks(
        [side({ one: ONCE[0] }), side({ one: ONCE[1] }, { claimOf: () => known, rated: true })],
        [side({ one: second[0] }), side({ one: second[1] })],
        20,
      );
    const report = after([passing(16, 20), passing(1, 20)]);
    assert.deepInclude(report.transitions[0], {
      kind: 'new-failure',
      known: false,
      stops: true,
      again: 20,
      rate: '1 of 20 passed, expected at least 60 %: p <0.0001',
    });
    const flake = after([passing(20, 20), passing(17, 20)]);
    assert.deepEqual(
      flake.transitions.map(({ kind, known, rate }) => [kind, known, rate]),
      [['unconfirmed', true, null]],
    );
    const before = after([passing(1, 20), passing(0, 20)]).transitions[0];
    assert.equal(before?.kind, 'steady-failing', 'the baseline fell as well');
    assert.match(before?.rate ?? '', /^0 of 20 passed/);
  });

  test('as many attempts as it says settle a change from always to never', ({ assert }) => {
    for (const cells of [1, 7, 80]) {
      const attempts = attemptsAgain(options.alpha, cells);
      const ids = Array.from({ length: cells }, (_, index) => `cell${index}`);
      const of = (one: GateCell) => side(Object.fromEntries(ids.map((id) => [id, one])));
      const kindsAt = (tries: number) =>
        twoLooks(
          [of(cell(tally('pass'))), of(cell(tally(REFUSED)))],
          [of(passing(tries, tries)), of(passing(0, tries))],
          tries,
        ).transitions.map(({ kind }) => kind);
      assert.deepEqual(kindsAt(attempts), ['new-failure'], `${cells} cells, ${attempts} attempts`);
      assert.deepEqual(kindsAt(attempts - 1), ['unconfirmed']);
    }
  });

  test('the report says what was done, in 80 columns', ({ assert }) => {
    const report = twoLooks(
      [side({ one: ONCE[0] }), side({ one: ONCE[1] })],
      [side({ one: passing(6, 6) }), side({ one: passing(0, 6) })],
      6,
    );
    const text = gateText(report, { columns: 80 });
    for (const line of text.split('\n')) assert.isAtMost(line.length, 80, line);
    const flat = text.replace(/\s+/g, ' ');
    assert.match(
      flat,
      /pass 7\/7 .* -> refused at prime-import EINVAL 7\/7 .*; p 0\.0022, of 6 attempts again/,
    );
    assert.match(
      flat,
      /tried again on both sides: 1 cell, 6 attempts each .*: 1 confirmed, 0 not, 0 still open; .* alpha 0\.025/,
    );
  });

  test('two looks together cry wolf no more often than alpha says', ({ assert }) => {
    const random = randomFrom(7);
    const draw = (tries: number, rate: number) => {
      let hits = 0;
      for (let n = 0; n < tries; n += 1) if (random() < rate) hits += 1;
      return passing(hits, tries);
    };
    const ROUNDS = 400;
    let alarms = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      // 20 flaky cells that have not changed.
      const look = (tries: number) =>
        side(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`c${n}`, draw(tries, 0.6)])));
      const report = twoLooks([look(3), look(3)], [look(8), look(8)], 8);
      if (report.transitions.some(({ kind }) => kind === 'new-failure' || kind === 'fixed'))
        alarms += 1;
    }
    // 400 rounds at 5 %: 20 expected, 35 is beyond 99.9 % of chance.
    assert.isAtMost(alarms, 35);
  });
});

test('a board is not as it was where both sides say so, and only there', ({ assert }) => {
  const before = environment();
  assert.deepEqual(contradictions(before, environment({ mesa: null })), []);
  assert.deepEqual(contradictions(environment({ cma: null }), before), []);
  assert.deepEqual(contradictions(before, environment({ kernel: '7.3.4' })), [
    { axis: 'kernel', was: before.kernel ?? '', is: '7.3.4' },
  ]);
});

/** Numbers from 0 to 1, the same in every run: a linear congruential generator. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
