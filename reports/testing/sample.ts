import type { Cell, SuiteName } from '../../suites/cell.ts';
import { type Claim, claimWords } from '../../suites/claim.ts';
import { type Plan, plan } from '../../suites/plan.ts';
import type { CellRecord } from '../../suites/record.ts';
import type { BoardRun, Expectation } from '../model.ts';
import { sampleInventory } from './sample-inventory.ts';
import { sampleRecord } from './sample-record.ts';

/** How much of a matrix a sample has. */
export interface SampleSize {
  readonly formats?: readonly string[];
  readonly sizes?: readonly { readonly width: number; readonly height: number }[];
  readonly repeat?: number;
  readonly backends?: readonly string[];
  readonly suites?: readonly SuiteName[];
  /** The only cell that is asked for; without it, all but one. */
  readonly only?: string;
}

const SUITE_NAMES: readonly SuiteName[] = [
  'allocate',
  'cpu',
  'egl-sample',
  'egl-render',
  'kms-primary',
  'encoder',
];
const BACKENDS = [
  'udmabuf',
  'udmabuf-scattered',
  'heap:system',
  'heap:reserved',
  'dumb:contig_kms',
  'gbm:vkms',
];
const VGA = { width: 640, height: 480 };
const HD = { width: 1920, height: 1080 };
const NOT_ASKED_FOR = 'encoder/heap:reserved/v4l2-output:vivid/NV12/1920x1080/0x0';

/** The plan of a sample board that has a contiguous-only KMS device, vkms, and two V4L2 devices. */
export function samplePlan(board: string, size: SampleSize = {}): Plan {
  const formats = size.formats ?? ['XR24', 'NV12'];
  return plan({
    board,
    profile: board,
    backends: size.backends ?? BACKENDS,
    importers: [
      { kind: 'egl', driver: 'vkms' },
      { kind: 'kms', driver: 'contig_kms' },
      { kind: 'kms', driver: 'vkms' },
      { kind: 'v4l2-m2m', driver: 'vicodec' },
      { kind: 'v4l2-output', driver: 'vivid' },
    ],
    suites: (size.suites ?? SUITE_NAMES).map((name) => ({
      name,
      formats,
      sizes: size.sizes ?? [VGA, HD],
    })),
    limits: { cellMs: 10_000, bufferMiB: 64, modeset: false },
    yuvTolerance: 3,
    repeat: size.repeat ?? 1,
    wanted: ({ id }) => (size.only === undefined ? id !== NOT_ASKED_FOR : id === size.only),
  });
}

/** As a profile would: the default rule, and one entry of its own. */
export function sampleExpected(record: CellRecord, claim = sampleClaim(record)): Expectation {
  if (claim) {
    const fits = record.lucky ? claim.orLucky : claim.outcome.includes(record.outcome);
    const why = `${record.outcome}, ${fits ? 'as' : 'but'} expected ${claimWords(claim)}`;
    return { expected: fits, why, reason: claim.reason };
  }
  const expected = ['pass', 'refused', 'unsupported'].includes(record.outcome);
  const why = 'no entry in the profile: pass, refused or unsupported';
  return { expected, why };
}

/** What a profile of these boards might say: of some cells, and each with a source. */
export function sampleClaim({
  suite,
  backend,
  importer,
}: Pick<Cell, 'suite' | 'backend' | 'importer'>): Claim | null {
  const claim = { orLucky: false, stage: [], errno: [], rate: null, basis: 'claimed' } as const;
  if (suite === 'egl-render')
    return {
      ...claim,
      outcome: ['crash', 'unsupported', 'pass'],
      reason: 'Mesa 25.0.7: llvmpipe crashes on imports through a vkms node',
      sources: ['kms_swrast_dri.c'],
    };
  if (importer?.driver !== 'contig_kms') return null;
  if (backend === 'udmabuf-scattered' || backend === 'udmabuf')
    return {
      ...claim,
      outcome: ['refused'],
      orLucky: backend === 'udmabuf',
      stage: ['prime-import'],
      errno: ['EINVAL'],
      reason: 'contiguous memory only',
      sources: ['drm_gem_dma_helper.c', 'a mail of 2025-04-25'],
    };
  if (backend === 'heap:system' || backend === 'gbm:vkms') return null;
  return {
    ...claim,
    outcome: ['pass'],
    reason: 'contiguous memory',
    sources: ['sample-no-iommu, kernel 6.12.94'],
    basis: 'measured',
  };
}

/** A sample that somebody has run. */
type SampleRun = BoardRun & { readonly run: NonNullable<BoardRun['run']> };

function sampleRun(board: string, title: string, size: SampleSize): SampleRun {
  const made = samplePlan(board, size);
  return {
    board,
    profileName: board,
    title,
    run: {
      id: '20261123-101500-sample',
      startedAt: '2026-11-23T10:15:00.000Z',
      command: ['bufmatrix', 'run', board],
      harness: 'bufmatrix 0.1.0',
    },
    virtual: true,
    inventory: sampleInventory(),
    plan: made,
    records: made.cells
      .filter((cell) => cell.skip === null)
      .map((cell) => sampleRecord(board, cell)),
    expected: (record) => sampleExpected(record),
    claimOf: sampleClaim,
  };
}

/** One cell of the RPi4's situation, asked for by name, and with it its witness. */
export function sampleOneCell(): BoardRun {
  const only = 'kms-primary/udmabuf/kms:contig_kms/XR24/640x480/0x0';
  return sampleRun('sample-one-cell', 'Sample data: one cell, run again', {
    formats: ['XR24'],
    suites: ['kms-primary'],
    backends: ['udmabuf', 'udmabuf-scattered', 'heap:reserved'],
    only,
  });
}

/** The RPi4's situation: contiguous-only display, no IOMMU. Written by hand, not measured. */
export function sampleNoIommu(size: SampleSize = {}): SampleRun {
  return sampleRun('sample-no-iommu', 'Sample data: a display without an IOMMU', size);
}

/** The same board behind an IOMMU: scattered memory passes. Written by hand, not measured. */
export function sampleIommu(size: SampleSize = {}): BoardRun {
  const run = sampleRun('sample-iommu', 'Sample data: the same display behind an IOMMU', size);
  return {
    ...run,
    inventory: sampleInventory({ iommus: ['dmar0'] }),
    expected: (record) => sampleExpected(record, null),
    claimOf: () => null,
    records: run.plan.cells
      .filter((cell) => cell.skip === null)
      .map((cell) => sampleRecord(run.board, cell, 'iommu')),
  };
}

/** A desk board on which much goes wrong, one of each kind; the board is lost before the end. */
export function sampleDesk(size: SampleSize = {}): BoardRun {
  const run = sampleRun('sample-desk', 'Sample data: hardware with an old Mesa', size);
  const last = run.plan.cells.findIndex((cell) => cell.importer?.driver === 'vivid');
  return {
    ...run,
    virtual: false,
    incomplete: 'lost: no answer for 120 s after encoder/…/v4l2-m2m:vicodec',
    findings: [
      { at: '2026-11-23T10:15:40.000Z', what: 'taint', text: 'tainted 0x200 (warning issued)' },
    ],
    inventory: sampleInventory({ mesa: 'Mesa 25.0.7-2', dmi: ['Sample', 'Desk board'] }),
    records: run.plan.cells
      .slice(0, last)
      .filter((cell) => cell.skip === null)
      .flatMap((cell) => {
        const times = Array.from({ length: run.plan.repeat }, (_, n) => n + 1);
        return times.map((attempt) => sampleRecord(run.board, cell, 'desk', attempt));
      }),
  };
}

/** A board that nobody has run, in the situation of the first: its claims, and that one's results. */
export function sampleClaims(size: SampleSize = {}): BoardRun {
  const run = sampleNoIommu(size);
  const names = { real_kms: 'contig_kms', cma: 'reserved' };
  const real = (text: string) => text.replace('contig_kms', 'real_kms').replace('reserved', 'cma');
  const cells = run.plan.cells.map((cell) => ({
    ...cell,
    id: real(cell.id),
    backend: real(cell.backend),
    importer: cell.importer && { ...cell.importer, driver: real(cell.importer.driver) },
    skip: 'not planned by a run',
  }));
  const claims = new Map<string, Claim>();
  run.plan.cells.forEach((cell) => {
    const claim = sampleClaim(cell);
    if (claim) claims.set(real(cell.id), claim);
  });
  return {
    ...run,
    board: 'sample-real',
    profileName: 'sample-real',
    title: 'Sample data: hardware that nobody has run',
    run: null,
    virtual: false,
    inventory: null,
    plan: { ...run.plan, cells },
    records: [],
    claims,
    standIn: { differs: 'another display driver, and no GPU', names, run },
  };
}

/** A board that never answered: no inventory, no cells, and nothing to be glad about. */
export function sampleUnreachable(): BoardRun {
  const run = sampleRun('sample-unreachable', 'Sample data: a board that never answered', {});
  const incomplete = 'unreachable: ssh: connect to host sample port 22: Connection refused';
  return { ...run, incomplete, inventory: null, plan: { ...run.plan, cells: [] }, records: [] };
}

/** The three sample boards. */
export function sampleRuns(size: SampleSize = {}): BoardRun[] {
  return [sampleNoIommu(size), sampleIommu(size), sampleDesk({ repeat: 3, ...size })];
}

const GOLDEN: SampleSize = {
  formats: ['NV12'],
  suites: ['cpu', 'egl-sample', 'kms-primary', 'encoder'],
  backends: ['udmabuf', 'udmabuf-scattered', 'heap:reserved', 'dumb:contig_kms'],
};

/** Claims beside the board that stands in for theirs, as small. */
export function sampleGoldenClaims(): BoardRun[] {
  return [sampleNoIommu(GOLDEN), sampleClaims(GOLDEN)];
}

/** Small enough to be read as a golden file, and with an example of nearly every state. */
export function sampleGolden(): BoardRun[] {
  return [sampleNoIommu(GOLDEN), sampleDesk({ ...GOLDEN, repeat: 2 }), sampleOneCell()];
}

/** Text that tries to act on a terminal, an XML reader, a Markdown renderer or a browser. */
export const HOSTILE =
  '\u001b[2J\u001b]0;owned\u0007 </script><script>globalThis.owned=1</script> <img src=x onerror="owned=1"> ]]> <skipped/> @all | `code` [x](http://x) \u202egnp.exe\u0000 \ud800 &amp; \'; rm -rf / #';

/** A sample whose every text of a board's making is hostile. */
export function sampleHostile(): BoardRun {
  const run = sampleDesk({ formats: ['NV12'], sizes: [VGA] });
  const inventory = run.inventory && {
    ...run.inventory,
    kernel: { ...run.inventory.kernel, cmdline: HOSTILE, release: HOSTILE },
    modules: [HOSTILE],
  };
  return {
    ...run,
    board: `sample-${HOSTILE}`,
    title: HOSTILE,
    incomplete: HOSTILE,
    inventory,
    records: run.records.map((record) => ({
      ...record,
      reason: record.reason && HOSTILE,
      errno: record.errno && HOSTILE,
      kernelLog: [HOSTILE],
      stderr: [HOSTILE],
      stages: record.stages.map((stage) => ({ ...stage, detail: HOSTILE })),
    })),
  };
}
