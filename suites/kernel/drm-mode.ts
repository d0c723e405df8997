import { text } from './drm.ts';
import * as layouts from './drm-structs.ts';
import { iowr } from './ioctl-number.ts';
import { addressOf, ioctl } from './syscalls.ts';

/** The KMS ioctls that look: resources, connectors, planes. Properties are in ./drm-properties.ts. */
const GETRESOURCES = iowr('d', 0xa0, layouts.drmModeCardRes);
const GETENCODER = iowr('d', 0xa6, layouts.drmModeGetEncoder);
const GETCONNECTOR = iowr('d', 0xa7, layouts.drmModeGetConnector);
const GETPLANERESOURCES = iowr('d', 0xb5, layouts.drmModeGetPlaneRes);
const GETPLANE = iowr('d', 0xb6, layouts.drmModeGetPlane);

/** DRM_MODE_CONNECTOR_WRITEBACK: writes what a CRTC shows into a framebuffer. */
export const CONNECTOR_WRITEBACK = 18;

/** DRM_MODE_CONNECTED, the first value of enum drm_connector_status. */
const CONNECTED = 1;

/** `count` 32-bit numbers. */
function numbers(buffer: Buffer, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => buffer.readUInt32LE(index * 4));
}

/** Room for `count` items, never empty: a null pointer would ask for the count alone. */
const room = (count: number, bytes = 4): Buffer => Buffer.alloc(Math.max(1, count) * bytes);

export interface KmsResources {
  /** In the order of the bits of `possibleCrtcs`. */
  readonly crtcs: readonly number[];
  readonly connectors: readonly number[];
}

/** CRTC and connector ids; writeback connectors only with their client capability. @throws Errno */
export function kmsResources(fd: number): KmsResources {
  const { drmModeCardRes: layout } = layouts;
  for (;;) {
    const counts = layout.make({});
    ioctl(fd, GETRESOURCES, counts, 'MODE_GETRESOURCES');
    const crtcCount = layout.get(counts, 'count_crtcs');
    const connectorCount = layout.get(counts, 'count_connectors');
    const crtcs = room(crtcCount);
    const connectors = room(connectorCount);
    const arg = layout.make({
      crtc_id_ptr: addressOf(crtcs),
      connector_id_ptr: addressOf(connectors),
      count_crtcs: crtcCount,
      count_connectors: connectorCount,
    });
    ioctl(fd, GETRESOURCES, arg, 'MODE_GETRESOURCES');
    // A hotplug between the two calls: what has grown has not been filled in.
    if (layout.get(arg, 'count_connectors') > connectorCount) continue;
    return {
      crtcs: numbers(crtcs, crtcCount),
      connectors: numbers(
        connectors,
        Math.min(connectorCount, layout.get(arg, 'count_connectors')),
      ),
    };
  }
}

export interface KmsMode {
  readonly width: number;
  readonly height: number;
  readonly refresh: number;
  readonly name: string;
  /** The struct drm_mode_modeinfo as the kernel gave it, for a MODE_ID blob. */
  readonly info: Buffer;
}

export interface KmsConnector {
  readonly id: number;
  /** DRM_MODE_CONNECTOR_*: 11 is HDMI-A, 15 Virtual. */
  readonly type: number;
  readonly typeId: number;
  readonly connected: boolean;
  readonly modes: readonly KmsMode[];
  /** Bits: which CRTCs of {@link KmsResources.crtcs} it can be driven by. */
  readonly possibleCrtcs: number;
}

function parseMode(info: Buffer): KmsMode {
  const { drmModeModeinfo: layout } = layouts;
  return {
    width: layout.get(info, 'hdisplay'),
    height: layout.get(info, 'vdisplay'),
    refresh: layout.get(info, 'vrefresh'),
    name: text(info.subarray(layout.fields.name.offset)),
    info,
  };
}

function possibleCrtcs(fd: number, encoder: number): number {
  const arg = layouts.drmModeGetEncoder.make({ encoder_id: encoder });
  ioctl(fd, GETENCODER, arg, 'MODE_GETENCODER');
  return layouts.drmModeGetEncoder.get(arg, 'possible_crtcs');
}

/** One connector; looks for a display anew when the fd is DRM master. @throws Errno */
export function kmsConnector(fd: number, id: number): KmsConnector {
  const { drmModeGetConnector: layout, drmModeModeinfo } = layouts;
  const bytes = drmModeModeinfo.size;
  for (;;) {
    // count_modes 0 asks for a probe.
    const counts = layout.make({ connector_id: id });
    ioctl(fd, GETCONNECTOR, counts, 'MODE_GETCONNECTOR');
    const modeCount = layout.get(counts, 'count_modes');
    const encoderCount = layout.get(counts, 'count_encoders');
    const modes = room(modeCount, bytes);
    const encoders = room(encoderCount);
    const arg = layout.make({
      connector_id: id,
      modes_ptr: addressOf(modes),
      encoders_ptr: addressOf(encoders),
      // Never 0 here: this call must not probe again.
      count_modes: Math.max(1, modeCount),
      count_encoders: encoderCount,
    });
    ioctl(fd, GETCONNECTOR, arg, 'MODE_GETCONNECTOR');
    if (layout.get(arg, 'count_modes') > Math.max(1, modeCount)) continue;
    const filled = Math.min(modeCount, layout.get(arg, 'count_modes'));
    return {
      id,
      type: layout.get(arg, 'connector_type'),
      typeId: layout.get(arg, 'connector_type_id'),
      connected: layout.get(arg, 'connection') === CONNECTED,
      modes: Array.from({ length: filled }, (_, index) =>
        parseMode(modes.subarray(index * bytes, (index + 1) * bytes)),
      ),
      possibleCrtcs: numbers(encoders, encoderCount)
        .map((encoder) => possibleCrtcs(fd, encoder))
        .reduce((all, bits) => all | bits, 0),
    };
  }
}

/** Plane ids: all of them with the client capability for universal planes, else overlays alone. @throws Errno */
export function kmsPlaneIds(fd: number): readonly number[] {
  const { drmModeGetPlaneRes: layout } = layouts;
  const counts = layout.make({});
  ioctl(fd, GETPLANERESOURCES, counts, 'MODE_GETPLANERESOURCES');
  const count = layout.get(counts, 'count_planes');
  const ids = room(count);
  const arg = layout.make({ plane_id_ptr: addressOf(ids), count_planes: count });
  ioctl(fd, GETPLANERESOURCES, arg, 'MODE_GETPLANERESOURCES');
  return numbers(ids, count);
}

export interface KmsPlane {
  readonly id: number;
  readonly possibleCrtcs: number;
  /** DRM fourccs. */
  readonly formats: readonly number[];
}

/** @throws Errno */
export function kmsPlane(fd: number, id: number): KmsPlane {
  const { drmModeGetPlane: layout } = layouts;
  const counts = layout.make({ plane_id: id });
  ioctl(fd, GETPLANE, counts, 'MODE_GETPLANE');
  const count = layout.get(counts, 'count_format_types');
  const formats = room(count);
  const arg = layout.make({
    plane_id: id,
    format_type_ptr: addressOf(formats),
    count_format_types: count,
  });
  ioctl(fd, GETPLANE, arg, 'MODE_GETPLANE');
  return {
    id,
    possibleCrtcs: layout.get(arg, 'possible_crtcs'),
    formats: numbers(formats, count),
  };
}
