import fc from 'fast-check';
import { SUITES } from '../cell.ts';
import { FORMATS } from '../formats.ts';
import { toRecord } from '../judge.ts';
import { type PlanInput, plan } from '../plan.ts';
import { type CellFacts, type CellRecord, SIDES, STAGES, type StageFact } from '../record.ts';

/** What a driver, a kernel and a signal can be called, and what none of ours is called. */
const ERRNOS = [
  'EINVAL',
  'EFAULT',
  'ENOMEM',
  'EACCES',
  'EPERM',
  'EBUSY',
  'ENOENT',
  'ENODEV',
  'ENXIO',
  'EBADF',
  'EMFILE',
  'ENFILE',
  'ENOTTY',
  'EGL_BAD_ALLOC',
  'EGL_NOT_INITIALIZED',
  'GL_INVALID_OPERATION',
] as const;

const KERNEL_LINES = [
  'videobuf2_dma_contig: contiguous chunk is too small 57344/1228800',
  'Oops: 0000 [#1] PREEMPT SMP',
  'BUG: kernel NULL pointer dereference, address: 0000000000000008',
  'Out of memory: Killed process 812 (bufmatrix-cell)',
] as const;

/** Text as boards make it: quotes, line ends, half a surrogate pair. */
const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('\n', '"', '\\'));
const us = fc.nat(10_000_000);

const stage: fc.Arbitrary<StageFact> = fc.record(
  {
    name: fc.constantFrom(...STAGES),
    side: fc.constantFrom(...SIDES),
    result: fc.constantFrom('ok', 'ok', 'ok', 'failed', 'wrong', 'unsupported', 'entered'),
    errno: fc.option(fc.constantFrom(...ERRNOS)),
    us,
    detail: text,
  },
  { requiredKeys: ['name', 'side', 'result', 'errno', 'us'] },
);

const end: fc.Arbitrary<CellFacts['end']> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'done' as const }) },
  fc.record({
    kind: fc.constant('died' as const),
    signal: fc.option(fc.constantFrom('SIGSEGV', 'SIGBUS', 'SIGKILL')),
    code: fc.option(fc.constantFrom(0, 1, 70)),
  }),
  fc.record({
    kind: fc.constant('deadline' as const),
    limitMs: fc.constantFrom(1000, 20_000),
    stuck: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('board-lost' as const), why: text }),
  fc.record({ kind: fc.constant('never' as const), why: text }),
);

const hex = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => `0x${value.toString(16)}`);

const buffer: fc.Arbitrary<CellFacts['buffer']> = fc.record({
  size: fc.nat(),
  strides: fc.array(fc.nat(), { maxLength: 3 }),
  offsets: fc.array(fc.nat(), { maxLength: 3 }),
  modifier: fc.option(hex),
  segments: fc.option(fc.integer({ min: 1 })),
  longestRun: fc.option(fc.integer({ min: 1 })),
  exporter: fc.option(
    fc.constantFrom('udmabuf', 'system', 'reserved', 'drm', 'videobuf2_dma_contig'),
  ),
});

const verify: fc.Arbitrary<CellFacts['verify']> = fc.record(
  {
    compared: fc.constantFrom(0, 1, 307_200),
    wrong: fc.constantFrom(0, 0, 1, 4096),
    tolerance: fc.nat(4),
    control: fc.constantFrom('ok', 'wrong', 'none'),
    first: fc.record({ x: fc.nat(), y: fc.nat(), expected: text, got: text }),
  },
  { requiredKeys: ['compared', 'wrong', 'tolerance', 'control'] },
);

const memoryState = fc.record({
  cmaFreeKiB: fc.option(fc.nat()),
  swiotlbUsed: fc.option(fc.nat()),
});

/** Everything that a board may say of a cell, likely or not. */
export const anyFacts: fc.Arbitrary<CellFacts> = fc.record({
  cell: fc.constantFrom(
    'encoder/v4l2:vivid/v4l2-output:vivid/NV12/640x480/0x0',
    'kms-primary/udmabuf/kms:vc4/NV12/640x480/0x0',
  ),
  attempt: fc.integer({ min: 1, max: 9 }),
  node: fc.option(fc.constantFrom('/dev/dri/card0', '/dev/video2')),
  end,
  stages: fc.array(stage, { maxLength: 8 }),
  buffer: fc.option(buffer),
  verify: fc.option(verify),
  memory: fc.option(fc.record({ before: memoryState, held: memoryState, after: memoryState })),
  kernelLog: fc.array(fc.constantFrom(...KERNEL_LINES), { maxLength: 2 }),
  us,
  heldBy: fc.option(text, { freq: 1 }),
  stderr: fc.array(text, { maxLength: 3 }),
});

const IMPORTERS: PlanInput['importers'] = [
  { kind: 'egl', driver: 'vkms' },
  { kind: 'kms', driver: 'vkms' },
  { kind: 'kms', driver: 'contig_kms' },
  { kind: 'v4l2-m2m', driver: 'vicodec' },
  { kind: 'v4l2-output', driver: 'vivid' },
];

const BACKENDS = [
  'udmabuf',
  'udmabuf-scattered',
  'heap:system',
  'heap:linux,cma',
  'heap:vidbuf_cached',
  'dumb:contig_kms',
  'dumb:vkms',
  'gbm:vkms',
  'v4l2:vivid',
];

const frames = fc.uniqueArray(
  fc.record({
    format: fc.constantFrom(...FORMATS.slice(0, 3).map(({ name }) => name)),
    size: fc.constantFrom(
      { width: 640, height: 480 },
      { width: 480, height: 640 },
      { width: 1024, height: 768 },
      { width: 1920, height: 1080 },
    ),
  }),
  { maxLength: 6, selector: ({ format, size }) => `${format} ${size.width} ${size.height}` },
);

const wishes = fc
  .tuple(fc.constantFrom(...SUITES), frames)
  .map(([name, list]) =>
    list.map(({ format, size }) => ({ name, formats: [format], sizes: [size] })),
  );

/** What profiles can ask a plan for, with everything wanted. */
export const anyPlanInput: fc.Arbitrary<PlanInput> = fc.record({
  board: fc.constantFrom('desk', 'lab-1'),
  profile: fc.constant('some'),
  backends: fc
    .subarray(BACKENDS)
    .chain((some) => fc.shuffledSubarray(some, { minLength: some.length })),
  importers: fc.shuffledSubarray([...IMPORTERS]),
  suites: fc
    .uniqueArray(wishes, { maxLength: 4, selector: ([first]) => first?.name ?? 'none' })
    .map((lists) => lists.flat()),
  limits: fc.record({
    cellMs: fc.integer({ min: 1 }),
    bufferMiB: fc.integer({ min: 1 }),
    modeset: fc.boolean(),
  }),
  yuvTolerance: fc.nat(8),
  repeat: fc.integer({ min: 1, max: 3 }),
  wanted: fc.constant(() => true),
});

/** A record's own part of it: what luck is told by. */
export type Told = Pick<CellRecord, 'outcome' | 'stage' | 'stages' | 'buffer'>;

const importersRung = (name: StageFact['name'], result: StageFact['result']): StageFact => ({
  name,
  side: 'importer',
  result,
  errno: result === 'failed' ? 'EINVAL' : null,
  us: 1,
});

/** A pass, a refusal for the memory or for the picture, one of the exporter's, and what says nothing. */
export const anyTold: fc.Arbitrary<Told> = fc
  .tuple(
    fc.constantFrom(
      'pass',
      'pass',
      'pass',
      'memory',
      'memory',
      'memory',
      'unsupported',
      'unsupported',
      'picture',
      'exporter',
      'unsupported',
      'crash',
      'corrupt',
    ),
    fc.option(buffer),
  )
  .map(([what, facts]): Told => {
    const told = (
      outcome: CellRecord['outcome'],
      name: StageFact['name'],
      result: StageFact['result'],
      side: StageFact['side'] = 'importer',
    ): Told => ({
      outcome,
      stage: outcome === 'pass' ? null : name,
      stages: [{ ...importersRung(name, result), side }],
      buffer: facts,
    });
    switch (what) {
      case 'memory':
        return told('refused', 'prime-import', 'failed');
      case 'picture':
        return told('refused', 'addfb2', 'failed');
      case 'exporter':
        return told('refused', 'alloc', 'failed', 'exporter');
      case 'unsupported':
        return told('unsupported', 'alloc', 'unsupported', 'exporter');
      case 'crash':
        return told('crash', 'draw', 'entered');
      case 'corrupt':
        return told('corrupt', 'verify', 'wrong');
      default:
        return told('pass', 'test-commit', 'ok');
    }
  });

/** A record of one of the cells that a plan can hold. */
export const anyRecord: fc.Arbitrary<CellRecord> = fc
  .tuple(
    anyPlanInput.map((input) => plan(input).cells).filter((cells) => cells.length > 0),
    fc.nat(),
    anyFacts,
    fc.boolean(),
    fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }),
  )
  .map(([cells, index, facts, lucky, at]) => {
    const planned = cells[index % cells.length];
    if (!planned) throw new RangeError('no cell');
    const { skip: _, witness: __, ...cell } = planned;
    return { ...toRecord('desk', cell, { ...facts, cell: cell.id }, at), lucky };
  });
