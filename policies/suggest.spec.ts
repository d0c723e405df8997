import { test } from '@japa/runner';
import { heap, inventoryFixture } from '../devices/inventory-fixture.ts';
import { courtOf, judgePolicy } from './judge.ts';
import { loadLibrary } from './load.ts';
import { Policy } from './policy.ts';
import { type Habit, suggest } from './suggest.ts';
import {
  contiguousDisplay,
  factsFixture,
  heapsOnly,
  profileFixture,
  takesAll,
  tightCma,
} from './testing/facts.ts';

const { useCases } = loadLibrary([new URL('.', import.meta.url).pathname]);
const some = (...names: string[]) => useCases.filter(({ name }) => names.includes(name));

const FIRST: Habit = { select: 'first-openable', fallbackOn: [] };
const PROBING: Habit = { select: 'first-importable', fallbackOn: ['open', 'allocation', 'import'] };

const pi4 = courtOf(factsFixture(heapsOnly(contiguousDisplay), { board: 'contiguous-display' }));
const tight = courtOf(tightCma());

test.group('a suggested order', () => {
  test('is the shortest that holds everywhere, with a cell for each decision', ({ assert }) => {
    const other = courtOf(factsFixture(takesAll, { board: 'takes-all' }));
    const { found, decisions, shortfalls } = suggest(
      [pi4, other],
      some('viewfinder-kms'),
      FIRST,
      'best',
    );
    assert.deepEqual(found, { kind: 'order', order: ['heap:reserved'] });
    assert.deepEqual(
      decisions.map(({ board, provider }) => `${board} ${provider}`),
      ['contiguous-display heap:reserved', 'takes-all heap:reserved'],
    );
    for (const { proof } of decisions) assert.isNotEmpty(proof);
    assert.isEmpty(shortfalls);
  });

  test('is proven not to be there where two boards contradict each other', ({ assert }) => {
    const suggestion = suggest([pi4, tight], some('viewfinder-kms'), FIRST, 'best');
    assert.equal(suggestion.found.kind, 'exceptions');
    assert.deepEqual(
      suggestion.conflict.map(({ board }) => board),
      ['contiguous-display', 'tight-cma'],
    );
    assert.include(suggestion.conflict[1]?.findings['heap:reserved']?.why, 'KiB of CMA');
  });

  test('is there for a program that tries an import first, though not for one that does not', ({
    assert,
  }) => {
    const { found } = suggest([pi4, tight], some('viewfinder-kms'), PROBING, 'best');
    assert.equal(found.kind, 'order');
  });

  test('holds, walked as a policy, wherever it is said to', ({ assert }) => {
    const noHeap = inventoryFixture({ heaps: [heap('system')] });
    const courts = [
      pi4,
      tight,
      courtOf(factsFixture(takesAll, { board: 'no-cma-heap', inventory: noHeap })),
    ];
    for (const habit of [FIRST, PROBING]) {
      const { found } = suggest(courts, useCases, habit, 'best');
      const boards = found.kind === 'exceptions' ? found.exceptions : [];
      const order = found.kind === 'none' ? [] : found.order;
      for (const court of courts) {
        const own = boards.find(({ board }) => board === court.facts.board)?.order ?? order;
        const policy = Policy.parse({
          schema: 1,
          name: 'order',
          title: 'an order',
          program: 'a program',
          version: '1',
          source: 'a test',
          ...habit,
          providers: own,
        });
        for (const useCase of useCases) {
          const { verdict, applies } = judgePolicy(court, policy, useCase);
          if (applies)
            assert.include(['holds', 'degrades'], verdict, `${court.facts.board} ${useCase.name}`);
        }
      }
    }
  });

  test('says nothing for what was not measured', ({ assert }) => {
    const profile = profileFixture({
      suites: { cpu: {}, 'kms-primary': {}, 'egl-sample': { formats: ['XR24'] }, 'egl-render': {} },
    });
    const court = courtOf(factsFixture(takesAll, { profile }));
    const { left, found } = suggest([court], some('viewfinder-kms', 'gpu-isp'), FIRST, 'best');
    assert.deepEqual(
      left.map(({ useCase }) => useCase),
      ['gpu-isp (raw)'],
    );
    assert.equal(found.kind, 'order');
  });
});
