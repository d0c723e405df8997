import { drmDevice, heap, inventoryFixture } from '../../devices/inventory-fixture.ts';
import { planInput } from '../../devices/planning.ts';
import { Profile } from '../../devices/profile.ts';
import type { Cell, SuiteName } from '../../suites/cell.ts';
import { formatNamed } from '../../suites/formats.ts';
import type { Inventory } from '../../suites/inventory.ts';
import { frameLayout } from '../../suites/layout.ts';
import { markLuck } from '../../suites/luck.ts';
import { plan } from '../../suites/plan.ts';
import type { CellRecord, StageFact, StageName } from '../../suites/record.ts';
import { type BoardFacts, planIndex } from '../board.ts';

/** What a made-up board says of a cell. Null: it was not measured. */
export type Say = (cell: Cell) => Pick<CellRecord, 'outcome' | 'stage' | 'errno'> | null;

const PASS = { outcome: 'pass', stage: null, errno: null } as const;
const CONTIGUOUS = /^(heap:(?!system)|dumb:)/;

/** A display that takes contiguous memory only, and a GPU that takes all: a Raspberry Pi 4's situation. */
export const contiguousDisplay: Say = ({ importer, backend }) =>
  importer?.kind === 'kms' && !CONTIGUOUS.test(backend)
    ? { outcome: 'refused', stage: 'prime-import', errno: 'EINVAL' }
    : PASS;

/** All devices take all memory. */
export const takesAll: Say = () => PASS;

/** The same board, whose drivers make no dumb buffers. */
export const heapsOnly =
  (say: Say): Say =>
  (cell) =>
    cell.backend.startsWith('dumb:')
      ? { outcome: 'refused', stage: 'alloc', errno: 'ENOSYS' }
      : say(cell);

const LADDERS: Readonly<Record<SuiteName, readonly StageName[]>> = {
  allocate: ['alloc'],
  cpu: ['alloc', 'map', 'sync', 'readback', 'verify'],
  'egl-sample': ['alloc', 'egl-image', 'texture', 'draw', 'readback', 'verify'],
  'egl-render': ['alloc', 'egl-image', 'framebuffer', 'draw', 'map', 'verify'],
  'kms-primary': ['alloc', 'prime-import', 'addfb2', 'test-commit'],
  'kms-overlay': ['alloc', 'prime-import', 'addfb2', 'test-commit'],
  encoder: ['alloc', 's-fmt', 'reqbufs', 'qbuf', 'streamon', 'dequeue'],
};

const RESULTS: Partial<Record<CellRecord['outcome'], StageFact['result']>> = {
  corrupt: 'wrong',
  crash: 'entered',
  unsupported: 'unsupported',
};

/** The rungs up to the one that fails; all where none does. */
function ladderOf(
  { suite }: Cell,
  { outcome, stage, errno }: NonNullable<ReturnType<Say>>,
): StageFact[] {
  const names = LADDERS[suite];
  const climbed = stage === null ? names : names.slice(0, names.indexOf(stage) + 1);
  return climbed.map((name): StageFact => {
    const side = name === 'alloc' ? 'exporter' : 'importer';
    if (name !== stage) return { name, side, result: 'ok', errno: null, us: 1000 };
    const result = RESULTS[outcome] ?? 'failed';
    return { name, side, result, errno: result === 'failed' ? errno : null, us: 1000 };
  });
}

function recordOf(board: string, cell: Cell, said: NonNullable<ReturnType<Say>>): CellRecord {
  const { id, importer, ...parts } = cell;
  const { size, planes } = frameLayout(formatNamed(cell.format), cell.width, cell.height);
  const wrong = said.outcome === 'corrupt' ? 1 : 0;
  return {
    schema: 1,
    board,
    cell: id,
    ...parts,
    importer: importer && { ...importer, node: null },
    ...said,
    reason: said.outcome === 'pass' ? null : `${said.stage} said ${said.errno}`,
    lucky: false,
    attempt: 1,
    us: 1000,
    stages: ladderOf(cell, said),
    buffer: {
      size: Math.ceil(size / 4096) * 4096,
      strides: planes.map(({ stride }) => stride),
      offsets: planes.map(({ offset }) => offset),
      modifier: '0x0',
      segments: null,
      longestRun: null,
      exporter: null,
    },
    verify: { compared: 1, wrong, tolerance: 0, control: 'ok' },
    memory: null,
    kernelLog: [],
    end: { kind: 'done' },
    heldBy: null,
    stderr: [],
    at: '2026-11-25T12:00:00.000Z',
  };
}

/** The profile of a board with one display, one GPU and heaps, for tests. */
export const profileFixture = (more: object = {}): Profile =>
  Profile.parse({
    schema: 1,
    name: 'made-up',
    title: 'A board that is made up',
    devices: {
      gpu: [{ driver: 'swrast' }],
      kms: [{ driver: 'contig_kms' }],
      heaps: ['reserved', 'system'],
    },
    ...more,
  });

/** What of a made-up board may be chosen; the rest follows from it. */
type Given = Partial<Pick<BoardFacts, 'board' | 'profile' | 'inventory' | 'virtual'>>;

/** A board that was measured in full, whose cells come out as `say` says. */
export function factsFixture(
  say: Say,
  {
    board = 'desk',
    profile = profileFixture(),
    inventory = inventoryFixture(),
    virtual = false,
  }: Given = {},
): BoardFacts {
  const { cells } = plan(planInput(profile, inventory, { board }));
  const records = cells.flatMap(({ skip: _, witness: __, ...cell }) => {
    const said = say(cell);
    return said ? [recordOf(board, cell, said)] : [];
  });
  return {
    board,
    profile,
    inventory,
    virtual,
    ...planIndex(cells.map(({ id }) => id)),
    records: markLuck(records),
    runs: ['run-1'],
    out: null,
  };
}

/** Nodes as a lab's board has them: heaps for the group video, udmabuf for kvm. */
export function closedNodes(names: readonly string[] = ['reserved', 'system']): Inventory {
  const node = (path: string, group: string) => ({
    path,
    mode: 'crw-rw----',
    owner: 'root',
    group,
    openErrno: null,
  });
  return inventoryFixture({
    heaps: names.map((name) => ({ ...heap(name), node: node(`/dev/dma_heap/${name}`, 'video') })),
    udmabuf: { node: node('/dev/udmabuf', 'kvm'), listLimit: 1024, sizeLimitMiB: 64 },
    drm: [drmDevice('contig_kms', { card: node('/dev/dri/card0', 'video') })],
  });
}

/** A board whose devices take everything, and whose CMA holds no camera's buffers. */
export function tightCma(): BoardFacts {
  const { memory } = inventoryFixture();
  const inventory = inventoryFixture({
    memory: { ...memory, cmaTotalKiB: 8192, cmaFreeKiB: 6000 },
  });
  return factsFixture(heapsOnly(takesAll), { board: 'tight-cma', inventory });
}
