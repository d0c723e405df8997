import { type Ladder, type SharedFrame, StageFailure } from '../board.ts';
import { Errno } from '../kernel/errno.ts';
import { iowr } from '../kernel/ioctl-number.ts';
import { ioctl, type Mapping, mmap, POLLIN, POLLOUT, PROT_READ } from '../kernel/syscalls.ts';
import type { QueueTypes } from '../kernel/v4l2.ts';
import { MEMORY_DMABUF, MEMORY_MMAP, requestBuffers } from '../kernel/v4l2-buffers.ts';
import {
  type Dequeued,
  queryBuffer,
  queueDmaBuf,
  queueMmap,
  streamOff,
  streamOn,
} from '../kernel/v4l2-queue.ts';
import { codedFacts, isAllZero, isHeadersAlone, reportError } from './v4l2-coded.ts';
import { awaitBuffer } from './v4l2-session.ts';

/** struct v4l2_encoder_cmd is 40 bytes and begins with the command. */
const ENCODER_CMD = iowr('V', 77, { size: 40 });
const ENC_CMD_STOP = 1;
const CODED_BUFFERS = 2;

/** An opened encoder, its formats set. */
export interface EncoderSetup {
  readonly fd: number;
  readonly types: QueueTypes;
  /** The fourcc of what comes out. */
  readonly codec: number;
  /** Bytes of a raw frame, as the driver set them. */
  readonly sizeImage: number;
}

/** An encoder with its queues set up, taking one raw frame at a time. */
export interface Encoder extends EncoderSetup {
  /** The coded frames' buffers, mapped. */
  readonly coded: readonly Mapping[];
}

/** REQBUFS on both queues: raw frames come as dma-bufs, coded ones are the driver's own. @throws StageFailure, Errno */
export function setUpQueues(setup: EncoderSetup, ladder: Ladder): Encoder {
  const { fd, types } = setup;
  requestBuffers(fd, types.output, MEMORY_DMABUF, 1);
  ladder.cleanup(() => requestBuffers(fd, types.output, MEMORY_DMABUF, 0));
  const count = requestBuffers(fd, types.capture, MEMORY_MMAP, CODED_BUFFERS);
  ladder.cleanup(() => requestBuffers(fd, types.capture, MEMORY_MMAP, 0));
  const coded = Array.from({ length: count }, (_, index) => {
    const { length, offset } = queryBuffer(fd, types.capture, index);
    const mapping = mmap(fd, length, PROT_READ, offset);
    ladder.cleanup(mapping.unmap);
    return mapping;
  });
  return { ...setup, coded };
}

/** Queues the buffers for coded frames. @throws Errno */
export function offerCoded({ fd, types, coded }: Encoder): void {
  coded.forEach((_, index) => {
    queueMmap(fd, types.capture, index);
  });
}

/** Queues the raw frame: here the driver maps it. @throws Errno */
export function offerFrame({ fd, types, sizeImage }: Encoder, frame: SharedFrame): void {
  const buffer = { dmaBuf: frame.fd, length: frame.size, bytesUsed: sizeImage };
  queueDmaBuf(fd, types.output, 0, buffer);
}

/** @throws Errno */
export function start({ fd, types }: Encoder): void {
  streamOn(fd, types.output);
  streamOn(fd, types.capture);
}

/** @throws Errno */
export function stop({ fd, types }: Encoder): void {
  streamOff(fd, types.output);
  streamOff(fd, types.capture);
}

/** Some encoders hold a frame back until the next one or the end; this is the end. */
function drain(fd: number): void {
  const command = Buffer.alloc(40);
  command.writeUInt32LE(ENC_CMD_STOP);
  try {
    ioctl(fd, ENCODER_CMD, command, 'VIDIOC_ENCODER_CMD');
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
  }
}

interface Coded {
  readonly done: Dequeued;
  /** Copied. */
  readonly bytes: Buffer;
}

function takeBuffer({ fd, types, coded }: Encoder): Coded {
  const done = awaitBuffer(fd, types.capture, MEMORY_MMAP, POLLIN, () => drain(fd));
  const mapping = coded[done.index];
  if (!mapping) throw new StageFailure('failed', null, `DQBUF gave the index ${done.index}`);
  return { done, bytes: Buffer.from(mapping.bytes.subarray(0, done.bytesUsed)) };
}

/** The first buffer with a picture in it: some drivers give the stream's headers in one of their own. */
function takePicture(encoder: Encoder): Coded {
  let taken = takeBuffer(encoder);
  for (let left = encoder.coded.length - 1; left > 0; left--) {
    if (!isHeadersAlone(encoder.codec, taken.bytes)) break;
    taken = takeBuffer(encoder);
  }
  return taken;
}

/**
 * The coded frame, copied. One that is empty, all zero or flagged is wrong, and ends the rung.
 * @throws StageFailure ETIMEDOUT, Errno
 */
export function takeCoded(encoder: Encoder, ladder: Ladder): Buffer {
  const { fd, types, codec } = encoder;
  const { done, bytes } = takePicture(encoder);
  const raw = awaitBuffer(fd, types.output, MEMORY_DMABUF, POLLOUT);
  reportError(raw, 'the raw frame', ladder);
  reportError(done, 'the coded frame', ladder);
  const bad = whatIsWrong(codec, bytes);
  if (bad) ladder.verified(codedFacts(1, 'a coded frame', bad));
  return bytes;
}

function whatIsWrong(codec: number, bytes: Buffer): string | null {
  if (bytes.length === 0) return 'an empty one';
  if (isAllZero(bytes)) return 'zeros alone';
  return isHeadersAlone(codec, bytes) ? 'headers alone' : null;
}
