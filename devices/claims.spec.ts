import { test } from '@japa/runner';
import fc from 'fast-check';
import { plan } from '../suites/plan.ts';
import { claimsOf } from './claims.ts';
import { claimOf, listOf, matchExpectation } from './expect.ts';
import { planInput } from './planning.ts';
import { Expectation, Profile } from './profile.ts';

const board = (expect: readonly Expectation[]): Profile =>
  Profile.parse({
    schema: 1,
    name: 'x',
    title: 'X',
    devices: { kms: [{ driver: 'vc4' }], heaps: ['system'] },
    expect,
  });
const { cells } = plan(planInput(board([]), null, { board: 'b' }));

const entry = (more: object): Expectation =>
  Expectation.parse({
    cells: {},
    outcome: 'refused',
    reason: 'because',
    source: 'somewhere',
    basis: 'claimed',
    ...more,
  });

const KERNELS = ['6.12.94', '6.17.0', '7.3.4'];
const MESAS = ['25.0.7', '26.1.6'];
const entries = fc.array(
  fc
    .record(
      {
        cells: fc.constantFrom({}, { backend: 'udmabuf' }, { suite: 'kms-*' }, { format: 'NV12' }),
        outcome: fc.constantFrom('pass', 'refused', ['crash', 'refused'] as const),
        kernel: fc.constantFrom('<6.17', '>=6.17', '>=7'),
        mesa: fc.constantFrom('<25.1', '>=26'),
        reason: fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 }),
        source: fc.constantFrom('one', ['two', 'three']),
        basis: fc.constantFrom('claimed', 'measured'),
      },
      { requiredKeys: ['cells', 'outcome', 'reason', 'source', 'basis'] },
    )
    .map(entry),
  { maxLength: 5 },
);

test.group('claims', () => {
  test('on a system that is known they are what a run there is judged by', ({ assert }) => {
    fc.assert(
      fc.property(
        entries,
        fc.constantFrom(...KERNELS),
        fc.constantFrom(...MESAS),
        (expect, kernel, mesa) => {
          const claims = claimsOf({ expect }, cells, { kernel, mesa });
          for (const cell of cells) {
            const found = matchExpectation({ expect }, cell, kernel, mesa);
            const claim = claims.get(cell.id);
            assert.equal(claim === undefined, found === null);
            if (!found || !claim) continue;
            assert.deepEqual({ ...claim, reason: '' }, { ...claimOf(found), reason: '' });
            assert.isTrue(claim.reason.endsWith(found.reason));
          }
        },
      ),
    );
  });

  test('on a system that is not known they say no more than all systems do', ({ assert }) => {
    fc.assert(
      fc.property(entries, (expect) => {
        const claims = claimsOf({ expect }, cells);
        for (const cell of cells)
          for (const kernel of KERNELS)
            for (const mesa of MESAS) {
              const there = matchExpectation({ expect }, cell, kernel, mesa);
              if (!there) continue;
              const claim = claims.get(cell.id);
              assert.includeMembers([...(claim?.outcome ?? [])], [...listOf(there.outcome)]);
              assert.includeMembers([...(claim?.sources ?? [])], [...listOf(there.source)]);
              if (there.basis === 'claimed') assert.equal(claim?.basis, 'claimed');
            }
      }),
    );
  });

  test('a cell that nothing is said of is not there', ({ assert }) => {
    const claims = claimsOf({ expect: [entry({ cells: { suite: 'kms-*' } })] }, cells);
    assert.isAbove(claims.size, 0);
    for (const id of claims.keys()) assert.match(id, /^kms-/);
    assert.isBelow(claims.size, cells.length);
  });

  test('what hangs on the kernel says so', ({ assert }) => {
    const expect = [
      entry({ kernel: '<6.17', stage: 'addfb2', errno: 'EINVAL', reason: 'RGB only' }),
      entry({ outcome: 'pass', reason: 'it takes any', source: 'elsewhere', basis: 'measured' }),
    ];
    const [cell] = cells;
    const of = (kernel: string | null) =>
      claimsOf({ expect }, cells, { kernel, mesa: null }).get(cell?.id ?? '');
    assert.deepEqual(of(null), {
      outcome: ['refused', 'pass'],
      orLucky: false,
      stage: ['addfb2'],
      errno: ['EINVAL'],
      rate: null,
      reason: 'with kernel <6.17: RGB only; else it takes any',
      sources: ['somewhere', 'elsewhere'],
      basis: 'claimed',
    });
    const flaky = expect.map((one, index) => ({
      ...one,
      ...(index && { rate: { min: 0.6, max: 0.9 } }),
    }));
    const rateOn = (kernel: string | null) =>
      claimsOf({ expect: flaky }, cells, { kernel, mesa: null }).get(cell?.id ?? '')?.rate;
    assert.deepEqual(rateOn(null), { min: 0.6, max: 1 });
    assert.deepEqual(rateOn('7.3.4'), { min: 0.6, max: 0.9 });
    assert.isNull(rateOn('6.12.94'));
    assert.deepInclude(of('6.12.94'), { outcome: ['refused'], basis: 'claimed' });
    assert.deepInclude(of('7.3.4'), { outcome: ['pass'], stage: [], basis: 'measured' });
  });
});
