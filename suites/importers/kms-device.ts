import { StageFailure } from '../board.ts';
import {
  DRM_CAP_ADDFB2_MODIFIERS,
  DRM_CLIENT_CAP_ATOMIC,
  DRM_CLIENT_CAP_UNIVERSAL_PLANES,
  DRM_CLIENT_CAP_WRITEBACK_CONNECTORS,
  drmCap,
  gemClose,
  primeFdToHandle,
  setClientCap,
} from '../kernel/drm.ts';
import { type PlaneType, planeType } from '../kernel/drm-describe.ts';
import { type FormatModifiers, parseInFormats } from '../kernel/drm-in-formats.ts';
import {
  CONNECTOR_WRITEBACK,
  type KmsConnector,
  type KmsPlane,
  kmsConnector,
  kmsPlane,
  kmsPlaneIds,
  kmsResources,
} from '../kernel/drm-mode.ts';
import {
  createBlob,
  OBJECT,
  objectProperties,
  type Properties,
  readBlob,
} from '../kernel/drm-properties.ts';
import { Errno } from '../kernel/errno.ts';
import { openDevice } from '../kernel/open-device.ts';
import { closeFd } from '../kernel/syscalls.ts';

export interface TypedPlane extends KmsPlane {
  readonly type: PlaneType;
  /** What IN_FORMATS lists; null where the plane has no such property. */
  readonly modifiers: FormatModifiers | null;
}

/** An opened primary node with all that does not change about it. */
export interface KmsDevice {
  readonly node: string;
  readonly fd: number;
  readonly atomic: boolean;
  readonly modifiers: boolean;
  /** In the order of the bits of `possibleCrtcs`. */
  readonly crtcs: readonly number[];
  readonly planes: readonly TypedPlane[];
  readonly writebacks: readonly KmsConnector[];
  /** The display connectors; looked at anew as long as none is connected. */
  connectors(): readonly KmsConnector[];
  /** An object's properties with the values that they had at first sight: for their ids. */
  properties(object: number, type: (typeof OBJECT)[keyof typeof OBJECT]): Properties;
  /** A MODE_ID blob, made once for each mode and kept. */
  modeBlob(info: Buffer): number;
  /** PRIME_FD_TO_HANDLE, counted: the kernel gives one handle for all imports of a dma-buf. */
  importHandle(dmaBuf: number): number;
  /** GEM_CLOSE once nobody has it any more. */
  releaseHandle(handle: number): void;
}

/** Devices by node, kept for the life of the process: opening one probes displays and makes master. */
const opened = new Map<string, KmsDevice>();

/**
 * The driver's primary node, opened once.
 * @throws StageFailure `unsupported` without a node or without KMS, `blocked` without permission.
 */
export function kmsDevice(node: string | undefined, driver: string): KmsDevice {
  const known = node === undefined ? undefined : opened.get(node);
  if (known) return known;
  const fd = openDevice(node, `primary DRM node of ${driver}`);
  try {
    const device = readDevice(node ?? '', fd);
    opened.set(device.node, device);
    return device;
  } catch (error) {
    // Kept open it would stay DRM master, and each cell would open one more.
    closeFd(fd);
    throw error;
  }
}

function readDevice(node: string, fd: number): KmsDevice {
  setClientCap(fd, DRM_CLIENT_CAP_UNIVERSAL_PLANES);
  const atomic = setClientCap(fd, DRM_CLIENT_CAP_ATOMIC);
  setClientCap(fd, DRM_CLIENT_CAP_WRITEBACK_CONNECTORS);
  const { crtcs, connectors: ids } = kms(() => kmsResources(fd));
  const all = ids.map((id) => kmsConnector(fd, id));
  const isWriteback = ({ type }: KmsConnector) => type === CONNECTOR_WRITEBACK;
  let displays = all.filter((connector) => !isWriteback(connector));
  const properties = propertyCache(fd);
  return {
    node,
    fd,
    atomic,
    modifiers: drmCap(fd, DRM_CAP_ADDFB2_MODIFIERS) !== 0,
    crtcs,
    planes: kmsPlaneIds(fd).map((id) => typedPlane(fd, id, properties(id, OBJECT.plane))),
    writebacks: all.filter(isWriteback),
    connectors: () => {
      if (!displays.some(({ connected }) => connected))
        displays = displays.map(({ id }) => kmsConnector(fd, id));
      return displays;
    },
    properties,
    modeBlob: modeBlobs(fd),
    ...handleCounts(fd),
  };
}

function typedPlane(fd: number, id: number, properties: Properties): TypedPlane {
  const blob = Number(properties.get('IN_FORMATS')?.value ?? 0n);
  return {
    ...kmsPlane(fd, id),
    type: planeType(properties),
    modifiers: blob === 0 ? null : parseInFormats(readBlob(fd, blob)),
  };
}

/** A device that only renders or exports answers EOPNOTSUPP. */
function kms<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof Errno && error.code === 'EOPNOTSUPP')
      throw new StageFailure('unsupported', error.code, 'KMS (the driver has no modesetting)');
    throw error;
  }
}

function propertyCache(fd: number): KmsDevice['properties'] {
  const known = new Map();
  const cache = new Map<number, Properties>();
  return (object, type) => {
    const properties = cache.get(object) ?? objectProperties(fd, object, type, known);
    cache.set(object, properties);
    return properties;
  };
}

function modeBlobs(fd: number): KmsDevice['modeBlob'] {
  const blobs = new Map<string, number>();
  return (info) => {
    const key = info.toString('hex');
    const blob = blobs.get(key) ?? createBlob(fd, info);
    blobs.set(key, blob);
    return blob;
  };
}

function handleCounts(fd: number): Pick<KmsDevice, 'importHandle' | 'releaseHandle'> {
  const users = new Map<number, number>();
  return {
    importHandle: (dmaBuf) => {
      const handle = primeFdToHandle(fd, dmaBuf);
      users.set(handle, (users.get(handle) ?? 0) + 1);
      return handle;
    },
    releaseHandle: (handle) => {
      const left = (users.get(handle) ?? 1) - 1;
      if (left > 0) users.set(handle, left);
      else {
        users.delete(handle);
        gemClose(fd, handle);
      }
    },
  };
}
