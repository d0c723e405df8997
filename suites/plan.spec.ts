import { test } from '@japa/runner';
import fc from 'fast-check';
import { type Cell, cellId, importerName } from './cell.ts';
import {
  Plan,
  type PlanInput,
  type PlannedCell,
  plan,
  SUITE_IMPORTERS,
  usesHeaps,
  usesMesa,
} from './plan.ts';
import { anyPlanInput } from './testing/arbitrary.ts';

const SCATTERED = 'udmabuf-scattered';
const strip = ({ skip: _, witness: __, ...cell }: PlannedCell): Cell => cell;
const taker = ({ suite, importer }: Cell) => `${suite} ${importer && importerName(importer)}`;
const area = ({ width, height }: Cell) => width * height;
const sameSize = (a: Cell, b: Cell) => a.width === b.width && a.height === b.height;

/** Ids as the definition says it: every combination, in no order. */
function idsOf(input: PlanInput): string[] {
  return input.suites.flatMap(({ name: suite, formats, sizes }) => {
    const kinds = SUITE_IMPORTERS[suite];
    const fitting = input.importers.filter(({ kind }) => kinds.includes(kind)).map(importerName);
    const importers = kinds.length ? fitting : ['-'];
    return importers.flatMap((importer) =>
      formats.flatMap((format) =>
        sizes.flatMap(({ width, height }) =>
          input.backends.flatMap((backend) =>
            (backend.startsWith('gbm:') ? ['0x0', '-'] : ['0x0']).map((modifier) =>
              [suite, backend, importer, format, `${width}x${height}`, modifier].join('/'),
            ),
          ),
        ),
      ),
    );
  });
}

/** A filter that depends on the id alone, as all of them do. */
const anyFilter = fc.tuple(fc.nat(6), fc.nat(6)).map(([divisor, rest]) => (cell: Cell) => {
  let hash = 0;
  for (const char of cell.id) hash = (hash * 31 + char.charCodeAt(0)) % 99_991;
  return hash % (divisor + 1) === rest;
});

test.group('the planner', () => {
  test('plans every combination once, and nothing else', ({ assert }) => {
    fc.assert(
      fc.property(anyPlanInput, (input) => {
        const { cells } = plan(input);
        const ids = cells.map(({ id }) => id);
        assert.lengthOf(new Set(ids), ids.length);
        assert.sameMembers(ids, idsOf(input));
        assert.isTrue(cells.every(({ skip, witness }) => skip === null && witness === undefined));
      }),
    );
  });

  test('ids say what the cell is, and nothing of /dev', ({ assert }) => {
    fc.assert(
      fc.property(anyPlanInput, (input) => {
        for (const cell of plan(input).cells) {
          const [suite, backend, importer, format, size, modifier, ...rest] = cell.id.split('/');
          assert.deepEqual(rest, []);
          assert.equal(suite, cell.suite);
          assert.equal(backend, cell.backend);
          assert.equal(importer, cell.importer ? importerName(cell.importer) : '-');
          assert.equal(format, cell.format);
          assert.equal(size, `${cell.width}x${cell.height}`);
          assert.equal(modifier, cell.modifier ?? '-');
          assert.equal(cellId(cell), cell.id);
          assert.notMatch(cell.id, /card\d|video\d|render\d/);
        }
      }),
    );
  });

  test('is plain data that its schema takes as it is', ({ assert }) => {
    fc.assert(
      fc.property(anyPlanInput, anyFilter, (input, wanted) => {
        const made = plan({ ...input, wanted });
        assert.deepEqual(Plan.parse(JSON.parse(JSON.stringify(made))), made);
        const { board, profile, repeat, limits, yuvTolerance } = input;
        assert.deepInclude(made, { schema: 1, board, profile, repeat, limits, yuvTolerance });
      }),
    );
  });

  test('suites run in their order, and scattered cells before what they testify to', ({
    assert,
  }) => {
    fc.assert(
      fc.property(anyPlanInput, (input) => {
        const { cells } = plan(input);
        const suites = Object.keys(SUITE_IMPORTERS);
        const order = cells.map(({ suite }) => suites.indexOf(suite));
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
        for (const own of Map.groupBy(cells, taker).values()) {
          const first = own.findIndex(({ backend }) => backend !== SCATTERED);
          const last = own.findLastIndex(({ backend }) => backend === SCATTERED);
          if (first >= 0) assert.isBelow(last, first);
        }
      }),
    );
  });

  test('a filter takes what it wants, its witnesses, and nothing else', ({ assert }) => {
    fc.assert(
      fc.property(anyPlanInput, anyFilter, (input, wanted) => {
        const full = plan(input).cells;
        const { cells } = plan({ ...input, wanted });
        assert.deepEqual(cells.map(strip), full.map(strip));
        const asked = cells.filter((cell) => wanted(strip(cell)));
        const needed = new Set(
          asked
            .filter(({ importer, backend }) => importer !== null && backend !== SCATTERED)
            .flatMap((cell) => {
              const family = cells.filter(
                (other) =>
                  other.backend === SCATTERED &&
                  other.format === cell.format &&
                  taker(other) === taker(cell),
              );
              const [least] = family.toSorted((a, b) => area(a) - area(b) || a.width - b.width);
              return family.filter((other) => other === least || sameSize(other, cell));
            }),
        );
        for (const cell of cells) {
          const isAsked = asked.includes(cell);
          const isWitness = !isAsked && needed.has(cell);
          assert.equal(cell.skip, isAsked || isWitness ? null : 'filtered');
          assert.equal(cell.witness === true, isWitness);
        }
      }),
    );
  });

  test('one cell asked for brings its sibling, and the smallest one where that is another', ({
    assert,
  }) => {
    const size = (width: number, height: number) => ({ width, height });
    const input: PlanInput = {
      board: 'b',
      profile: 'p',
      backends: ['udmabuf', SCATTERED, 'heap:system'],
      importers: [{ kind: 'kms', driver: 'vc4' }],
      suites: [
        { name: 'cpu', formats: ['XR24'], sizes: [size(640, 480)] },
        {
          name: 'kms-primary',
          formats: ['XR24', 'NV12'],
          sizes: [size(1920, 1080), size(640, 480)],
        },
      ],
      limits: { cellMs: 1, bufferMiB: 1, modeset: false },
      yuvTolerance: 0,
      repeat: 1,
      wanted: () => true,
    };
    const running = (id: string) =>
      plan({ ...input, wanted: (cell) => cell.id === id })
        .cells.filter(({ skip }) => skip === null)
        .map((cell) => `${cell.witness ? 'witness ' : ''}${cell.id}`);
    const large = 'kms-primary/udmabuf/kms:vc4/XR24/1920x1080/0x0';
    assert.deepEqual(running(large), [
      'witness kms-primary/udmabuf-scattered/kms:vc4/XR24/1920x1080/0x0',
      'witness kms-primary/udmabuf-scattered/kms:vc4/XR24/640x480/0x0',
      large,
    ]);
    const small = 'kms-primary/heap:system/kms:vc4/NV12/640x480/0x0';
    assert.deepEqual(running(small), [
      'witness kms-primary/udmabuf-scattered/kms:vc4/NV12/640x480/0x0',
      small,
    ]);
    const alone = 'kms-primary/udmabuf-scattered/kms:vc4/NV12/1920x1080/0x0';
    assert.deepEqual(running(alone), [alone]);
    assert.deepEqual(running('cpu/udmabuf/-/XR24/640x480/0x0'), ['cpu/udmabuf/-/XR24/640x480/0x0']);
  });

  test('knows which filters leave a cell with Mesa, and one with a heap, in it', ({ assert }) => {
    fc.assert(
      fc.property(anyPlanInput, anyFilter, (input, wanted) => {
        const planned = plan({ ...input, wanted });
        const running = planned.cells.filter(({ skip }) => skip === null);
        const words = running.map(({ backend, importer }) => `${backend} ${importer?.kind}`);
        assert.equal(usesMesa(planned), /gbm:|egl/.test(words.join('\n')));
        assert.equal(usesHeaps(planned), /^heap:/m.test(words.join('\n')));
      }),
    );
  });

  test('two importers of one name are an error, not two cells of one id', ({ assert }) => {
    const twin = { kind: 'kms', driver: 'vc4' } as const;
    fc.assert(
      fc.property(anyPlanInput, (input) => {
        const wish = {
          name: 'kms-primary',
          formats: ['XR24'],
          sizes: [{ width: 1, height: 1 }],
        } as const;
        const twice = { ...input, suites: [wish], importers: [twin, twin], backends: ['udmabuf'] };
        assert.throws(() => plan(twice), /planned twice/);
      }),
    );
  });
});
