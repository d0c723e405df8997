import { importersOf } from '../devices/planning.ts';
import type { Profile } from '../devices/profile.ts';
import { cellId, type SuiteName } from '../suites/cell.ts';
import { SUITE_IMPORTERS } from '../suites/plan.ts';
import type { BoardFacts } from './board.ts';
import type { Policy } from './policy.ts';
import { type Provider, ProviderName } from './provider.ts';
import type { Consumer, UseCase } from './use-case.ts';
import type { Frame } from './world.ts';

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
