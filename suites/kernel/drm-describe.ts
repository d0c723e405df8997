import { closeSync, constants, openSync } from 'node:fs';
import type { Inventory } from '../inventory.ts';
import {
  createDumb,
  DRM_CAP_ADDFB2_MODIFIERS,
  DRM_CAP_PRIME,
  DRM_CLIENT_CAP_ATOMIC,
  DRM_CLIENT_CAP_UNIVERSAL_PLANES,
  destroyDumb,
  drmCap,
  drmDriverName,
  dropMaster,
  setClientCap,
} from './drm.ts';
import { kmsConnector, kmsPlane, kmsPlaneIds, kmsResources } from './drm-mode.ts';
import { OBJECT, objectProperties, type Properties } from './drm-properties.ts';
import { Errno } from './errno.ts';
import { fourccText } from './v4l2-formats.ts';

type DrmDevice = Inventory['drm'][number];

/** What a DRM node says of itself by ioctl. */
export type DrmDescription = Pick<
  DrmDevice,
  'driver' | 'dumb' | 'prime' | 'atomic' | 'modifiers' | 'connectors' | 'planes'
>;

const PRIME_CAP_IMPORT = 1;
const PRIME_CAP_EXPORT = 2;

/** The plane property `type`: 0, 1 and 2, in this order. */
export const PLANE_TYPES = ['overlay', 'primary', 'cursor'] as const;
export type PlaneType = (typeof PLANE_TYPES)[number];

/** What the call gives, or the other where the kernel refuses it. */
function orElse<T>(other: T, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof Errno) return other;
    throw error;
  }
}

/** Whether CREATE_DUMB works: vgem has it although its DUMB_BUFFER capability says no. */
function hasDumb(fd: number): boolean {
  return orElse(false, () => {
    destroyDumb(fd, createDumb(fd, 64, 64, 32).handle);
    return true;
  });
}

/** The type of a plane, by its properties. */
export function planeType(properties: Properties): PlaneType {
  const type = properties.get('type')?.value ?? 0n;
  return PLANE_TYPES[Number(type)] ?? 'overlay';
}

function describe(fd: number): DrmDescription {
  const prime = drmCap(fd, DRM_CAP_PRIME);
  setClientCap(fd, DRM_CLIENT_CAP_UNIVERSAL_PLANES);
  const atomic = setClientCap(fd, DRM_CLIENT_CAP_ATOMIC);
  return {
    driver: drmDriverName(fd),
    dumb: hasDumb(fd),
    prime: {
      import: (prime & PRIME_CAP_IMPORT) !== 0,
      export: (prime & PRIME_CAP_EXPORT) !== 0,
    },
    atomic,
    modifiers: drmCap(fd, DRM_CAP_ADDFB2_MODIFIERS) !== 0,
    connectors: orElse([], () =>
      kmsResources(fd).connectors.map((id) => {
        const { type, connected } = kmsConnector(fd, id);
        return { id, type, connected };
      }),
    ),
    planes: orElse([], () =>
      kmsPlaneIds(fd).map((id) => ({
        id,
        type: planeType(objectProperties(fd, id, OBJECT.plane)),
        formats: kmsPlane(fd, id).formats.map(fourccText),
      })),
    ),
  };
}

/**
 * Asks a DRM node, primary or render, what it is. The node is closed again, and with it the DRM
 * master that opening may have brought. @throws Errno, or Node's error of open(2)
 */
export function describeDrm(path: string): DrmDescription {
  const fd = openSync(path, constants.O_RDWR);
  try {
    return describe(fd);
  } finally {
    dropMaster(fd);
    closeSync(fd);
  }
}
