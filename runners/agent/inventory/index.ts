import type { Inventory } from '../../../suites/inventory.ts';
import { heapsOf, udmabufOf } from './allocators.ts';
import { drmOf, v4l2Of } from './devices.ts';
import { namesIn } from './files.ts';
import { firmwareOf, identityOf, kernelOf, memoryOf, modulesOf, userOf } from './host.ts';

export { nodesOf } from './nodes.ts';

/**
 * Everything of this board that a result may hang on, from /proc, /sys, and the nodes of /dev. `egl`
 * is left empty: a driver can crash in it, so another process asks. What is missing is null or empty.
 */
export function readInventory(agentVersion: string): Inventory {
  return {
    kernel: kernelOf(),
    identity: identityOf(),
    firmware: firmwareOf(),
    user: userOf(),
    memory: memoryOf(),
    modules: modulesOf(),
    iommus: namesIn('/sys/class/iommu'),
    heaps: heapsOf(),
    udmabuf: udmabufOf(),
    drm: drmOf(),
    v4l2: v4l2Of(),
    egl: [],
    agent: { version: agentVersion, node: process.version, arch: process.arch },
  };
}
