import type { BoardContext } from '../../../suites/board.ts';
import type { Inventory } from '../../../suites/inventory.ts';

type V4l2Device = Inventory['v4l2'][number];

/** The names that a video node may be found under, first choice first. */
const V4L2_KEYS: Readonly<Record<V4l2Device['kind'], readonly string[]>> = {
  'm2m-encoder': ['v4l2-m2m'],
  m2m: ['v4l2-m2m'],
  output: ['v4l2-output'],
  capture: ['v4l2-capture'],
  other: [],
};

/** A node that we may not open does not say what it is: whoever asks for its driver finds it closed. */
const CLOSED_KEYS = ['v4l2-m2m', 'v4l2-output', 'v4l2-capture'];

const keysOf = ({ kind, node }: V4l2Device): readonly string[] =>
  kind === 'other' && node.openErrno !== null ? CLOSED_KEYS : V4L2_KEYS[kind];

/** An encoder is wanted before a decoder or scaler of the same driver, and both before a closed node. */
const RANK: readonly V4l2Device['kind'][] = ['m2m-encoder', 'm2m', 'output', 'capture', 'other'];

/** Where each kind of device is on this board; of several with one driver's name it is the first. */
export function nodesOf(inventory: Inventory): BoardContext['nodes'] {
  const { drm, heaps, v4l2 } = inventory;
  const pairs: (readonly [string, string])[] = [
    ...drm.flatMap(({ driver, card }) => (card ? [[`card:${driver}`, card.path] as const] : [])),
    ...drm.flatMap(({ driver, render }) =>
      render ? [[`render:${driver}`, render.path] as const] : [],
    ),
    ...heaps.map(({ name, node }) => [`heap:${name}`, node.path] as const),
    ...[...v4l2]
      .sort((a, b) => RANK.indexOf(a.kind) - RANK.indexOf(b.kind))
      .flatMap((device) =>
        keysOf(device).map((key) => [`${key}:${device.driver}`, device.node.path] as const),
      ),
  ];
  const nodes: Record<string, string> = {};
  for (const [key, path] of pairs) nodes[key] ??= path;
  return nodes;
}
