import { test } from '@japa/runner';
import fc from 'fast-check';
import { IMPORTER_KINDS } from '../cell.ts';
import { FORMATS, formatNamed } from '../formats.ts';
import { frameLayout } from '../layout.ts';
import { plan } from '../plan.ts';
import type { CellRecord } from '../record.ts';
import { anyRecord } from '../testing/arbitrary.ts';
import { planExperiments } from './experiments.ts';
import { onePageFrame, PAGE_BYTES } from './frames.ts';
import { experiment, failed, made, ok } from './testing/made.ts';
import { real } from './testing/real.ts';

const planOf = (records: readonly CellRecord[]) => ({
  ...plan({
    board: 'desk',
    profile: 'some',
    backends: [],
    importers: [],
    suites: [],
    limits: { cellMs: 1000, bufferMiB: 64, modeset: false },
    yuvTolerance: 0,
    repeat: 1,
    wanted: () => true,
  }),
  cells: records.map(({ cell: id, suite, backend, importer, format, width, height, modifier }) => ({
    ...{ id, suite, backend, format, width, height, modifier, skip: null },
    importer: importer && { kind: importer.kind, driver: importer.driver },
  })),
});

const planned = (records: readonly CellRecord[]) =>
  planExperiments({ records, experiments: [], inventory: null }, planOf(records));

const bare = [ok('open'), ok('open', 'exporter'), ok('alloc', 'exporter')];
const imported = [...bare, ok('prime-import')];

test.group('experiments', () => {
  test('one page of each memory serves every suite, format and size', ({ assert }) => {
    const { records, experiments, inventory } = real('no-iommu');
    const fresh = planExperiments({ records, experiments: [], inventory }, planOf(records));
    assert.deepEqual(
      fresh.map(({ question, cell }) => `${question} ${cell.id}`),
      [
        'one-page kms-primary/udmabuf/kms:contig_kms/XR24/64x16/0x0',
        'one-page kms-primary/heap:system/kms:contig_kms/XR24/64x16/0x0',
      ],
    );
    // Both of udmabuf's kinds, in each format and size.
    assert.lengthOf(fresh[0]?.of ?? [], 6);
    const again = planExperiments({ records, experiments, inventory }, planOf(records));
    assert.isEmpty(again);
  });

  test('QBUF knows the picture, so each format is asked, and the exporter is kept', ({
    assert,
  }) => {
    const { records, inventory } = real('contiguous-v4l2');
    const fresh = planExperiments({ records, experiments: [], inventory }, planOf(records));
    assert.deepEqual(
      fresh.map(({ cell }) => cell.id),
      ['udmabuf', 'heap:system'].map(
        (backend) => `encoder/${backend}/v4l2-output:vivid/NV12/64x16/0x0`,
      ),
    );
  });

  test('what is proven or known in numbers is not asked', ({ assert }) => {
    const { records, inventory } = real('scatter');
    assert.isEmpty(planExperiments({ records, experiments: [], inventory }, planOf(records)));
  });

  test('without contiguous memory two scattered pages stand beside the one', ({ assert }) => {
    const ids = planned([
      made('kms-primary/udmabuf/kms:vc4/XR24/640x480/0x0', [
        ...bare,
        failed('prime-import', 'EINVAL'),
      ]),
      made('kms-primary/dumb:vc4/kms:vc4/XR24/640x480/0x0', imported),
    ]).map(({ question, cell }) => `${question} ${cell.id}`);
    // Refused and unexplained: nothing told contiguity from a driver without import yet.
    assert.deepEqual(ids, [
      'one-page kms-primary/udmabuf/kms:vc4/XR24/64x16/0x0',
      'two-pages kms-primary/udmabuf-scattered/kms:vc4/XR24/64x16/0x0',
    ]);
  });

  test('contiguous memory that was not tried in this format is', ({ assert }) => {
    const found = planned([
      made('encoder/udmabuf/v4l2-m2m:x/NV12/640x480/0x0', [...bare, failed('qbuf', 'EFAULT')]),
      made('allocate/heap:reserved/-/NV12/640x480/0x0', [ok('alloc', 'exporter')]),
    ]);
    assert.includeMembers(
      found.map(({ question, cell }) => `${question} ${cell.id}`),
      ['contiguous encoder/heap:reserved/v4l2-m2m:x/NV12/640x480/0x0'],
    );
  });

  test('a picture that is refused is tried in other layouts, sizes and formats', ({ assert }) => {
    const found = planned([
      made('kms-primary/udmabuf/kms:vc4/NV12/1080x600/0x0', [
        ...imported,
        failed('addfb2', 'EINVAL'),
      ]),
    ]);
    assert.sameMembers(
      found.map(({ question, cell }) => `${question} ${cell.id.split('/').slice(3).join('/')}`),
      [
        'stride NV12/1080x600/0x0/tight-stride',
        'stride NV12/1080x600/0x0/stride-64',
        'offset NV12/1080x600/0x0/page-offsets',
        'padding NV12/1080x600/0x0/padded',
        'smaller NV12/540x300/0x0',
        'other-format XR24/1080x600/0x0',
      ],
    );
  });

  test('one memory asks for all that were refused with the same picture', ({ assert }) => {
    const refused = ['udmabuf', 'heap:reserved', 'heap:system', 'dumb:vc4'].map((backend) =>
      made(`kms-primary/${backend}/kms:vc4/XR24/1080x600/0x0`, [
        ...imported,
        failed('addfb2', 'EINVAL'),
      ]),
    );
    const found = planned(refused);
    assert.isNotEmpty(found);
    for (const { cell, of } of found) {
      assert.equal(cell.backend, 'heap:reserved');
      assert.lengthOf(of, refused.length);
    }
  });

  test('an exhausted allocator is asked for less, and nobody is given it', ({ assert }) => {
    const found = planned([
      made('kms-primary/heap:reserved/kms:vc4/XR24/1920x1080/0x0', [
        ok('open'),
        ok('open', 'exporter'),
        failed('alloc', 'ENOMEM', { side: 'exporter' }),
      ]),
    ]);
    assert.deepEqual(
      found.map(({ question, cell }) => `${question} ${cell.id}`),
      [
        'one-page allocate/heap:reserved/-/XR24/64x16/0x0',
        'smaller allocate/heap:reserved/-/XR24/960x540/0x0',
      ],
    );
  });

  test('what was asked is not asked again, whatever the answer', ({ assert }) => {
    const records = [
      made('kms-primary/udmabuf/kms:vc4/NV12/1080x600/0x0', [
        ...imported,
        failed('addfb2', 'EINVAL'),
      ]),
    ];
    const asked = planned(records);
    assert.isNotEmpty(asked);
    // Each ends before the rung in question: nothing is settled.
    const experiments = asked.map(({ question, variation, cell }) =>
      experiment(question, variation, made(cell.id, [failed('open', 'EIO')])),
    );
    const again = planExperiments({ records, experiments, inventory: null }, planOf(records));
    assert.deepEqual(again, []);
  });

  test('nobody who is blocked, crashed or hung is asked again', ({ assert }) => {
    const id = 'kms-primary/udmabuf/kms:vc4/XR24/640x480/0x0';
    assert.isEmpty(
      planned([
        made(id, [...imported, failed('test-commit', 'EACCES')], { heldBy: 'Xorg' }),
        made(id.replace('640x480', '64x64'), imported, {
          end: { kind: 'died', signal: 'SIGSEGV', code: null },
        }),
      ]),
    );
  });

  test('whatever boards say, each is planned once, none that is known, and each for a cell', ({
    assert,
  }) => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 12 }), (records) => {
        const found = planned(records);
        const ids = found.map(({ cell }) => cell.id);
        assert.lengthOf(new Set(ids), ids.length);
        const known = new Set(records.map(({ cell }) => cell));
        for (const { cell, of } of found) {
          assert.isFalse(known.has(cell.id));
          assert.isNotEmpty(of);
          for (const id of of) assert.isTrue(known.has(id));
        }
      }),
    );
  });

  test('a frame of one page has one: {format} for {kind}')
    .with(
      FORMATS.flatMap(({ name }) =>
        [null, ...IMPORTER_KINDS].map((kind) => ({ format: name, kind })),
      ),
    )
    .run(({ assert }, { format, kind }) => {
      const { width, height } = onePageFrame(format, kind);
      const shape = formatNamed(format);
      const stride = kind?.startsWith('v4l2') ? width * (shape.planes[0]?.bytes ?? 0) : undefined;
      assert.isAtMost(frameLayout(shape, width, height, stride).size, PAGE_BYTES);
      assert.isAtLeast(height, 10);
    });
});
