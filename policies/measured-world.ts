import { importersOf } from '../devices/planning.ts';
import type { Profile } from '../devices/profile.ts';
import { cellId, type SuiteName } from '../suites/cell.ts';
import { contiguousByConstruction } from '../suites/contiguous.ts';
import type { Inventory } from '../suites/inventory.ts';
import { SUITE_IMPORTERS } from '../suites/plan.ts';
import type { CellRecord } from '../suites/record.ts';
import type { BoardFacts } from './board.ts';
import { answerOf, type Evidence, evidenceOf } from './evidence.ts';
import type { Policy } from './policy.ts';
import { type Provider, ProviderName } from './provider.ts';
import type { Consumer, UseCase } from './use-case.ts';
import { closedTo, type Judged } from './user.ts';
import type { Answer, Frame, World } from './world.ts';

/** A kind of provider and the name that belongs to it: `heap`, `linux,cma`; null where it has none. */
export function partsOf(name: string): readonly [kind: string, name: string | null] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name, null] : [name.slice(0, colon), name.slice(colon + 1)];
}

/** The backend that a provider comes to: of a kind without a driver it is the profile's first. */
export function backendOf({ from }: Provider, { devices }: Profile): string | null {
  const [kind, name] = partsOf(from);
  if (name !== null || kind === 'udmabuf' || kind === 'memory') return from;
  const driver = {
    dumb: devices.kms[0]?.driver,
    gbm: devices.gpu.find((gpu) => gpu.driver !== 'swrast')?.driver,
    v4l2: devices.encoder[0]?.driver,
  }[kind];
  return driver === undefined ? null : `${kind}:${driver}`;
}

/** The importer that a suite's buffers are given to: of several it is the profile's first. */
export function importerOf(suite: SuiteName, profile: Profile) {
  const kinds = SUITE_IMPORTERS[suite];
  return kinds.length === 0 ? null : importersOf(profile).find(({ kind }) => kinds.includes(kind));
}

/** A consumer for which the board has no device at all. */
export const absentConsumer = ({ buffers }: UseCase, profile: Profile): Consumer | undefined =>
  buffers
    .flatMap(({ consumers }) => consumers)
    .find(({ suite }) => importerOf(suite, profile) === undefined);

/** The id of the cell that says whether a consumer takes a backend's frame; null: no such device. */
export function cellOf(
  suite: SuiteName,
  backend: string,
  { format, width, height, modifier }: Frame,
  profile: Profile,
): string | null {
  const importer = importerOf(suite, profile);
  if (importer === undefined) return null;
  const asked = modifier === 'driver' && backend.startsWith('gbm:') ? null : '0x0';
  return cellId({ suite, backend, importer, format, width, height, modifier: asked });
}

const yes = (why: string): Answer => ({ kind: 'yes', why, proof: [] });
const no = (why: string): Answer => ({ kind: 'no', why, proof: [] });

/** A board that was measured, as a policy's walk asks it. */
export function measuredWorld(
  facts: BoardFacts,
  user: Judged,
  evidence = evidenceOf(facts.records),
): World {
  const { profile, inventory } = facts;
  const backend = (provider: Provider) => backendOf(provider, profile);
  return {
    backendOf: backend,
    hasDrm: inventory.drm.length > 0,
    present: (provider) => {
      const name = backend(provider);
      if (name === null) return no('the board has no such device');
      if (name === 'memory') return yes('plain memory is always there');
      return nodesOf(name, inventory).length ? yes('it is there') : no('it is not there');
    },
    opens: (provider) => {
      const nodes = nodesOf(backend(provider) ?? '', inventory);
      const reasons = nodes.map((node) => closedTo(user, node, provider.open));
      const closed = reasons.find((reason) => reason !== null);
      return closed && reasons.every((reason) => reason !== null) ? no(closed) : yes('it opens');
    },
    allocates: (provider, frame, held) =>
      allocationOf(backend(provider) ?? '', frame, held, inventory, evidence),
    takes: (provider, { name, suite }, frame) => {
      if (provider.from === 'memory') return ofPlainMemory(suite);
      const cell = cellOf(suite, backend(provider) ?? '', frame, profile);
      if (cell === null)
        return { kind: 'unknown', why: `the board has no ${name}`, proof: [], missing: [] };
      return answerOf(evidence, cell);
    },
  };
}

/** The CPU reads it, a GPU uploads a copy of it; no other device takes it. */
export function ofPlainMemory(suite: SuiteName): Answer {
  if (suite === 'egl-sample') return yes('the GPU is given a copy (a texture upload)');
  if (suite === 'allocate' || suite === 'cpu') return yes('the CPU reads plain memory');
  return no('it takes no plain memory');
}

type Node = Inventory['heaps'][number]['node'];

/** The nodes of a backend, any of which will do. */
function nodesOf(backend: string, { udmabuf, heaps, drm, v4l2 }: Inventory): readonly Node[] {
  const [kind, name] = partsOf(backend);
  switch (kind) {
    case 'udmabuf':
      return udmabuf.node ? [udmabuf.node] : [];
    case 'heap':
      return heaps.filter((heap) => heap.name === name).map(({ node }) => node);
    case 'dumb':
      return drm.flatMap(({ driver, card }) => (driver === name && card ? [card] : []));
    case 'gbm':
      return drm.flatMap(({ driver, card, render }) =>
        driver === name ? [render, card].filter((node) => node !== null) : [],
      );
    case 'v4l2':
      return v4l2.filter(({ driver }) => driver === name).map(({ node }) => node);
    default:
      return [];
  }
}

function allocationOf(
  backend: string,
  { format, width, height, count }: Frame,
  held: number,
  { memory }: Inventory,
  evidence: Evidence,
): Answer {
  if (backend === 'memory') return yes('plain memory can be had');
  const records = evidence.ofFrame(backend, format, width, height);
  const made = madeOf(records);
  const size = `${format} ${width}x${height}`;
  if (!made) {
    const refused = records.find(
      ({ outcome, stages }) =>
        ['refused', 'unsupported'].includes(outcome) &&
        stages.some(({ side, result }) => side === 'exporter' && result !== 'ok'),
    );
    if (refused)
      return {
        kind: 'no',
        why: `${backend} makes no frame of ${size}: ${refused.reason ?? refused.errno}`,
        proof: [refused.cell],
      };
    const cell = cellId({
      suite: 'allocate',
      backend,
      importer: null,
      format,
      width,
      height,
      modifier: '0x0',
    });
    return {
      kind: 'unknown',
      why: `${backend} was not asked for ${size}`,
      proof: [],
      missing: [cell],
    };
  }
  const need = count * Math.ceil((made.buffer?.size ?? 0) / 1024);
  // Not measured but reckoned: the run allocates one frame at a time.
  if (usesCma(made, memory) && need + held > memory.cmaFreeKiB)
    return {
      kind: 'no',
      why: `${count} frames of ${size} take ${need} KiB of CMA, and ${Math.max(0, memory.cmaFreeKiB - held)} KiB are left (reckoned from CmaFree)`,
      proof: [made.cell],
    };
  return { kind: 'yes', why: `${size} can be had`, proof: [made.cell] };
}

/**
 * Whether a backend's memory comes out of CMA: a heap by its name, a driver's own by CmaFree, which
 * falls while the buffer is held (but for pages that a processor had on its own list).
 */
function usesCma(
  { backend, buffer, memory }: CellRecord,
  { cmaTotalKiB }: Inventory['memory'],
): boolean {
  if (cmaTotalKiB === 0) return false;
  if (backend.startsWith('heap:'))
    return contiguousByConstruction({ backend, importer: null, buffer });
  const [before, held] = [memory?.before.cmaFreeKiB ?? null, memory?.held.cmaFreeKiB ?? null];
  return before !== null && held !== null && before - held > (buffer?.size ?? 0) / 2048;
}

/** A record of a frame that was allocated; of `allocate` first, since nothing else is held in it. */
function madeOf(records: readonly CellRecord[]): CellRecord | undefined {
  const made = records.filter(({ stages }) =>
    stages.some(
      ({ name, side, result }) => name === 'alloc' && side === 'exporter' && result === 'ok',
    ),
  );
  return made.find(({ suite }) => suite === 'allocate') ?? made[0];
}

/** KiB of CMA that a stream's buffers hold on a backend; 0 where they are not from CMA. */
export function cmaOf(
  backend: string | null,
  frame: Frame,
  facts: BoardFacts,
  evidence: Evidence,
): number {
  if (backend === null) return 0;
  const record = madeOf(evidence.ofFrame(backend, frame.format, frame.width, frame.height));
  if (!record?.buffer || !usesCma(record, facts.inventory.memory)) return 0;
  return frame.count * Math.ceil(record.buffer.size / 1024);
}

/** All that could be allocated from on a board: the policy's own providers first, then the others. */
export function vocabularyOf(
  own: Policy['providers'],
  { inventory }: BoardFacts,
): Policy['providers'] {
  return [
    ...own,
    'udmabuf',
    ...inventory.heaps
      .map(({ name }) => `heap:${name}`)
      .filter((name) => ProviderName.safeParse(name).success),
    'dumb',
    'gbm',
    'v4l2',
  ];
}
