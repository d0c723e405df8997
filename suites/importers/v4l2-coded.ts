import type { Ladder } from '../board.ts';
import { fourcc } from '../formats.ts';
import type { Dequeued } from '../kernel/v4l2-queue.ts';
import type { VerifyFacts } from '../record.ts';

/** The comparison of whole coded frames: what was wanted, and what came. Counted in frames. */
export function codedFacts(compared: number, expected: string, got: string | null): VerifyFacts {
  const facts = { compared, wrong: got === null ? 0 : 1, tolerance: 0, control: 'none' as const };
  return got === null ? facts : { ...facts, first: { x: 0, y: 0, expected, got } };
}

/** A buffer that the driver gives back with the error flag: it took it, and could not use it. */
export function reportError(buffer: Dequeued, what: string, ladder: Ladder): void {
  if (buffer.error) ladder.verified(codedFacts(1, `${what} without error`, 'V4L2_BUF_FLAG_ERROR'));
}

const ZEROS = Buffer.alloc(64 * 1024);

/** Whether nothing but zeros has been written. */
export function isAllZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const end = Math.min(bytes.length, at + ZEROS.length);
    if (bytes.compare(ZEROS, 0, end - at, at, end) !== 0) return false;
  }
  return true;
}

/** Whether a unit of the stream is part of a picture, by its first byte (ITU-T H.264 and H.265, table 7-1). */
const PICTURE_UNITS: ReadonlyMap<number, (header: number) => boolean> = new Map([
  [fourcc('H264'), (header: number) => (header & 0x1f) >= 1 && (header & 0x1f) <= 5],
  [fourcc('HEVC'), (header: number) => ((header >> 1) & 0x3f) < 32],
]);

const START_CODE = Buffer.from([0, 0, 1]);

/** Whether these are a stream's headers without a picture, which are the same for every picture. */
export function isHeadersAlone(codec: number, bytes: Buffer): boolean {
  const isPicture = PICTURE_UNITS.get(codec);
  const found = bytes.indexOf(START_CODE);
  if (!isPicture || found < 0) return false;
  for (let at = found; at >= 0; at = bytes.indexOf(START_CODE, at + START_CODE.length))
    if (isPicture(bytes[at + START_CODE.length] ?? 0)) return false;
  return true;
}
