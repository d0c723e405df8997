import { test } from '@japa/runner';
import fc from 'fast-check';
import { markLuck } from '../luck.ts';
import type { CellFacts, CellRecord } from '../record.ts';
import { anyRecord } from '../testing/arbitrary.ts';
import { attribution, type BoardEvidence, causeOfUntried } from './attribute.ts';
import { CAUSE_NAMES, Cause, type CauseName } from './cause.ts';
import type { ExperimentRecord } from './experiment.ts';
import { causeLabel } from './summary.ts';
import { bufferOf, experiment, failed, made, ok } from './testing/made.ts';
import { REAL, real } from './testing/real.ts';

/** `not-contiguous (proven)` for each cell that is no plain pass. */
function labels(evidence: BoardEvidence): Record<string, string> {
  const causeOf = attribution(evidence);
  return Object.fromEntries(
    evidence.records.flatMap((record) => {
      const cause = causeOf(record);
      return cause ? [[record.cell, causeLabel(cause)] as const] : [];
    }),
  );
}

const without = (evidence: BoardEvidence): BoardEvidence => ({ ...evidence, experiments: [] });

test.group('causes of real records', () => {
  test('a display without an IOMMU: the one-page experiment proves contiguity', ({ assert }) => {
    const board = real('no-iommu');
    const found = labels(board);
    const memory = ['udmabuf-scattered', 'udmabuf', 'heap:system'].flatMap((backend) =>
      ['XR24', 'NV12'].map(
        (format) => `kms-primary/${backend}/kms:contig_kms/${format}/640x480/0x0`,
      ),
    );
    for (const id of memory) assert.equal(found[id], 'not-contiguous (proven)', id);
    for (const id of memory)
      assert.equal(labels(without(board))[id], 'not-contiguous (likely)', id);
    const cause = attribution(board)(recordOf(board, memory[2] ?? ''));
    const shown = cause?.evidence.map(({ cell }) => cell) ?? [];
    assert.include(shown, 'kms-primary/udmabuf/kms:contig_kms/XR24/64x16/0x0');
    assert.include(shown, 'kms-primary/heap:reserved/kms:contig_kms/XR24/640x480/0x0');
    assert.notProperty(found, 'kms-primary/heap:reserved/kms:contig_kms/XR24/640x480/0x0');
    assert.equal(found['allocate/gbm:vgem/-/NV12/640x480/0x0'], 'format (proven)');
    assert.equal(found['egl-render/udmabuf/egl:swrast/NV12/640x480/0x0'], 'format (proven)');
  });

  test('the order of the records in their file changes nothing: {name}')
    .with(REAL.map((name) => ({ name })))
    .run(({ assert }, { name }) => {
      const board = real(name);
      const causeOf = attribution(board);
      const reversed = attribution({
        ...board,
        records: board.records.toReversed(),
        experiments: board.experiments.toReversed(),
      });
      for (const record of board.records) assert.deepEqual(causeOf(record), reversed(record));
    });

  test('of two witnesses that are equally near one is chosen, whatever their order', ({
    assert,
  }) => {
    const refused = made(KMS, [...bare, failed('prime-import', 'EINVAL')]);
    const pair = ['heap:reserved', 'heap:linux,cma'].map((backend) =>
      made(KMS.replace('udmabuf', backend), added),
    );
    const evidence = [pair, pair.toReversed()].map((witnesses) =>
      attribution({ records: [refused, ...witnesses], experiments: [], inventory: null })(refused),
    );
    assert.equal(evidence[0]?.cause, 'not-contiguous');
    assert.deepEqual(evidence[0], evidence[1]);
  });

  test('a page that is refused as well was not refused for being scattered', ({ assert }) => {
    const board = real('no-iommu');
    const experiments = board.experiments.map(
      (each): ExperimentRecord => ({
        ...each,
        outcome: 'refused',
        stages: [
          ...each.stages.filter(({ side }) => side === 'exporter'),
          failed('prime-import', 'EINVAL'),
        ],
      }),
    );
    const id = 'kms-primary/udmabuf/kms:contig_kms/XR24/640x480/0x0';
    assert.equal(labels({ ...board, experiments })[id], 'unknown');
  });

  test('an own buffer that comes home proves nothing of memory', ({ assert }) => {
    const board = real('no-iommu');
    const records = board.records.filter(({ backend }) => !backend.startsWith('heap:reserved'));
    const found = labels({ ...board, records });
    const id = 'kms-primary/udmabuf/kms:contig_kms/XR24/640x480/0x0';
    assert.equal(found[id], 'not-contiguous (likely)');
  });

  test('a lucky pass is as sure as the refusal of its witness', ({ assert }) => {
    const board = real('no-iommu');
    const id = 'kms-primary/udmabuf/kms:contig_kms/XR24/640x480/0x0';
    const passed = recordOf(board, 'kms-primary/heap:reserved/kms:contig_kms/XR24/640x480/0x0');
    // As a fresh board does it: the pages lie side by side.
    const lucky = {
      ...passed,
      cell: id,
      backend: 'udmabuf',
      buffer: bufferOf({ exporter: 'udmabuf', segments: 1 }),
    };
    const records = markLuck([...board.records.filter(({ cell }) => cell !== id), lucky]);
    assert.equal(labels({ ...board, records })[id], 'not-contiguous (proven)');
    const marked = records.find(({ cell }) => cell === id);
    const cause = marked && attribution({ ...board, records })(marked);
    const pieces = cause?.evidence.find(({ text }) => /pieces \(pagemap\)/.test(text));
    assert.match(pieces?.cell ?? '', /udmabuf-scattered/, 'these are the pages of the witness');
    assert.equal(labels(without({ ...board, records }))[id], 'not-contiguous (likely)');
  });

  test('V4L2: the kernel tells, and the one-page experiment proves', ({ assert }) => {
    const board = real('contiguous-v4l2');
    for (const backend of ['udmabuf-scattered', 'udmabuf', 'heap:system']) {
      const id = `encoder/${backend}/v4l2-output:vivid/NV12/640x480/0x0`;
      assert.equal(labels(board)[id], 'not-contiguous (proven)', id);
      assert.equal(labels(without(board))[id], 'not-contiguous (told)', id);
      const texts = attribution(board)(recordOf(board, id))?.evidence.map(({ text }) => text);
      assert.match(texts?.join('\n') ?? '', /contiguous chunk is too small \d+\/\d+/);
    }
  });

  test('vkms of 6.12 has no NV12, and udmabuf no list that long', ({ assert }) => {
    const board = real('scatter');
    for (const backend of ['udmabuf-scattered', 'udmabuf', 'dumb:vkms'])
      assert.equal(
        labels(board)[`kms-primary/${backend}/kms:vkms/NV12/640x480/0x0`],
        'format (proven)',
      );
    const long = 'kms-primary/udmabuf-scattered/kms:vkms/XR24/1920x1080/0x0';
    assert.equal(labels(board)[long], 'list-limit (told)');
    // Without the inventory the agent's words are all there is.
    assert.equal(labels({ ...board, inventory: null })[long], 'list-limit (told)');
    const [alone] = board.records.filter(({ cell }) => cell.includes('/udmabuf/kms:vkms/NV12'));
    if (!alone) throw new Error('it was recorded');
    assert.equal(labels({ ...board, records: [alone] })[alone.cell], 'format (told)');
  });

  test('a CMA region of 4 MiB has no room for 1920x1080 in XR24', ({ assert }) => {
    const board = real('small-cma');
    const found = labels(board);
    for (const backend of ['heap:reserved', 'dumb:contig_kms'])
      assert.equal(
        found[`allocate/${backend}/-/XR24/1920x1080/0x0`],
        'cma-exhausted (proven)',
        backend,
      );
    const large = board.records.filter(({ width }) => width === 1920);
    assert.deepEqual(
      new Set(Object.values(labels({ ...without(board), records: large }))),
      new Set(['cma-exhausted (told)']),
    );
  });
});

function recordOf({ records }: BoardEvidence, id: string): CellRecord {
  const found = records.find(({ cell }) => cell === id);
  if (!found) throw new Error(`${id} is not among the real records`);
  return found;
}

const KMS = 'kms-primary/udmabuf/kms:vc4/XR24/640x480/0x0';
const SAMPLE = 'egl-sample/udmabuf/egl:v3d/XR24/640x480/0x0';
const imported = [ok('open'), ok('open', 'exporter'), ok('alloc', 'exporter'), ok('prime-import')];
const added = [...imported, ok('addfb2')];
const bare = [ok('open'), ok('open', 'exporter'), ok('alloc', 'exporter')];
const exported = (name: 'open' | 'alloc', errno: string, result: 'failed' | 'unsupported') =>
  failed(name, errno, { side: 'exporter', result });

interface Row {
  readonly what: string;
  readonly label: string;
  readonly record: CellRecord;
  readonly beside?: readonly CellRecord[];
  readonly experiments?: readonly ExperimentRecord[];
}

const memoryAt = (before: number, during: number): CellFacts['memory'] => {
  const at = (swiotlbUsed: number) => ({ cmaFreeKiB: null, swiotlbUsed });
  return { before: at(before), held: at(during), after: at(before) };
};
const wrong = { compared: 9, wrong: 9, tolerance: 0, control: 'ok' } as const;

/** What no virtual board shows, or not at will: written by hand. */
const ROWS: readonly Row[] = [
  {
    what: 'EIO of a mapping',
    label: 'address-range (likely)',
    record: made(KMS, [...bare, failed('prime-import', 'EIO')]),
  },
  {
    what: 'an address beyond the mask, in the kernel log',
    label: 'address-range (told)',
    record: made(KMS, [...bare, failed('prime-import', 'EINVAL')], {
      kernelLog: ['DMA addr 0x0000000123456000+4096 overflow (mask 3fffffff, bus limit 0).'],
    }),
  },
  {
    what: 'a bounce buffer that is full',
    label: 'swiotlb-bounce (told)',
    record: made(KMS, [...bare, failed('prime-import', 'EINVAL')], {
      kernelLog: ['vc4-drm gpu: swiotlb buffer is full (sz: 1048576 bytes), total 32768 (slots)'],
    }),
  },
  {
    what: 'wrong pixels from a mapping that was copied',
    label: 'swiotlb-bounce (told)',
    record: made(KMS, [...added, { ...ok('verify'), result: 'wrong' }], {
      verify: wrong,
      memory: memoryAt(10, 10 + 1_228_800 / 2048),
    }),
  },
  {
    what: 'wrong pixels and no copy',
    label: 'wrong-data (told)',
    record: made(KMS, [...added, { ...ok('verify'), result: 'wrong' }], {
      verify: wrong,
      memory: memoryAt(10, 12),
    }),
  },
  {
    what: 'a control that is wrong as well',
    label: 'broken-renderer (proven)',
    record: made(SAMPLE, [...bare, { ...ok('verify'), result: 'wrong' }], {
      verify: { ...wrong, control: 'wrong' },
    }),
  },
  {
    what: 'a heap that is not there',
    label: 'heap-absent (told)',
    record: made('allocate/heap:vidbuf/-/XR24/640x480/0x0', [
      exported('open', 'ENOENT', 'unsupported'),
    ]),
  },
  {
    what: "the default region's heap under another name",
    label: 'heap-renamed (likely)',
    record: made('allocate/heap:linux,cma/-/XR24/640x480/0x0', [
      exported('open', 'ENOENT', 'unsupported'),
    ]),
  },
  {
    what: 'a closed node',
    label: 'permission (told)',
    record: made('allocate/udmabuf/-/XR24/640x480/0x0', [exported('open', 'EACCES', 'failed')], {
      heldBy: 'no permission to open /dev/udmabuf (crw-rw---- root:kvm)',
    }),
  },
  {
    what: 'a display with a master',
    label: 'drm-master (told)',
    record: made(KMS, [...added, failed('test-commit', 'EACCES')], {
      heldBy: 'DRM master of /dev/dri/card0 is held by Xorg (pid 812)',
    }),
  },
  {
    what: 'an encoder in use',
    label: 'busy (told)',
    record: made('encoder/udmabuf/v4l2-m2m:x/NV12/640x480/0x0', [failed('s-fmt', 'EBUSY')], {
      heldBy: '/dev/video11 is held by ffmpeg (pid 9)',
    }),
  },
  {
    what: 'ENOMEM of the page allocator',
    label: 'out-of-memory (told)',
    record: made('allocate/heap:system/-/XR24/640x480/0x0', [
      ok('open', 'exporter'),
      exported('alloc', 'ENOMEM', 'failed'),
    ]),
  },
  {
    what: "ENOMEM of an importer, which may be of an IOMMU's addresses",
    label: 'out-of-memory (likely)',
    record: made('encoder/udmabuf/v4l2-m2m:x/NV12/640x480/0x0', [failed('streamon', 'ENOMEM')]),
  },
  {
    what: 'the OOM killer',
    label: 'out-of-memory (told)',
    record: made(KMS, [], {
      end: { kind: 'died', signal: 'SIGKILL', code: null },
      kernelLog: ['Out of memory: Killed process 812 (bufmatrix-cell)'],
    }),
  },
  {
    what: "a buffer beyond the run's own limit",
    label: 'size-limit (told)',
    record: made('allocate/heap:system/-/XR24/1920x1080/0x0', [
      failed('alloc', null, {
        side: 'exporter',
        result: 'unsupported',
        detail: '8294400 bytes are larger than the 4 MiB limit of one buffer',
      }),
    ]),
  },
  {
    what: 'a display that shows only the smaller picture',
    label: 'size-limit (proven)',
    record: made('kms-primary/udmabuf/kms:vc4/XR24/1920x1080/0x0', [
      ...added,
      failed('test-commit', 'ENOSPC'),
    ]),
    beside: [made(KMS, [...added, ok('test-commit')])],
  },
  {
    what: 'a stride that passes once it is tight',
    label: 'stride (proven)',
    record: made(KMS, [...imported, failed('addfb2', 'EINVAL')]),
    experiments: [
      experiment(
        'stride',
        'tight-stride',
        made(`${KMS}/tight-stride`, [...imported, ok('addfb2')]),
      ),
    ],
  },
  {
    what: "another backend's stride, which was refused likewise and passes once it is tight",
    label: 'stride (proven)',
    record: made(KMS.replace('udmabuf', 'dumb:v3d'), [...imported, failed('addfb2', 'EINVAL')]),
    beside: [made(KMS, [...imported, failed('addfb2', 'EINVAL')])],
    experiments: [
      experiment(
        'stride',
        'tight-stride',
        made(`${KMS}/tight-stride`, [...imported, ok('addfb2')]),
      ),
    ],
  },
  {
    what: 'a dma-buf that may be mapped for reading only',
    label: 'read-only (told)',
    record: made('cpu/gbm:vgem/-/XR24/640x480/0x0', [
      ok('open', 'exporter'),
      ok('alloc', 'exporter'),
      failed('map', 'EACCES', { detail: 'mmap: EACCES' }),
    ]),
  },
  {
    what: "another backend's stride that passes once it is tight",
    label: 'stride (likely)',
    record: made(KMS.replace('udmabuf', 'dumb:v3d'), [...imported, failed('addfb2', 'EINVAL')]),
    experiments: [
      experiment(
        'stride',
        'tight-stride',
        made(`${KMS}/tight-stride`, [...imported, ok('addfb2')]),
      ),
    ],
  },
  {
    what: 'planes that pass once they begin at pages',
    label: 'offset (proven)',
    record: made(KMS, [...imported, failed('addfb2', 'EINVAL')]),
    experiments: [
      experiment(
        'offset',
        'page-offsets',
        made(`${KMS}/page-offsets`, [...imported, ok('addfb2')]),
      ),
    ],
  },
  {
    what: 'planes at other places than V4L2 reads them',
    label: 'offset (told)',
    record: made('encoder/dumb:v3d/v4l2-m2m:x/NV12/640x360/0x0', [
      failed('s-fmt', null, {
        result: 'unsupported',
        detail: 'planes at 640@0 640@230400 (stride@offset); the driver reads 640@0 640@235520',
      }),
    ]),
  },
  {
    what: 'a stride that V4L2 does not read',
    label: 'stride (told)',
    record: made('encoder/dumb:v3d/v4l2-m2m:x/NV12/640x360/0x0', [
      failed('s-fmt', null, {
        result: 'unsupported',
        detail: 'planes at 768@0 768@276480 (stride@offset); the driver reads 640@0 640@230400',
      }),
    ]),
  },
  {
    what: 'a frame that passes with rows to spare',
    label: 'padding (proven)',
    record: made(SAMPLE, [...bare, failed('egl-image', 'EGL_BAD_ALLOC')]),
    experiments: [
      experiment('padding', 'padded', made(`${SAMPLE}/padded`, [...bare, ok('egl-image')])),
    ],
  },
  {
    what: 'a format that no layout helps',
    label: 'format (proven)',
    record: made(SAMPLE.replace('XR24', 'NV12'), [...bare, failed('egl-image', 'EGL_BAD_ALLOC')]),
    beside: [made(SAMPLE, [...bare, ok('egl-image')])],
    experiments: (['page-offsets', 'padded', 'tight-stride'] as const).map((variation) =>
      experiment(
        'padding',
        variation,
        made(`${SAMPLE.replace('XR24', 'NV12')}/${variation}`, [
          ...bare,
          failed('egl-image', 'EGL_BAD_ALLOC'),
        ]),
      ),
    ),
  },
  {
    what: 'a format that was tried in one layout',
    label: 'format (likely)',
    record: made(SAMPLE.replace('XR24', 'NV12'), [...bare, failed('egl-image', 'EGL_BAD_ALLOC')]),
    beside: [made(SAMPLE, [...bare, ok('egl-image')])],
  },
  {
    what: 'a tiled buffer, where rows pass',
    label: 'modifier (proven)',
    record: made(
      'kms-primary/gbm:v3d/kms:vc4/XR24/640x480/-',
      [...imported, failed('addfb2', 'EINVAL')],
      { buffer: bufferOf({ modifier: '0x700000000000006' }) },
    ),
    beside: [made('kms-primary/gbm:v3d/kms:vc4/XR24/640x480/0x0', added)],
  },
  {
    what: 'a buffer that the CPU cannot read',
    label: 'modifier (told)',
    record: made(
      'egl-sample/gbm:v3d/egl:v3d/XR24/640x480/-',
      [
        ok('open', 'exporter'),
        ok('alloc', 'exporter'),
        failed('open', null, { result: 'unsupported', detail: 'CPU access to a tiled buffer' }),
      ],
      { buffer: bufferOf({ modifier: null }) },
    ),
  },
  {
    what: 'a driver that takes its own buffers only',
    label: 'no-prime (told)',
    record: made(KMS, [...bare, failed('prime-import', 'ENODEV')]),
  },
  {
    what: 'a driver that takes no foreign buffer, a page of CMA included',
    label: 'no-prime (proven)',
    record: made('kms-primary/udmabuf/kms:bochs/XR24/640x480/0x0', [
      ...bare,
      failed('prime-import', 'EINVAL'),
    ]),
    beside: [
      made('kms-primary/heap:reserved/kms:bochs/XR24/640x480/0x0', [
        ...bare,
        failed('prime-import', 'EINVAL'),
      ]),
      made('kms-primary/dumb:bochs/kms:bochs/XR24/640x480/0x0', added),
    ],
    experiments: [
      experiment(
        'one-page',
        null,
        made(
          'kms-primary/udmabuf/kms:bochs/XR24/64x16/0x0',
          [...bare, failed('prime-import', 'EINVAL')],
          { buffer: bufferOf({ size: 4096 }) },
        ),
      ),
    ],
  },
  {
    what: 'contiguity without any contiguous memory beside: two pages are refused, one is not',
    label: 'not-contiguous (proven)',
    record: made(KMS, [...bare, failed('prime-import', 'EINVAL')]),
    experiments: [
      experiment(
        'one-page',
        null,
        made('kms-primary/udmabuf/kms:vc4/XR24/64x16/0x0', added, {
          buffer: bufferOf({ size: 4096 }),
        }),
      ),
      experiment(
        'two-pages',
        null,
        made(
          'kms-primary/udmabuf-scattered/kms:vc4/XR24/64x16/0x0',
          [...bare, failed('prime-import', 'EINVAL')],
          { buffer: bufferOf({ size: 8192, segments: 2 }) },
        ),
      ),
    ],
  },
  {
    what: 'a display without overlay planes',
    label: 'missing-capability (told)',
    record: made('kms-overlay/udmabuf/kms:vc4/XR24/640x480/0x0', [
      failed('open', null, {
        result: 'unsupported',
        detail: 'overlay plane (the driver has none)',
      }),
    ]),
  },
  {
    what: 'SIGSEGV',
    label: 'driver-crash (told)',
    record: made(SAMPLE, [...bare, { ...ok('draw'), result: 'entered' }], {
      end: { kind: 'died', signal: 'SIGSEGV', code: null },
    }),
  },
  {
    what: 'an oops',
    label: 'kernel-oops (told)',
    record: made(KMS, added, {
      kernelLog: ['BUG: kernel NULL pointer dereference, address: 0000000000000008'],
    }),
  },
  {
    what: 'a deadline',
    label: 'driver-hang (told)',
    record: made(KMS, [...added, { ...ok('test-commit'), result: 'entered' }], {
      end: { kind: 'deadline', limitMs: 20_000, stuck: true },
    }),
  },
  {
    what: 'a board that went away twice',
    label: 'board-lost (told)',
    record: made(KMS, [], { end: { kind: 'board-lost', why: 'no answer' } }),
  },
  {
    what: 'a cell that was never started',
    label: 'interrupted (told)',
    record: made(KMS, [], { end: { kind: 'never', why: 'interrupted' } }),
  },
  {
    what: 'a bug of ours',
    label: 'harness (told)',
    record: made(KMS, [...bare, failed('prime-import', 'EBADF')]),
  },
  {
    what: 'an errno that nothing explains',
    label: 'unknown',
    record: made(KMS, [...added, failed('test-commit', 'EINVAL')]),
  },
];

const about = ({ record, beside = [], experiments = [] }: Row): BoardEvidence => ({
  records: [record, ...beside],
  experiments,
  inventory: null,
});

const heaps = real('no-iommu').inventory;

test.group('causes of records made by hand', () => {
  test('{what}: {label}')
    .with([...ROWS])
    .run(({ assert }, row) => {
      // Which heaps there are is the inventory's to say.
      const inventory = row.record.backend.startsWith('heap:') ? heaps : null;
      const cause = attribution({ ...about(row), inventory })(row.record);
      assert.equal(cause && causeLabel(cause), row.label, JSON.stringify(cause));
      assert.isNotEmpty(cause?.evidence);
    });

  test('every cause of the list is reached', ({ assert }) => {
    const reached = new Set<CauseName>();
    for (const row of ROWS) {
      const name = CAUSE_NAMES.find((each) => row.label.split(' ')[0] === each);
      if (name) reached.add(name);
    }
    for (const board of ['no-iommu', 'scatter', 'small-cma'] as const)
      for (const label of Object.values(labels(real(board)))) {
        const name = CAUSE_NAMES.find((each) => label.split(' ')[0] === each);
        if (name) reached.add(name);
      }
    reached.add(causeOfUntried('filtered', null).cause);
    assert.sameMembers([...reached], [...CAUSE_NAMES]);
  });

  test('a cell without a record: {skip}, {incomplete}')
    .with([
      { skip: 'filtered', incomplete: null, cause: 'filtered' },
      { skip: null, incomplete: 'lost: no answer for 120 s', cause: 'board-lost' },
      { skip: null, incomplete: 'unreachable: Connection refused', cause: 'board-lost' },
      { skip: null, incomplete: 'interrupted: the run was interrupted', cause: 'interrupted' },
      { skip: null, incomplete: null, cause: 'harness' },
    ])
    .run(({ assert }, { skip, incomplete, cause }) => {
      assert.equal(causeOfUntried(skip, incomplete).cause, cause);
    });

  test('whatever boards say has a cause unless it passed, the same in any order', ({ assert }) => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 12 }), (some) => {
        const seen = new Set<string>();
        const records = some.filter(({ cell, attempt }) => {
          const key = `${cell} ${attempt}`;
          return seen.size !== seen.add(key).size;
        });
        const causeOf = attribution({ records, experiments: [], inventory: null });
        const reversed = attribution({
          records: [...records].reverse(),
          experiments: [],
          inventory: null,
        });
        for (const record of records) {
          const cause = causeOf(record);
          assert.equal(cause === null, record.outcome === 'pass' && !record.lucky);
          assert.deepEqual(cause, reversed(record));
          if (cause === null) continue;
          assert.isTrue(Cause.safeParse(cause).success);
          assert.equal(cause.sureness === null, cause.cause === 'unknown');
          assert.equal(cause.needed !== null, cause.cause === 'unknown');
        }
      }),
    );
  });
});
