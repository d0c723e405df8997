import { dropMaster } from './drm.ts';
import { openDevice } from './open-device.ts';

/** The node through which a driver's GBM device is reached: its render node, else its card node. */
export function gbmNode(
  nodes: Readonly<Record<string, string>>,
  driver: string,
): string | undefined {
  return nodes[`render:${driver}`] ?? nodes[`card:${driver}`];
}

/**
 * Opens a DRM node for allocation and import. Whoever opens a card node first becomes DRM master
 * unasked and keeps all others from modesetting: it is given back. @throws StageFailure
 */
export function openDrmNode(node: string | undefined, driver: string): number {
  const fd = openDevice(node, `DRM node of ${driver}`);
  dropMaster(fd);
  return fd;
}
