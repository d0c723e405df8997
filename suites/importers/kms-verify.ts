import { type BoardContext, type Ladder, type SharedFrame, StageFailure } from '../board.ts';
import type { Cell } from '../cell.ts';
import { contentFor, type FrameContent } from '../content/content.ts';
import { nextNonce } from '../content/nonce.ts';
import { ATOMIC_ALLOW_MODESET, atomicCommit } from '../kernel/drm-atomic.ts';
import { Errno } from '../kernel/errno.ts';
import { frameLayout } from '../layout.ts';
import type { VerifyFacts } from '../record.ts';
import { compareCrcs, crcFolder, readCrc } from './kms-crc.ts';
import type { KmsDevice } from './kms-device.ts';
import { type OwnFramebuffer, ownFramebuffer } from './kms-dumb.ts';
import { visiblePart } from './kms-mode.ts';
import type { Pipe } from './kms-pipe.ts';
import { planeOn } from './kms-state.ts';
import { compareWritten, writeBack, writebackFor } from './kms-writeback.ts';
import { isLinear, modifierText } from './linear.ts';

/** What is shown, and what it was filled with. */
export interface Shown {
  readonly device: KmsDevice;
  readonly pipe: Pipe;
  readonly cell: Cell;
  readonly frame: SharedFrame;
  readonly framebuffer: number;
  readonly nonce: number;
}

/** How a committed picture can be checked here; a string says why it cannot. */
export type Check = { readonly writeback: number } | { readonly crc: string } | string;

/** Finds out what there is, before the commit that it would check. */
export function checkFor(device: KmsDevice, pipe: Pipe, cell: Cell, frame: SharedFrame): Check {
  const { layout } = frame;
  // Rows of pixels written into tiles would come out wrong through no fault of the display.
  if (!isLinear(cell, frame)) {
    const tiled = frame.modifier === null ? 'perhaps tiled' : 'tiled';
    return `not verified: ${tiled} (modifier ${modifierText(frame)})`;
  }
  const part = visiblePart(pipe.mode, layout);
  if (part.width < layout.width || part.height < layout.height)
    return `not verified: ${pipe.mode.name} shows ${part.width}x${part.height} of the frame`;
  const { name, model } = layout.format;
  const opaque = name === 'XR24' || model === 'yuv';
  if (!opaque) return `not verified: no rule for what a screen makes of ${name}`;
  const writeback = writebackFor(device, pipe);
  if (writeback !== undefined) return { writeback };
  const crc = crcFolder(device, pipe);
  if (crc !== null && name === 'XR24') return { crc };
  return 'not verified: no writeback connector, no CRC';
}

/** The rung `verify`, where there is a way to it. */
export function verifyShown(
  shown: Shown,
  check: Exclude<Check, string>,
  { yuvTolerance }: BoardContext,
  ladder: Ladder,
): void {
  ladder.stage('verify', () => {
    if ('writeback' in check) byWriteback(shown, check.writeback, yuvTolerance, ladder);
    else byCrc(shown, check.crc, ladder);
  });
}

function byWriteback(
  { device, pipe, cell, frame, nonce }: Shown,
  connector: number,
  tolerance: number,
  ladder: Ladder,
): void {
  const { format, width, height } = frame.layout;
  let written: OwnFramebuffer;
  try {
    written = writeBack(device, pipe, connector, ladder);
  } catch (error) {
    notVerified(error, ladder);
    return;
  }
  ladder.note('by writeback connector');
  const yuv = format.model === 'yuv';
  const content = yuv
    ? contentFor(cell, frame.layout, nonce)
    : contentAt(cell, { ...frame.layout, width, height }, written.layout.planes[0]?.stride, nonce);
  ladder.verified(compareWritten(written, content, yuv, tolerance));
}

function contentAt(
  cell: Cell,
  { format, width, height }: SharedFrame['layout'],
  stride: number | undefined,
  nonce: number,
): FrameContent {
  return contentFor(cell, frameLayout(format, width, height, stride), nonce);
}

/** A means of checking that fails says nothing of the frame, which the driver has taken. */
function notVerified(error: unknown, ladder: Ladder): void {
  const failed = error instanceof Errno || error instanceof StageFailure;
  const file = error instanceof Error && 'syscall' in error;
  if (!failed && !file) throw error;
  ladder.note(`not verified: ${error.message}`);
}

/** The checksum of this frame against that of the same picture in the device's own memory. */
function byCrc(shown: Shown, folder: string, ladder: Ladder): void {
  const { frame, framebuffer, nonce } = shown;
  let facts: VerifyFacts;
  try {
    const got = readCrc(folder);
    const own = ownFramebuffer(shown.device, frame.layout, ladder);
    // The own buffer goes before the frame does, and may not be on the screen by then.
    ladder.cleanup(() => show(shown, framebuffer));
    const expected = ownCrc(shown, own, nonce, folder);
    const other = ownCrc(shown, own, nextNonce(), folder);
    facts = compareCrcs({ got, expected, other });
  } catch (error) {
    notVerified(error, ladder);
    return;
  }
  ladder.note("by CRTC checksum, against the device's own buffer");
  ladder.verified(facts);
}

/** The checksum of that content, shown from the device's own memory. */
function ownCrc(shown: Shown, own: OwnFramebuffer, nonce: number, folder: string): string {
  own.touch((memory) => contentFor(shown.cell, own.layout, nonce).write(memory));
  // Committed anew even if it is on the screen already: a driver with a copy of its own looks then.
  show(shown, own.id);
  return readCrc(folder);
}

function show({ device, pipe, frame }: Shown, framebuffer: number): void {
  const part = visiblePart(pipe.mode, frame.layout);
  const request = planeOn(device, pipe.plane.id, pipe.crtc, framebuffer, part);
  atomicCommit(device.fd, ATOMIC_ALLOW_MODESET, request);
}
