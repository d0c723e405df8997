import { test } from '@japa/runner';
import fc from 'fast-check';
import { compareSides, type GateOptions } from './compare.ts';
import { GateReport, type GateSide, KINDS, type Kind, STOPPING_KINDS } from './model.ts';
import { anySide, cell, claim, environment, side, tally } from './testing/sides.ts';
import { gateText } from './text.ts';
import { verdictOf } from './verdict.ts';

const options: GateOptions = { varies: [], alpha: 0.05, failOn: ['new-failure'], anyway: false };
const compare = (a: GateSide, b: GateSide, more: Partial<GateOptions> = {}): GateReport =>
  compareSides(a, b, { ...options, ...more });

const REFUSED = 'refused/prime-import/EINVAL';

/** What one cell's way is called; null where nothing is told. */
function kindOf(from: readonly string[], to: readonly string[]): Kind | null {
  const of = (words: readonly string[]) =>
    side({
      one: cell(...[...Map.groupBy(words, (w) => w)].map(([w, all]) => tally(w, all.length))),
    });
  const { transitions } = compare(of(from), of(to));
  return transitions[0]?.kind ?? null;
}
const times = (count: number, word: string) => new Array<string>(count).fill(word);

/** The kind that a swap of sides makes of a kind. */
const MIRROR: Partial<Record<Kind, Kind>> = {
  'new-failure': 'fixed',
  unconfirmed: 'fixed-unconfirmed',
  missing: 'new-cell',
  lucky: 'earned',
  flaky: 'steady',
  'steady-failing': 'flaky-failing',
  changed: 'changed',
};
const mirrors = new Map(
  Object.entries(MIRROR).flatMap(
    ([a, b]) =>
      [
        [a, b],
        [b, a],
      ] as const,
  ),
);

test.group('gate: what a cell’s way is called', () => {
  test('one attempt against one proves nothing, and stops all the same', ({ assert }) => {
    assert.equal(kindOf(['pass'], [REFUSED]), 'unconfirmed');
    assert.equal(kindOf([REFUSED], ['pass']), 'fixed-unconfirmed');
  });

  test('four attempts on either side do where one cell is compared, three do not', ({ assert }) => {
    assert.equal(kindOf(times(4, 'pass'), times(4, REFUSED)), 'new-failure');
    assert.equal(kindOf(times(4, REFUSED), times(4, 'pass')), 'fixed');
    assert.equal(kindOf(times(3, 'pass'), times(3, REFUSED)), 'unconfirmed');
  });

  test('the same four attempts do not among a hundred cells', ({ assert }) => {
    const others = Object.fromEntries(
      Array.from({ length: 99 }, (_, index) => [`other${index}`, cell(tally('pass', 4))]),
    );
    const report = compare(
      side({ ...others, one: cell(tally('pass', 4)) }),
      side({ ...others, one: cell(tally(REFUSED, 4)) }),
    );
    assert.equal(report.transitions[0]?.kind, 'unconfirmed');
    assert.equal(report.compared, 100);
    assert.equal(report.unchanged, 99);
    assert.closeTo(report.transitions[0]?.p ?? 0, 2 / 70, 1e-12);
    assert.equal(report.transitions[0]?.adjusted, 1);
  });

  test('far fewer passes than always stop as well, where too few attempts prove nothing', ({
    assert,
  }) => {
    const others = Object.fromEntries(
      Array.from({ length: 1999 }, (_, index) => [`other${index}`, cell(tally('pass'))]),
    );
    const kindsOf = (passes: number) =>
      compare(
        side({ ...others, one: cell(tally('pass', 10)) }),
        side({ ...others, one: cell(tally('pass', passes), tally(REFUSED, 10 - passes)) }),
      ).transitions.map(({ kind }) => kind);
    assert.deepEqual(kindsOf(1), ['unconfirmed']);
    assert.deepEqual(kindsOf(9), ['flaky']);
  });

  test('flakes', ({ assert }) => {
    const some = [...times(2, 'pass'), REFUSED];
    assert.equal(kindOf(times(3, 'pass'), some), 'flaky');
    assert.equal(kindOf(some, times(3, 'pass')), 'steady');
    assert.equal(kindOf(some, times(3, REFUSED)), 'steady-failing');
    assert.equal(kindOf(times(3, REFUSED), ['pass', ...times(2, REFUSED)]), 'flaky-failing');
    assert.isNull(kindOf(some, ['pass', ...times(2, REFUSED)]));
    // Nearly never any more is not "became flaky", though it passed once.
    assert.equal(kindOf(times(8, 'pass'), ['pass', ...times(7, REFUSED)]), 'new-failure');
  });

  test('a refusal that becomes a crash is a failure, though neither passes', ({ assert }) => {
    assert.equal(kindOf(times(4, REFUSED), times(4, 'crash/draw/SIGSEGV')), 'new-failure');
    assert.equal(kindOf([REFUSED], ['corrupt/verify']), 'unconfirmed');
    // One pass among crashes does not make up for them.
    assert.equal(
      kindOf(times(8, REFUSED), ['pass', ...times(7, 'crash/draw/SIGSEGV')]),
      'new-failure',
    );
  });

  test('other stages, errors, and luck', ({ assert }) => {
    assert.equal(kindOf([REFUSED], ['refused/addfb2/EINVAL']), 'changed');
    assert.equal(kindOf([REFUSED], ['refused/prime-import/ENOMEM']), 'changed');
    assert.equal(kindOf(['pass'], ['lucky']), 'lucky');
    assert.equal(kindOf(['lucky'], ['pass']), 'earned');
    assert.equal(kindOf([], ['pass']), 'new-cell');
    assert.equal(kindOf(['pass'], []), 'missing');
    assert.isNull(kindOf([], []));
  });

  test('fewer attempts than were planned are told beside whatever else', ({ assert }) => {
    const { transitions, untried } = compare(
      side({ one: cell(tally('pass', 4)) }),
      side({ one: { ...cell(tally(REFUSED, 4)), untried: 1 } }),
    );
    assert.deepEqual(
      transitions.map(({ kind }) => kind),
      ['new-failure', 'missing-attempts'],
    );
    assert.isTrue(untried);
  });
});

test.group('gate: two sides', () => {
  test('nothing changes against itself', ({ assert }) => {
    fc.assert(
      fc.property(anySide, (one) => {
        const report = compare(one, one, { failOn: KINDS });
        assert.deepEqual(report.transitions, []);
        assert.equal(report.unchanged, report.compared);
        assert.equal(verdictOf(report), 'go');
      }),
    );
  });

  test('swapped, every kind is its mirror, of the same cells', ({ assert }) => {
    const named = ({ transitions }: GateReport, swap: (kind: Kind) => string) =>
      transitions
        .flatMap(({ kind, board, cells }) => cells.map((id) => `${swap(kind)} ${board} ${id}`))
        .sort();
    fc.assert(
      fc.property(anySide, anySide, (a, b) => {
        const there = named(compare(a, b), (kind) => mirrors.get(kind) ?? `no mirror of ${kind}`);
        assert.deepEqual(
          named(compare(b, a), (kind) => kind),
          there,
        );
      }),
    );
  });

  test('folding loses no cell and has none twice', ({ assert }) => {
    fc.assert(
      fc.property(anySide, anySide, (a, b) => {
        const report = compare(a, b);
        const told = report.transitions.flatMap(({ board, cells }) =>
          cells.map((id) => `${board} ${id}`),
        );
        assert.equal(new Set(told).size, told.length);
        const compared = new Set<string>();
        const oneSided = new Set<string>();
        for (const board of a.boards.keys()) {
          const [before, after] = [a, b].map((one) => one.boards.get(board)?.cells);
          if (!before || !after) continue;
          for (const id of new Set([...before.keys(), ...after.keys()])) {
            const tried = [before, after].filter((cells) => cells.get(id)?.results.length);
            if (tried.length === 2) compared.add(`${board} ${id}`);
            if (tried.length === 1) oneSided.add(`${board} ${id}`);
          }
        }
        assert.equal(report.compared, compared.size);
        const moved = told.filter((name) => compared.has(name));
        assert.equal(report.unchanged + moved.length, report.compared);
        assert.equal(told.length - moved.length, oneSided.size);
        GateReport.parse(report);
      }),
    );
  });

  test('folds cells that went the same way, and no others', ({ assert }) => {
    const pass = cell(tally('pass'));
    const { transitions } = compare(
      side({ b: pass, a: pass, c: pass }),
      side({ b: cell(tally(REFUSED)), a: cell(tally(REFUSED)), c: cell(tally('crash/draw')) }),
    );
    assert.deepEqual(
      transitions.map(({ cells }) => cells),
      [['a', 'b'], ['c']],
    );
  });

  test('folds no cells of two boards', ({ assert }) => {
    const both = (word: string): GateSide => {
      const boards = ['desk', 'shelf'].flatMap((board) => [
        ...side({ one: cell(tally(word)) }, { board }).boards,
      ]);
      return { ...side({}), name: 'two', boards: new Map(boards) };
    };
    const { transitions } = compare(both('pass'), both(REFUSED));
    assert.deepEqual(
      transitions.map(({ board, cells }) => [board, cells]),
      [
        ['desk', ['one']],
        ['shelf', ['one']],
      ],
    );
  });

  test('tells boards that went missing, and never says go', ({ assert }) => {
    const gone = compare(side({ one: cell(tally('pass')) }), { ...side({}), boards: new Map() });
    assert.deepEqual(gone.missingBoards, [
      { board: 'desk', why: 'the candidate has no such board', cells: 1 },
    ]);
    assert.equal(verdictOf(gone), 'lab');
    const one = { one: cell(tally('pass')) };
    const lost = compare(
      side(one),
      side(one, { incomplete: 'lost: no answer', environment: null }),
    );
    assert.deepInclude(lost.missingBoards[0], { why: 'lost: no answer' });
    assert.isTrue(lost.comparable);
    assert.equal(verdictOf(lost), 'lab');
  });

  test('what the candidate’s profile expects is known, stops nothing, and comes last', ({
    assert,
  }) => {
    const pass = cell(tally('pass'));
    const fails = cell(tally(REFUSED));
    const report = compare(
      side({ a: pass, b: pass }),
      side(
        { a: fails, b: fails },
        {
          claimOf: (id) => (id === 'a' ? claim({ outcome: ['refused'], reason: 'a bug' }) : null),
        },
      ),
      { failOn: ['unconfirmed'] },
    );
    assert.deepEqual(
      report.transitions.map(({ cells, known, stops, reason }) => [cells, known, stops, reason]),
      [
        [['b'], false, true, null],
        [['a'], true, false, 'a bug'],
      ],
    );
  });

  test('what the profile expects of the candidate’s versions alone stops, and says why', ({
    assert,
  }) => {
    const reason = 'it dereferences NULL';
    const crash = claim({ outcome: ['crash'], reason });
    const report = compare(
      side({ one: cell(tally('pass')) }, { environment: environment({ mesa: 'Mesa 26.1.6' }) }),
      side(
        { one: cell(tally('crash/draw/SIGSEGV')) },
        {
          environment: environment({ mesa: 'Mesa 25.0.7' }),
          claimOf: (_id, on = { kernel: '', mesa: '25.0.7' }) =>
            on.mesa === '25.0.7' ? crash : null,
        },
      ),
      { failOn: ['unconfirmed'], varies: ['mesa'] },
    );
    assert.deepInclude(report.transitions[0], { known: false, stops: true, reason });
    assert.match(gateText(report, { columns: 80 }), /as its profile says: it dereferences NULL/);
  });

  /** The gate of one cell against its rate; `before` and `after` are passes of so many attempts. */
  const rated = (
    before: readonly [number, number],
    after: readonly [number, number],
    more: Parameters<typeof claim>[0] = {},
  ) => {
    const flaky = ([passes, all]: readonly [number, number]) =>
      cell(
        ...(passes ? [tally('pass', passes)] : []),
        ...(all > passes ? [tally(REFUSED, all - passes)] : []),
      );
    const known = claim({ outcome: ['pass'], rate: { min: 0.6, max: 0.95 }, ...more });
    return compare(
      side({ one: flaky(before) }),
      side({ one: flaky(after) }, { claimOf: () => known, rated: true }),
      { failOn: STOPPING_KINDS },
    );
  };

  test('a cell that is known to be flaky is known while it passes as often as it does', ({
    assert,
  }) => {
    for (const [before, after, kind] of [
      [[20, 20], [17, 20], 'flaky'],
      [[16, 20], [0, 1], 'steady-failing'],
      [[1, 1], [0, 1], 'unconfirmed'],
    ] as const) {
      const [only, ...rest] = rated(before, after).transitions;
      assert.deepEqual([only?.kind, only?.known, only?.rate, rest.length], [kind, true, null, 0]);
      assert.equal(verdictOf(rated(before, after)), 'go');
    }
  });

  test('a drop from its rate is a new failure, also where the baseline tried it once', ({
    assert,
  }) => {
    for (const before of [
      [16, 20],
      [1, 1],
      [0, 1],
    ] as const) {
      const report = rated(before, [3, 20]);
      assert.deepInclude(report.transitions[0], {
        kind: 'new-failure',
        known: false,
        stops: true,
        rate: '3 of 20 passed, expected at least 60 %: p <0.0001 (corrected for 2 tests)',
      });
      assert.lengthOf(report.transitions, 1);
      assert.equal(verdictOf(report), 'stop');
    }
    const refusals = { outcome: ['refused'], rate: { min: 0, max: 0.2 } } as const;
    assert.equal(rated([8, 10], [0, 10], refusals).transitions[0]?.kind, 'new-failure');
  });

  test('it is none where the baseline fell as far, nor where it passes more often', ({
    assert,
  }) => {
    assert.deepEqual(rated([3, 20], [3, 20]).transitions, []);
    // Nearly as far: below the rate as well, by two attempts more. Far less often is no excuse.
    assert.notEqual(rated([7, 20], [5, 20]).transitions[0]?.kind, 'new-failure');
    assert.equal(rated([7, 20], [0, 20]).transitions[0]?.kind, 'new-failure');
    const better = rated([16, 20], [200, 200]).transitions;
    assert.deepInclude(better[0], { kind: 'fixed', known: false, stops: true });
    assert.match(better[0]?.rate ?? '', /^200 of 200 passed, expected at most 95 %: p /);
  });

  test('no rate makes a crash known', ({ assert }) => {
    const known = claim({ outcome: ['pass'], rate: { min: 0.1, max: 1 } });
    const { transitions } = compare(
      side({ one: cell(tally('pass', 4)) }),
      side(
        { one: cell(tally('pass', 3), tally('crash/draw/SIGSEGV')) },
        { claimOf: () => known, rated: true },
      ),
    );
    assert.deepEqual(
      transitions.map((one) => [one.kind, one.known]),
      [['flaky', false]],
    );
  });

  test('a single pass of a cell that is known to fail stops nothing, whatever is asked for', ({
    assert,
  }) => {
    for (const fails of [1, 2, 9, 40, 1000]) {
      const failing = side({ one: cell(tally(REFUSED, fails)) });
      const once = side({ one: cell(tally('pass'), tally(REFUSED, fails)) });
      const alone = side({ one: cell(tally('pass')) });
      for (const candidate of [once, alone])
        assert.equal(verdictOf(compare(failing, candidate, { failOn: STOPPING_KINDS })), 'go');
    }
  });
});

test.group('gate: environments', () => {
  const one = { one: cell(tally('pass')) };
  const axes = Object.keys(environment());
  const with_ = (axis: string, value: string | null) =>
    side(one, { environment: { ...environment(), [axis]: value } });

  test('whatever differs forbids the comparison unless it is under test', ({ assert }) => {
    assert.lengthOf(axes, 11);
    for (const axis of axes)
      for (const value of ['other', null]) {
        const report = compare(side(one), with_(axis, value));
        assert.isFalse(report.comparable, axis);
        assert.equal(verdictOf(report), 'not-comparable');
        assert.equal(report.compared, 0);
        assert.deepInclude(report.differences[0], { axis, candidate: value, role: 'unwanted' });
        assert.equal(compare(side(one), with_(axis, value), { anyway: true }).compared, 1);
        const back = compare(with_(axis, value), side(one));
        assert.isFalse(back.comparable, axis);
        assert.deepInclude(back.differences[0], { axis, baseline: value, role: 'unwanted' });
      }
  });

  test('a new kernel may bring other heaps, which is told; another command line may not', ({
    assert,
  }) => {
    const changed = { kernel: '7.3.4', heaps: 'default_cma_region system' };
    const candidate = side(one, { environment: environment(changed) });
    const kernel = compare(side(one), candidate, { varies: ['kernel'] });
    assert.isTrue(kernel.comparable);
    assert.deepEqual(
      kernel.differences.map(({ axis, role }) => [axis, role]),
      [
        ['kernel', 'under-test'],
        ['heaps', 'follows'],
      ],
    );
    assert.isFalse(compare(side(one), candidate, { varies: ['cmdline'] }).comparable);
    const more = side(one, { environment: environment({ ...changed, mesa: 'Mesa 27' }) });
    const unwanted = compare(side(one), more, { varies: ['kernel'] });
    assert.isFalse(unwanted.comparable);
  });

  test('a run that does not describe its environment is told, and not compared', ({ assert }) => {
    const report = compare(side(one, { environment: null }), side(one));
    assert.isFalse(report.comparable);
    assert.deepInclude(report.differences[0], { axis: null, baseline: null });
    assert.isFalse(compare(side(one), side(one, { environment: null })).comparable);
  });
});
