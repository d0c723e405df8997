import { test } from '@japa/runner';
import fc from 'fast-check';
import { heapWords, memoryGroups, sameMemory } from './heap-identity.ts';
import { type HeapRegion, Inventory } from './inventory.ts';

type Heap = Inventory['heaps'][number];

const NOTHING: HeapRegion = {
  memory: 'unknown',
  name: null,
  sizeKiB: null,
  how: null,
  sameAs: [],
  differsFrom: [],
  why: null,
};

function heap(
  name: string,
  region: Partial<HeapRegion> | null,
  target: string | null = null,
): Heap {
  const path = `/dev/dma_heap/${name}`;
  const node = { path, mode: 'crw-rw----', owner: 'root', group: 'video', openErrno: null };
  return { name, node, target, region: region && { ...NOTHING, ...region } };
}

const counted = (name: string, sizeKiB: number | null = null): Partial<HeapRegion> => ({
  memory: 'cma',
  name,
  sizeKiB,
  how: 'cma-sysfs',
});
const exhausted = (sameAs: string[], differsFrom: string[]): Partial<HeapRegion> => ({
  memory: 'cma',
  how: 'exhausted',
  sameAs,
  differsFrom,
});

test.group('heaps of one memory', () => {
  test('are those whose region has one name', ({ assert }) => {
    const heaps = [
      heap('camera-pool', counted('camera-pool', 16384)),
      heap('default_cma_region', counted('reserved', 65536)),
      heap('reserved', counted('reserved', 65536)),
      heap('system', { memory: 'not-cma', how: 'cma-sysfs' }),
    ];
    assert.equal(sameMemory({ heaps }, 'reserved', 'default_cma_region'), 'yes');
    assert.equal(sameMemory({ heaps }, 'reserved', 'camera-pool'), 'no');
    assert.equal(sameMemory({ heaps }, 'system', 'reserved'), 'no');
    assert.equal(sameMemory({ heaps }, 'reserved', 'linux,cma'), 'unknown');
    assert.deepEqual(heapWords({ heaps }), [
      'camera-pool (CMA region, 16 MiB)',
      'default_cma_region = reserved (one CMA region, 64 MiB)',
      'system (not CMA)',
    ]);
  });

  test('are those that using one up has shown to be, through a third one and a link too', ({
    assert,
  }) => {
    const heaps = [
      heap('a', exhausted(['b'], ['z'])),
      heap('b', exhausted(['c'], [])),
      heap('c', { memory: 'cma', how: 'cma-free' }),
      heap('link', { memory: 'cma', how: 'symlink', sameAs: ['c'] }, 'c'),
      heap('z', exhausted([], [])),
    ];
    assert.equal(sameMemory({ heaps }, 'a', 'link'), 'yes');
    assert.equal(sameMemory({ heaps }, 'z', 'link'), 'no');
    assert.deepEqual(
      memoryGroups({ heaps }).map(({ names }) => names),
      [['a', 'b', 'c', 'link'], ['z']],
    );
  });

  test('are unknown where nothing was found, and why is said', ({ assert }) => {
    const why = 'it shows only when one of them is used up';
    const heaps = [
      heap('linux,cma', { memory: 'cma', how: 'cma-free', why }),
      heap('reserved', { memory: 'cma', how: 'cma-free', why }),
      heap('system', { memory: 'not-cma', how: 'cma-free' }),
      heap('system-uncached', { memory: 'not-cma', how: 'cma-free' }),
      heap('closed', { why: 'no permission' }),
    ];
    assert.equal(sameMemory({ heaps }, 'linux,cma', 'reserved'), 'unknown');
    assert.equal(sameMemory({ heaps }, 'system', 'system-uncached'), 'unknown');
    assert.equal(sameMemory({ heaps }, 'closed', 'system'), 'unknown');
    assert.equal(sameMemory({ heaps }, 'system', 'reserved'), 'no');
    assert.deepEqual(heapWords({ heaps }), [
      `linux,cma (CMA region; ${why})`,
      `reserved (CMA region; ${why})`,
      'system (not CMA)',
      'system-uncached (not CMA)',
      'closed (memory unknown; no permission)',
    ]);
  });

  test('are told where the name of the heap is not what the memory is', ({ assert }) => {
    const heaps = [
      heap('system', counted('reserved')),
      heap('carveout', { memory: 'not-cma', how: 'cma-sysfs' }),
    ];
    assert.deepEqual(heapWords({ heaps }), [
      'system (CMA region reserved; system is named as a heap of the page allocator)',
      'carveout (not CMA; the page allocator or a carve-out)',
    ]);
  });

  test('stand alone in runs from before anybody asked', ({ assert }) => {
    const { region: _, ...old } = heap('reserved', null);
    const heaps = [Inventory.shape.heaps.element.parse(old), heap('system', null)];
    assert.isNull(heaps[0]?.region);
    assert.equal(sameMemory({ heaps }, 'reserved', 'system'), 'unknown');
    assert.deepEqual(heapWords({ heaps }), ['reserved', 'system']);
  });
});

/** A board as it is (each heap's memory), and what of it somebody found out. */
const anyBoard = fc
  .array(
    fc.record({
      region: fc.constantFrom(null, 'r1', 'r2', 'r3'),
      found: fc.constantFrom('nothing', 'cma', 'name', 'others'),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((subjects) => {
    const nameOf = (at: number) => `heap${at}`;
    const heaps = subjects.map(({ region, found }, at) => {
      const memory = region === null ? ('not-cma' as const) : ('cma' as const);
      const others = subjects.flatMap((other, n) =>
        n !== at && other.region !== null
          ? [{ name: nameOf(n), same: other.region === region }]
          : [],
      );
      const named = (same: boolean) =>
        others.filter((other) => other.same === same).map(({ name }) => name);
      if (found === 'nothing') return heap(nameOf(at), null);
      if (found === 'name' && region !== null) return heap(nameOf(at), counted(region));
      if (found === 'others' && region !== null)
        return heap(nameOf(at), exhausted(named(true), named(false)));
      return heap(nameOf(at), { memory, how: 'cma-free' });
    });
    return { heaps, truth: subjects.map(({ region }) => region), nameOf };
  });

test('whatever was found of a board, what is said of two heaps is true and says the same both ways', ({
  assert,
}) => {
  fc.assert(
    fc.property(anyBoard, ({ heaps, truth, nameOf }) => {
      const groups = memoryGroups({ heaps });
      assert.sameMembers(
        groups.flatMap(({ names }) => names),
        heaps.map(({ name }) => name),
      );
      for (const [a, regionA] of truth.entries())
        for (const [b, regionB] of truth.entries()) {
          const said = sameMemory({ heaps }, nameOf(a), nameOf(b));
          assert.equal(said, sameMemory({ heaps }, nameOf(b), nameOf(a)));
          if (a === b) assert.equal(said, 'yes');
          else if (said !== 'unknown')
            assert.equal(said, regionA !== null && regionA === regionB ? 'yes' : 'no');
          const both = [heaps[a]?.region?.how, heaps[b]?.region?.how];
          if (both.every((how) => how === 'cma-sysfs')) assert.notEqual(said, 'unknown');
          if (both[0] === 'exhausted' && regionB !== null) assert.notEqual(said, 'unknown');
        }
    }),
    { numRuns: 500 },
  );
});
