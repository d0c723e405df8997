import { type Ladder, type SharedFrame, StageFailure } from '../board.ts';
import type { Cell } from '../cell.ts';
import { takeMaster } from '../kernel/drm.ts';
import {
  ATOMIC_ALLOW_MODESET,
  ATOMIC_TEST_ONLY,
  atomicCommit,
  type PropertyChange,
} from '../kernel/drm-atomic.ts';
import { drmMasterHolder } from '../kernel/drm-master.ts';
import type { KmsMode } from '../kernel/drm-mode.ts';
import { Errno } from '../kernel/errno.ts';
import { DRM_MASTER } from '../wording.ts';
import { withControl } from './kms-control.ts';
import type { KmsDevice } from './kms-device.ts';
import { ownFramebuffer } from './kms-dumb.ts';
import { visiblePart } from './kms-mode.ts';
import { choosePipe, type Pipe, type WantedPlane } from './kms-pipe.ts';
import { otherPlanes, planeOff, planeOn, screenOn, yuvEncoding } from './kms-state.ts';

export const planeTypeOf = (cell: Cell): WantedPlane =>
  cell.suite === 'kms-overlay' ? 'overlay' : 'primary';

/** What the kernel is told of the frame's modifier: nothing, where the driver cannot be told any. */
export const toldModifier = (device: KmsDevice, frame: SharedFrame): bigint | null =>
  device.modifiers ? frame.modifier : null;

/**
 * Asks the driver whether it would show the frame. Nothing changes on the screen.
 * @throws StageFailure unsupported or blocked, Errno
 */
export function testCommit(
  device: KmsDevice,
  cell: Cell,
  frame: SharedFrame,
  framebuffer: number,
  ladder: Ladder,
): { pipe: Pipe; request: readonly PropertyChange[] } {
  const { format, width, height } = frame.layout;
  const modifier = toldModifier(device, frame);
  const pipe = choosePipe(device, { type: planeTypeOf(cell), format, modifier, width, height });
  if (!takeMaster(device.fd)) {
    const who =
      drmMasterHolder(device.node) ??
      'a process that is gone by now or that this user may not look into';
    const detail = `${DRM_MASTER} ${device.node} is held by ${who}`;
    throw new StageFailure('blocked', 'EACCES', detail, detail);
  }
  const backdrop = pipe.below && ownBackdrop(device, pipe.mode, ladder);
  const request = (id: number) => requestFor(device, pipe, frame, id, backdrop);
  const tryOut = (id: number) =>
    atomicCommit(device.fd, ATOMIC_TEST_ONLY | ATOMIC_ALLOW_MODESET, request(id));
  withControl(device, frame, framebuffer, tryOut, ladder);
  return { pipe, request: request(framebuffer) };
}

/** What the primary plane shows below an overlay. Without it nothing is said of the frame above. */
function ownBackdrop(device: KmsDevice, mode: KmsMode, ladder: Ladder): number {
  try {
    return ownFramebuffer(device, mode, ladder).id;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    const what = `a ${mode.width}x${mode.height} XR24 buffer of the display's own below the overlay`;
    throw new StageFailure('unsupported', error.code, `${what}: ${error.message}`);
  }
}

/** Everything that one commit must say to show the frame, whatever was on before. */
function requestFor(
  device: KmsDevice,
  pipe: Pipe,
  { layout }: SharedFrame,
  framebuffer: number,
  backdrop: number | null,
): readonly PropertyChange[] {
  const { mode, crtc, plane, below } = pipe;
  const part = visiblePart(mode, layout);
  return [
    ...screenOn(device, pipe),
    ...(below && backdrop !== null ? planeOn(device, below.id, crtc, backdrop, mode) : []),
    ...planeOn(device, plane.id, crtc, framebuffer, part),
    ...yuvEncoding(device, plane.id, layout.format),
    ...otherPlanes(device, pipe).flatMap(({ id }) => planeOff(device, id)),
  ];
}
