import { test } from '@japa/runner';
import { heap, inventoryFixture } from '../devices/inventory-fixture.ts';
import { courtOf, judgePolicy } from './judge.ts';
import { loadLibrary } from './load.ts';
import { Policy } from './policy.ts';
import { type Habit, suggest } from './suggest.ts';
import { contiguousDisplay, factsFixture, heapsOnly, takesAll, tightCma } from './testing/facts.ts';

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
      const order = 'order' in found ? (found.order ?? []) : [];
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

  test('rests on nothing that was not measured, and proves nothing by it', ({ assert }) => {
    // Alone, the heap is not known to be good on the second board, and udmabuf is known to be bad on the first.
    const half = courtOf(
      factsFixture(
        (cell) => (cell.backend === 'heap:reserved' ? null : heapsOnly(takesAll)(cell)),
        {
          board: 'half',
        },
      ),
    );
    const { found, unknown, conflict } = suggest(
      [pi4, half],
      some('viewfinder-kms'),
      FIRST,
      'best',
    );
    assert.deepEqual(found, { kind: 'undecided', order: ['heap:reserved'] });
    assert.isEmpty(conflict);
    assert.deepEqual(
      unknown.map(({ board, provider, missing }) => `${board} ${provider} ${missing[0]?.command}`),
      [
        "half heap:reserved bufmatrix run half --cell 'allocate/heap:reserved/-/NV12/1920x1080/0x0'",
      ],
    );
  });

  test('is none where there is nothing to judge', ({ assert }) => {
    assert.equal(suggest([pi4], some('camera-encoder'), FIRST, 'best').found.kind, 'nothing');
  });
});
