import { type Ladder, StageFailure } from '../board.ts';
import type { FrameContent } from '../content/content.ts';
import type { Sampling } from '../content/sampling.ts';
import { ATOMIC_ALLOW_MODESET, atomicCommit } from '../kernel/drm-atomic.ts';
import { OBJECT } from '../kernel/drm-properties.ts';
import { Errno } from '../kernel/errno.ts';
import { addressOf, closeFd, POLLIN, poll } from '../kernel/syscalls.ts';
import type { VerifyFacts } from '../record.ts';
import type { KmsDevice } from './kms-device.ts';
import { type OwnFramebuffer, ownFramebuffer } from './kms-dumb.ts';
import type { Pipe } from './kms-pipe.ts';
import { changes } from './kms-state.ts';

/** A frame at 60 Hz and a software composer's time for it, with room. */
const FENCE_MS = 5000;

/** The writeback connector that can write what this pipe's CRTC shows, or undefined. */
export function writebackFor(device: KmsDevice, pipe: Pipe): number | undefined {
  return device.writebacks.find(
    ({ possibleCrtcs }) => (possibleCrtcs & (1 << pipe.crtcIndex)) !== 0,
  )?.id;
}

/**
 * Has the CRTC's picture written into memory. The connector is taken off again at the cell's end,
 * and before the memory goes, even where the picture never comes.
 * @returns XR24 of the mode's size. @throws Errno, StageFailure ETIMEDOUT
 */
export function writeBack(
  device: KmsDevice,
  pipe: Pipe,
  connector: number,
  ladder: Ladder,
): OwnFramebuffer {
  const target = ownFramebuffer(device, pipe.mode, ladder);
  ladder.cleanup(() => writebackOff(device, pipe, connector));
  const fd = requestWriteback(device, pipe, connector, target);
  try {
    if (poll(fd, POLLIN, FENCE_MS) === 0)
      throw new StageFailure('failed', 'ETIMEDOUT', `no writeback within ${FENCE_MS} ms`);
  } finally {
    closeFd(fd);
  }
  return target;
}

/** @returns the fence's fd, which polls readable when the picture is written. @throws Errno */
function requestWriteback(
  device: KmsDevice,
  { crtc, connector: display }: Pipe,
  connector: number,
  target: OwnFramebuffer,
): number {
  const fence = Buffer.alloc(4);
  fence.writeInt32LE(-1);
  const request = changes(device, connector, OBJECT.connector, {
    CRTC_ID: crtc,
    WRITEBACK_FB_ID: target.id,
    WRITEBACK_OUT_FENCE_PTR: addressOf(fence),
  });
  try {
    atomicCommit(device.fd, ATOMIC_ALLOW_MODESET, request);
  } catch (error) {
    if (!(error instanceof Errno) || error.code !== 'EINVAL') throw error;
    // Not every driver lets one CRTC drive a display and a writeback connector (possible_clones).
    const alone = changes(device, display.id, OBJECT.connector, { CRTC_ID: 0 });
    atomicCommit(device.fd, ATOMIC_ALLOW_MODESET, [...alone, ...request]);
  }
  return fence.readInt32LE();
}

/** Gives the CRTC back from the writeback connector to the display. @throws Errno */
function writebackOff(
  device: KmsDevice,
  { crtc, connector: display }: Pipe,
  connector: number,
): void {
  atomicCommit(device.fd, ATOMIC_ALLOW_MODESET, [
    ...changes(device, connector, OBJECT.connector, { CRTC_ID: 0 }),
    ...changes(device, display.id, OBJECT.connector, { CRTC_ID: crtc }),
  ]);
}

/**
 * Compares what was written back with the frame's content: XR24 exactly, YUV by one pixel for each
 * line of each block.
 * @param content made for the frame's width and height and the written picture's stride.
 */
export function compareWritten(
  written: OwnFramebuffer,
  content: FrameContent,
  yuv: boolean,
  tolerance: number,
): VerifyFacts {
  return written.touch((memory) => {
    if (!yuv) return content.compareDrawn(memory);
    const sampled = content.sampled(true);
    return sampled.compare(samples(memory, written, sampled), tolerance);
  });
}

/** The pixels that a sampler would give, as RGBA8; the writeback's are B, G, R, X. */
function samples(memory: Buffer, { layout }: OwnFramebuffer, sampling: Sampling): Buffer {
  const { width, height, step } = sampling;
  const stride = layout.planes[0]?.stride ?? 0;
  const rgba = Buffer.alloc(width * height * 4, 0xff);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = y * stride + (x * step + step / 2) * 4;
      const to = (y * width + x) * 4;
      rgba[to] = memory[from + 2] ?? 0;
      rgba[to + 1] = memory[from + 1] ?? 0;
      rgba[to + 2] = memory[from] ?? 0;
    }
  return rgba;
}
