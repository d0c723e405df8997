import type { Cell } from '../../suites/cell.ts';
import { formatNamed } from '../../suites/formats.ts';
import { frameLayout } from '../../suites/layout.ts';
import type {
  BufferFacts,
  CellRecord,
  Outcome,
  StageFact,
  StageName,
  VerifyFacts,
} from '../../suites/record.ts';

/** Which of the sample boards: what stands before the display, and what goes wrong. */
export type SampleKind = 'no-iommu' | 'iommu' | 'desk';

interface Verdict {
  readonly outcome: Outcome;
  readonly stage?: StageName;
  readonly errno?: string;
  readonly reason?: string;
  readonly lucky?: boolean;
  readonly kernelLog?: readonly string[];
}

const LADDERS: Readonly<Record<Cell['suite'], readonly StageName[]>> = {
  allocate: ['open', 'alloc'],
  cpu: ['open', 'alloc', 'map', 'sync', 'verify'],
  'egl-sample': ['open', 'alloc', 'egl-image', 'texture', 'draw', 'readback', 'verify'],
  'egl-render': ['open', 'alloc', 'egl-image', 'framebuffer', 'draw', 'map', 'sync', 'verify'],
  'kms-primary': ['open', 'alloc', 'prime-import', 'addfb2', 'test-commit'],
  'kms-overlay': ['open', 'alloc', 'prime-import', 'addfb2', 'test-commit'],
  encoder: ['open', 's-fmt', 'alloc', 'reqbufs', 'qbuf', 'streamon', 'dequeue', 'verify'],
};

const EXPORTERS_RUNGS: ReadonlySet<StageName> = new Set(['open', 'alloc']);

const PASS: Verdict = { outcome: 'pass' };
const scattered = (backend: string) =>
  ['udmabuf', 'udmabuf-scattered', 'heap:system', 'gbm:vkms'].includes(backend);
const yuv = (cell: Cell) => formatNamed(cell.format).model === 'yuv';

/** What the table of the virtual boards says of a contiguous-only display and encoder. */
function contiguousOnly(cell: Cell, kind: SampleKind): Verdict {
  if (!scattered(cell.backend)) return PASS;
  if (cell.importer?.driver === 'contig_kms') {
    if (kind === 'iommu') return PASS;
    if (cell.backend === 'udmabuf' && cell.width === 640 && cell.format === 'NV12')
      return { outcome: 'pass', lucky: true };
    const reason = 'DRM_IOCTL_PRIME_FD_TO_HANDLE: EINVAL';
    return { outcome: 'refused', stage: 'prime-import', errno: 'EINVAL', reason };
  }
  const line = 'vivid-000: contiguous chunk is too small 57344/1228800';
  return {
    outcome: 'refused',
    stage: 'qbuf',
    errno: 'EFAULT',
    reason: 'VIDIOC_QBUF: EFAULT',
    kernelLog: [`[   12.345678] videobuf2_dma_contig: ${line}`],
  };
}

/** One of each kind of trouble. */
function trouble(cell: Cell, attempt: number): Verdict | null {
  if (cell.suite === 'egl-sample' && cell.backend === 'udmabuf')
    return { outcome: 'crash', stage: 'draw', errno: 'SIGSEGV', reason: 'killed by SIGSEGV' };
  if (cell.suite === 'egl-render' && cell.backend === 'heap:system' && !yuv(cell))
    return { outcome: 'crash', stage: 'draw', errno: 'SIGSEGV', reason: 'killed by SIGSEGV' };
  if (cell.suite === 'cpu' && cell.backend === 'heap:reserved' && cell.width > 640)
    return {
      outcome: 'corrupt',
      stage: 'verify',
      reason: 'accepted, but 4096 of 8294400 wrong, first at 16,0: 0x00000000 for 0x5a10c0de',
    };
  if (cell.importer?.driver === 'vkms' && cell.suite === 'kms-primary')
    return {
      outcome: 'blocked',
      stage: 'test-commit',
      errno: 'EACCES',
      reason: 'DRM master of /dev/dri/card1 is held by Xorg (pid 812)',
    };
  if (cell.importer?.driver !== 'vicodec') return null;
  if (cell.backend === 'dumb:contig_kms')
    return { outcome: 'hang', stage: 'dequeue', reason: 'no answer within 10 s' };
  if (cell.backend === 'udmabuf' && attempt === 2)
    return {
      outcome: 'refused',
      stage: 'streamon',
      errno: 'ENOMEM',
      reason: 'VIDIOC_STREAMON: ENOMEM',
    };
  return null;
}

function verdictOf(cell: Cell, kind: SampleKind, attempt: number): Verdict {
  const found = kind === 'desk' ? trouble(cell, attempt) : null;
  if (found) return found;
  if (cell.suite === 'egl-render' && yuv(cell))
    return {
      outcome: 'unsupported',
      stage: 'framebuffer',
      reason: 'no rendering into external textures (GL_TEXTURE_EXTERNAL_OES)',
    };
  if (cell.importer?.driver === 'vkms' && cell.suite === 'kms-primary' && yuv(cell))
    return {
      outcome: 'refused',
      stage: 'addfb2',
      errno: 'EINVAL',
      reason: 'DRM_IOCTL_MODE_ADDFB2: EINVAL',
    };
  if (cell.importer?.driver === 'contig_kms' || cell.importer?.driver === 'vivid')
    return contiguousOnly(cell, kind);
  return PASS;
}

/** Microseconds that look like an emulated board's, the same each time. */
function microseconds(text: string): number {
  let hash = 7;
  for (const char of text) hash = (hash * 31 + char.charCodeAt(0)) % 9973;
  return 120 + hash;
}

function stagesOf(cell: Cell, verdict: Verdict): StageFact[] {
  const names = LADDERS[cell.suite];
  const last = verdict.stage ? names.indexOf(verdict.stage) : names.length - 1;
  return names.slice(0, last + 1).map((name, n) => {
    const us = verdict.outcome === 'hang' && n === last ? 10_000_000 : microseconds(cell.id + name);
    const side = EXPORTERS_RUNGS.has(name) ? ('exporter' as const) : ('importer' as const);
    if (verdict.outcome === 'pass' || n < last)
      return { name, side, result: 'ok', errno: null, us };
    const results = {
      refused: 'failed',
      blocked: 'failed',
      corrupt: 'wrong',
      unsupported: 'unsupported',
      crash: 'entered',
      hang: 'entered',
      pass: 'ok',
      'not-run': 'ok',
    } as const;
    const result = results[verdict.outcome];
    const errno = result === 'failed' ? (verdict.errno ?? null) : null;
    return { name, side, result, errno, us, ...(verdict.reason ? { detail: verdict.reason } : {}) };
  });
}

function bufferOf(cell: Cell): BufferFacts {
  const layout = frameLayout(formatNamed(cell.format), cell.width, cell.height);
  const size = Math.ceil(layout.size / 4096) * 4096;
  const pages = size / 4096;
  const known = cell.backend.startsWith('udmabuf');
  const segments = cell.backend === 'udmabuf-scattered' ? pages : Math.ceil(pages / 14);
  return {
    size,
    strides: layout.planes.map((plane) => plane.stride),
    offsets: layout.planes.map((plane) => plane.offset),
    modifier: '0x0',
    segments: known ? segments : null,
    longestRun: known ? (cell.backend === 'udmabuf-scattered' ? 4096 : 57_344) : null,
    exporter: cell.backend.split(':').at(-1)?.replace('udmabuf-scattered', 'udmabuf') ?? null,
  };
}

function verifyOf(cell: Cell, verdict: Verdict): VerifyFacts | null {
  if (!LADDERS[cell.suite].includes('verify')) return null;
  if (verdict.outcome !== 'pass' && verdict.outcome !== 'corrupt') return null;
  const tolerance = yuv(cell) ? 3 : 0;
  const control = cell.suite === 'egl-sample' ? 'ok' : 'none';
  const compared = cell.width * cell.height;
  if (verdict.outcome === 'pass') return { compared, wrong: 0, tolerance, control };
  const first = { x: 16, y: 0, expected: '0x5a10c0de', got: '0x00000000' };
  return { compared, wrong: 4096, tolerance, control, first };
}

function endOf({ outcome }: Verdict): CellRecord['end'] {
  if (outcome === 'crash') return { kind: 'died', signal: 'SIGSEGV', code: null };
  if (outcome === 'hang') return { kind: 'deadline', limitMs: 10_000, stuck: false };
  return { kind: 'done' };
}

const NODES: Readonly<Record<string, string>> = {
  'egl:vkms': '/dev/dri/card1',
  'kms:contig_kms': '/dev/dri/card0',
  'kms:vkms': '/dev/dri/card1',
  'v4l2-m2m:vicodec': '/dev/video0',
  'v4l2-output:vivid': '/dev/video2',
};

/** One attempt at one cell, by hand: the shape of a measurement, and none. */
export function sampleRecord(
  board: string,
  cell: Cell,
  kind: SampleKind = 'no-iommu',
  attempt = 1,
): CellRecord {
  const verdict = verdictOf(cell, kind, attempt);
  const stages = stagesOf(cell, verdict);
  const { suite, backend, importer, format, width, height, modifier } = cell;
  return {
    schema: 1,
    board,
    cell: cell.id,
    suite,
    backend,
    importer: importer && {
      ...importer,
      node: NODES[`${importer.kind}:${importer.driver}`] ?? null,
    },
    format,
    width,
    height,
    modifier,
    outcome: verdict.outcome,
    stage: verdict.stage ?? null,
    errno: verdict.errno ?? null,
    reason: verdict.reason ?? null,
    lucky: verdict.lucky ?? false,
    attempt,
    us: stages.reduce((sum, stage) => sum + stage.us, 900),
    stages,
    buffer: bufferOf(cell),
    verify: verifyOf(cell, verdict),
    memory: null,
    kernelLog: [...(verdict.kernelLog ?? [])],
    end: endOf(verdict),
    heldBy: verdict.outcome === 'blocked' ? (verdict.reason ?? null) : null,
    stderr: verdict.outcome === 'crash' ? ['libEGL warning: MESA-LOADER: no driver for vkms'] : [],
    at: `2026-11-23T10:15:${String(10 + attempt).padStart(2, '0')}.000Z`,
  };
}
