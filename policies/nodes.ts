import type { Cell } from '../suites/cell.ts';
import type { Inventory } from '../suites/inventory.ts';
import { partsOf } from './on-board.ts';

type Node = Inventory['heaps'][number]['node'];

/** The nodes of a backend, any of which will do. */
export function nodesOf(
  backend: string,
  { udmabuf, heaps, drm, v4l2 }: Inventory,
): readonly Node[] {
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

/** The nodes of a device that takes buffers, any of which will do; none for Mesa's software device. */
export function importerNodes(
  { kind, driver }: NonNullable<Cell['importer']>,
  inventory: Inventory,
): readonly Node[] {
  switch (kind) {
    case 'egl':
      return nodesOf(`gbm:${driver}`, inventory);
    case 'kms':
      return nodesOf(`dumb:${driver}`, inventory);
    default:
      return nodesOf(`v4l2:${driver}`, inventory);
  }
}
