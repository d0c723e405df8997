import { test } from '@japa/runner';
import fc from 'fast-check';
import type { Cell } from './cell.ts';
import { toRecord } from './judge.ts';
import { luckWatch, markLuck } from './luck.ts';
import { type Plan, plan } from './plan.ts';
import type { CellRecord } from './record.ts';
import { anyPlanInput, anyTold, type Told } from './testing/arbitrary.ts';

function recordOf(cell: Cell, attempt: number, told: Partial<Told>): CellRecord {
  const facts = {
    cell: cell.id,
    attempt,
    node: null,
    end: { kind: 'done' },
    stages: [],
    buffer: null,
    verify: null,
    memory: null,
    kernelLog: [],
    us: 1,
    heldBy: null,
    stderr: [],
  } as const;
  return {
    ...toRecord('b', cell, { ...facts, stages: [], kernelLog: [], stderr: [] }, new Date(0)),
    ...told,
  };
}

/** What a board says in a run of the plan: all attempts of a cell, one after another. */
function recordsOf(made: Plan, tell: (id: string, attempt: number) => Told): CellRecord[] {
  return made.cells
    .filter(({ skip }) => skip === null)
    .flatMap(({ skip: _, witness: __, ...cell }) =>
      Array.from({ length: made.repeat }, (___, n) => recordOf(cell, n + 1, tell(cell.id, n + 1))),
    );
}

/** As a board's run marks them: each as it comes; `resumed` of them were there when it was resumed. */
function markLive(records: readonly CellRecord[], resumed: number): CellRecord[] {
  const go = (watch: ReturnType<typeof luckWatch>, some: readonly CellRecord[]) =>
    some.map((record) => {
      watch.see(record);
      return watch.mark(record);
    });
  const before = go(luckWatch(), records.slice(0, resumed));
  const watch = luckWatch();
  before.forEach(watch.see);
  return [...before, ...go(watch, records.slice(resumed))];
}

/** One answer for each attempt at each cell, the same whoever asks. */
const anyTeller = fc
  .func(anyTold)
  .map((tell) => (id: string, attempt: number) => tell(id, attempt));

test.group('luck', () => {
  test('a mark is the same when a record comes and when all have come', ({ assert }) => {
    fc.assert(
      fc.property(anyPlanInput, anyTeller, fc.nat(), fc.nat(), (input, tell, cut, resumed) => {
        const all = recordsOf(plan(input), tell);
        const some = all.slice(0, all.length - (cut % (all.length + 1)));
        assert.deepEqual(markLive(some, resumed % (some.length + 1)), markLuck(some));
        assert.deepEqual(markLuck(markLuck(some)), markLuck(some));
      }),
      { numRuns: 300 },
    );
  });

  test('a mark does not depend on the order of the records', ({ assert }) => {
    fc.assert(
      fc.property(anyPlanInput, anyTeller, fc.infiniteStream(fc.nat()), (input, tell, numbers) => {
        const all = recordsOf(plan(input), tell);
        const keys = new Map(all.map((record) => [record, numbers.next().value]));
        const shuffled = all.toSorted((a, b) => (keys.get(a) ?? 0) - (keys.get(b) ?? 0));
        assert.sameDeepMembers(markLuck(shuffled), markLuck(all));
      }),
    );
  });

  test('a filter changes nothing in what it leaves', ({ assert }) => {
    const anyKeep = fc.func(fc.boolean());
    fc.assert(
      fc.property(anyPlanInput, anyTeller, anyKeep, (input, tell, keep) => {
        const full = recordsOf(plan(input), tell);
        const marks = (records: readonly CellRecord[], kept: (id: string) => boolean) =>
          markLuck(records)
            .filter(({ cell }) => kept(cell))
            .map(({ cell, attempt, lucky }) => [cell, attempt, lucky]);
        const lucky = markLuck(full).filter((record) => record.lucky);
        const alone = lucky.slice(-8).map((record) => (id: string) => id === record.cell);
        for (const kept of [keep, ...alone]) {
          const filtered = plan({ ...input, wanted: ({ id }) => kept(id) });
          assert.deepEqual(marks(recordsOf(filtered, tell), kept), marks(full, kept));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('only a pass beside a refusal of the same importer is lucky', ({ assert }) => {
    fc.assert(
      fc.property(anyPlanInput, anyTeller, (input, tell) => {
        const all = recordsOf(plan(input), tell);
        for (const record of markLuck(all).filter(({ lucky }) => lucky)) {
          assert.equal(record.outcome, 'pass');
          assert.isNotNull(record.importer);
          assert.notInclude(['udmabuf-scattered', 'dumb:contig_kms'], record.backend);
          assert.isTrue(
            all.some(
              (other) =>
                other.backend === 'udmabuf-scattered' &&
                other.outcome === 'refused' &&
                other.suite === record.suite &&
                other.format === record.format &&
                other.importer?.driver === record.importer?.driver,
            ),
          );
        }
      }),
    );
  });

  const cell = (more: Partial<Cell>): Cell => {
    const made = {
      suite: 'kms-primary',
      backend: 'udmabuf',
      importer: { kind: 'kms', driver: 'vc4' },
      format: 'XR24',
      width: 1920,
      height: 1080,
      modifier: '0x0',
      ...more,
    } as const;
    return { id: JSON.stringify(made), ...made };
  };
  const told = (
    outcome: Told['outcome'],
    name: NonNullable<Told['stage']>,
    side: 'exporter' | 'importer' = 'importer',
  ): Partial<Told> => {
    const result = outcome === 'pass' ? 'ok' : outcome === 'refused' ? 'failed' : 'unsupported';
    return {
      outcome,
      stage: outcome === 'pass' ? null : name,
      stages: [{ name, side, result, errno: null, us: 1 }],
    };
  };
  const scattered = (more: Partial<Cell>, what: Partial<Told>) =>
    recordOf(cell({ backend: 'udmabuf-scattered', ...more }), 1, what);
  const pass = told('pass', 'test-commit');
  const refusal = told('refused', 'prime-import');
  const small = { width: 640, height: 480 };

  test('a pass of udmabuf beside {title}: lucky {lucky}')
    .with([
      { title: 'nothing', beside: [], lucky: false },
      { title: 'its refused sibling', beside: [scattered({}, refusal)], lucky: true },
      {
        title: 'a sibling that was refused later on',
        beside: [scattered({}, told('refused', 'test-commit'))],
        lucky: true,
      },
      { title: 'its sibling that passed', beside: [scattered({}, pass)], lucky: false },
      {
        title: 'a sibling that its exporter refused',
        beside: [scattered({}, told('refused', 'alloc', 'exporter'))],
        lucky: false,
      },
      {
        title: 'a refused sibling of another importer',
        beside: [scattered({ importer: { kind: 'kms', driver: 'vkms' } }, refusal)],
        lucky: false,
      },
      {
        title: 'a refused sibling of another suite',
        beside: [scattered({ suite: 'kms-overlay' }, refusal)],
        lucky: false,
      },
      {
        title: 'a sibling beyond the list limit and a smaller one that was refused',
        beside: [
          scattered({}, told('unsupported', 'alloc', 'exporter')),
          scattered(small, refusal),
        ],
        lucky: true,
      },
      {
        title: 'a smaller sibling that was refused for its picture',
        beside: [scattered(small, told('refused', 'test-commit'))],
        lucky: false,
      },
      {
        title: 'a sibling that passed and a smaller one that was refused',
        beside: [scattered({}, pass), scattered(small, refusal)],
        lucky: false,
      },
      {
        title: 'a sibling refused in one of two attempts',
        beside: [scattered({}, pass), { ...scattered({}, refusal), attempt: 2 }],
        lucky: true,
      },
    ])
    .run(({ assert }, { beside, lucky }) => {
      const marked = markLuck([...beside, recordOf(cell({}), 1, pass)]);
      assert.equal(marked.at(-1)?.lucky, lucky);
      for (const record of marked.slice(0, -1)) assert.isFalse(record.lucky);
    });

  test('{backend} exported by {exporter}, beside a refused sibling: lucky {lucky}')
    .with([
      { backend: 'udmabuf', exporter: 'udmabuf', lucky: true },
      { backend: 'heap:system', exporter: 'system', lucky: true },
      { backend: 'heap:system', exporter: null, lucky: true },
      { backend: 'heap:qcom,system', exporter: 'qcom,system', lucky: true },
      { backend: 'heap:system-uncached', exporter: null, lucky: true },
      { backend: 'heap:vidbuf_cached', exporter: 'system', lucky: true },
      { backend: 'heap:vidbuf_cached', exporter: 'linux,cma', lucky: false },
      { backend: 'heap:reserved', exporter: 'reserved', lucky: false },
      { backend: 'heap:linux,cma', exporter: null, lucky: false },
      { backend: 'heap:subsystem', exporter: null, lucky: false },
      { backend: 'dumb:vkms', exporter: 'drm', lucky: true },
      { backend: 'gbm:vgem', exporter: 'drm', lucky: true },
      { backend: 'dumb:pl111', exporter: 'drm', lucky: false },
      { backend: 'dumb:vc4', exporter: 'drm', lucky: false },
      { backend: 'v4l2:vivid', exporter: 'videobuf2_dma_contig', lucky: false },
      { backend: 'v4l2:vicodec', exporter: 'videobuf2_vmalloc', lucky: true },
      { backend: 'v4l2:vicodec', exporter: null, lucky: true },
    ])
    .run(({ assert }, { backend, exporter, lucky }) => {
      const buffer = { size: 1, strides: [], offsets: [], modifier: null, segments: null } as const;
      const facts = { ...buffer, strides: [], offsets: [], longestRun: null, exporter };
      const marked = markLuck([
        scattered({}, refusal),
        recordOf(cell({ backend }), 1, { ...pass, buffer: facts }),
      ]);
      assert.equal(marked.at(-1)?.lucky, lucky);
    });
});
