import type { PixelFormat } from '../formats.ts';
import { ATOMIC_ALLOW_MODESET, atomicCommit, type PropertyChange } from '../kernel/drm-atomic.ts';
import { OBJECT, objectProperties, readBlob } from '../kernel/drm-properties.ts';
import { Errno } from '../kernel/errno.ts';
import type { KmsDevice, TypedPlane } from './kms-device.ts';
import type { Pipe } from './kms-pipe.ts';

type ObjectType = (typeof OBJECT)[keyof typeof OBJECT];
type Values = Readonly<Record<string, bigint | number>>;

/** Properties of one object to be set; those that the object does not have are left out. */
export function changes(
  device: KmsDevice,
  object: number,
  type: ObjectType,
  values: Values,
): readonly PropertyChange[] {
  const properties = device.properties(object, type);
  return Object.entries(values).flatMap(([name, value]) => {
    const property = properties.get(name);
    return property ? [{ object, property: property.id, value: BigInt(value) }] : [];
  });
}

/** The CRTC on in the pipe's mode, driving the pipe's connector. */
export function screenOn(
  device: KmsDevice,
  { crtc, connector, mode }: Pipe,
): readonly PropertyChange[] {
  const blob = device.modeBlob(mode.info);
  return [
    ...changes(device, connector.id, OBJECT.connector, { CRTC_ID: crtc }),
    ...changes(device, crtc, OBJECT.crtc, { MODE_ID: blob, ACTIVE: 1 }),
  ];
}

/** A framebuffer's upper left part on a plane at the screen's upper left, unscaled. */
export function planeOn(
  device: KmsDevice,
  plane: number,
  crtc: number,
  framebuffer: number,
  { width, height }: { width: number; height: number },
): readonly PropertyChange[] {
  // SRC_* are 16.16 fixed point.
  return changes(device, plane, OBJECT.plane, {
    FB_ID: framebuffer,
    CRTC_ID: crtc,
    SRC_X: 0,
    SRC_Y: 0,
    SRC_W: BigInt(width) << 16n,
    SRC_H: BigInt(height) << 16n,
    CRTC_X: 0,
    CRTC_Y: 0,
    CRTC_W: width,
    CRTC_H: height,
  });
}

export function planeOff(device: KmsDevice, plane: number): readonly PropertyChange[] {
  return changes(device, plane, OBJECT.plane, { FB_ID: 0, CRTC_ID: 0 });
}

/** The YUV encoding that contents are made for: BT.601, limited range, where the plane can be told. */
export function yuvEncoding(
  device: KmsDevice,
  plane: number,
  format: PixelFormat,
): readonly PropertyChange[] {
  if (format.model !== 'yuv') return [];
  const properties = device.properties(plane, OBJECT.plane);
  const pick = (name: string, label: string): Values => {
    const value = properties.get(name)?.enums.get(label);
    return value === undefined ? {} : { [name]: value };
  };
  return changes(device, plane, OBJECT.plane, {
    ...pick('COLOR_ENCODING', 'ITU-R BT.601 YCbCr'),
    ...pick('COLOR_RANGE', 'YCbCr limited range'),
  });
}

/** Other planes that show something on the CRTC: a cursor, a video. */
export function otherPlanes(
  device: KmsDevice,
  { crtc, plane, below }: Pipe,
): readonly TypedPlane[] {
  return device.planes.filter(
    ({ id }) =>
      id !== plane.id &&
      id !== below?.id &&
      device.properties(id, OBJECT.plane).get('CRTC_ID')?.value === BigInt(crtc),
  );
}

/** What a pipe's state consists of, for us: all that the commits here change. */
const STATE: Readonly<Record<number, RegExp>> = {
  [OBJECT.connector]: /^CRTC_ID$/,
  [OBJECT.crtc]: /^(MODE_ID|ACTIVE)$/,
  [OBJECT.plane]: /^(FB_ID|CRTC_ID|SRC_[XYWH]|CRTC_[XYWH]|COLOR_(ENCODING|RANGE))$/,
};

/**
 * Remembers what the pipe shows now.
 * @returns brings it back; where that fails (its framebuffer has gone) the CRTC is switched off.
 */
export function remember(device: KmsDevice, pipe: Pipe): () => void {
  const { fd } = device;
  const objects: readonly (readonly [number, ObjectType])[] = [
    [pipe.connector.id, OBJECT.connector],
    [pipe.crtc, OBJECT.crtc],
    ...[pipe.plane, ...(pipe.below ? [pipe.below] : []), ...otherPlanes(device, pipe)].map(
      ({ id }) => [id, OBJECT.plane] as const,
    ),
  ];
  const before = objects.flatMap(([object, type]) =>
    [...objectProperties(fd, object, type).values()]
      .filter(({ name }) => STATE[type]?.test(name))
      .map(({ id, name, value }) => {
        // The old mode's blob goes with the old state: keep a copy of our own.
        const isBlob = name === 'MODE_ID' && value !== 0n;
        const kept = isBlob ? BigInt(device.modeBlob(readBlob(fd, Number(value)))) : value;
        return { object, property: id, value: kept };
      }),
  );
  return () => {
    try {
      atomicCommit(fd, ATOMIC_ALLOW_MODESET, before);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      atomicCommit(fd, ATOMIC_ALLOW_MODESET, screenOff(device, pipe));
    }
  };
}

function screenOff(device: KmsDevice, pipe: Pipe): readonly PropertyChange[] {
  const planes = [pipe.plane, ...(pipe.below ? [pipe.below] : [])];
  return [
    ...changes(device, pipe.connector.id, OBJECT.connector, { CRTC_ID: 0 }),
    ...changes(device, pipe.crtc, OBJECT.crtc, { MODE_ID: 0, ACTIVE: 0 }),
    ...planes.flatMap(({ id }) => planeOff(device, id)),
  ];
}
