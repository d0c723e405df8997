import { StageFailure } from '../board.ts';
import type { PixelFormat } from '../formats.ts';
import type { KmsConnector, KmsMode } from '../kernel/drm-mode.ts';
import { OBJECT } from '../kernel/drm-properties.ts';
import type { KmsDevice, TypedPlane } from './kms-device.ts';
import { chooseMode } from './kms-mode.ts';
import { planesFor } from './kms-planes.ts';

/** A way from a plane to a display. */
export interface Pipe {
  readonly crtc: number;
  readonly crtcIndex: number;
  readonly connector: KmsConnector;
  readonly mode: KmsMode;
  /** The plane that is given the frame. */
  readonly plane: TypedPlane;
  /** For an overlay: the primary plane below it. */
  readonly below: TypedPlane | null;
}

export type WantedPlane = 'primary' | 'overlay';

interface Wish {
  readonly type: WantedPlane;
  readonly format: PixelFormat;
  /** Null where the kernel is told none. */
  readonly modifier: bigint | null;
  readonly width: number;
  readonly height: number;
}

interface Head {
  readonly connector: KmsConnector;
  readonly crtcIndex: number;
}

/** Each connected display with each CRTC that can drive it, the one that does so now first. */
function heads(device: KmsDevice): readonly Head[] {
  const connected = device.connectors().filter((connector) => connector.connected);
  const now = new Map(
    connected.map(({ id }) => [
      id,
      device.crtcs.indexOf(
        Number(device.properties(id, OBJECT.connector).get('CRTC_ID')?.value ?? 0n),
      ),
    ]),
  );
  return connected.flatMap((connector) => {
    const taken = new Set([...now].filter(([id]) => id !== connector.id).map(([, crtc]) => crtc));
    const possible = device.crtcs
      .map((_, index) => index)
      .filter((index) => (connector.possibleCrtcs & (1 << index)) !== 0);
    const rank = (index: number) =>
      index === now.get(connector.id) ? 0 : taken.has(index) ? 2 : 1;
    return possible
      .sort((a, b) => rank(a) - rank(b))
      .map((crtcIndex) => ({ connector, crtcIndex }));
  });
}

const reaches = (plane: TypedPlane, index: number) => (plane.possibleCrtcs & (1 << index)) !== 0;

const unsupported = (detail: string) => new StageFailure('unsupported', null, detail);

/** The driver's planes of that type. @throws StageFailure unsupported, where it has none at all */
export function requirePlane(device: KmsDevice, type: WantedPlane): readonly TypedPlane[] {
  const planes = device.planes.filter((plane) => plane.type === type);
  if (planes.length === 0) throw unsupported(`${type} plane (the driver has none)`);
  return planes;
}

/**
 * A plane of the wanted type that lists format and modifier, with a display behind it.
 * @throws StageFailure unsupported, with what is missing.
 */
export function choosePipe(device: KmsDevice, wish: Wish): Pipe {
  const { type, format, modifier } = wish;
  if (!device.atomic) throw unsupported('atomic (the driver has no atomic modesetting)');
  const ofType = requirePlane(device, type);
  const takers = planesFor(ofType, format, modifier);
  if (takers.length === 0) throw unsupported(notListed(wish, ofType));
  const all = heads(device);
  if (all.length === 0) throw unsupported(notConnected(device.node));
  for (const { connector, crtcIndex } of all) {
    const plane = takers.find((each) => reaches(each, crtcIndex));
    const mode = chooseMode(connector.modes, wish);
    const crtc = device.crtcs[crtcIndex];
    if (!plane || !mode || crtc === undefined) continue;
    const primary = device.planes.find(
      (each) => each.type === 'primary' && reaches(each, crtcIndex),
    );
    if (type === 'overlay' && !primary) continue;
    const below = type === 'overlay' ? (primary ?? null) : null;
    return { crtc, crtcIndex, connector, mode, plane, below };
  }
  throw unsupported(`${type} plane of ${format.name} on a connected display with a mode`);
}

function notListed({ type, format, modifier }: Wish, planes: readonly TypedPlane[]): string {
  const pair = planesFor(planes, format, null).length > 0 && modifier !== null;
  const what = pair ? `${format.name} with modifier 0x${modifier.toString(16)}` : format.name;
  return `plane format ${what} (${type} plane)`;
}

function notConnected(node: string): string {
  const card = node.replace(/^.*\//, '');
  return (
    'no connected display: connect one, or force one ' +
    `(echo on > /sys/class/drm/${card}-CONNECTOR/status, or boot with video=CONNECTOR:1920x1080@60D)`
  );
}
