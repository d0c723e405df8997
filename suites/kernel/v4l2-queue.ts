import { INT, iow, iowr } from './ioctl-number.ts';
import { addressOf, ioctl } from './syscalls.ts';
import { isMultiplanar } from './v4l2.ts';
import { MEMORY_DMABUF, MEMORY_MMAP } from './v4l2-buffers.ts';
import * as layouts from './v4l2-structs.ts';

/**
 * What goes through one V4L2 queue, in the single- and the multi-planar API alike: buffers of one memory
 * plane each. They are asked for in ./v4l2-buffers.ts.
 */
const QUERYBUF = iowr('V', 9, layouts.v4l2Buffer);
const QBUF = iowr('V', 15, layouts.v4l2Buffer);
const DQBUF = iowr('V', 17, layouts.v4l2Buffer);
const STREAMON = iow('V', 18, INT);
const STREAMOFF = iow('V', 19, INT);

const FIELD_NONE = 1;
const FLAG_ERROR = 0x40;

/** A buffer's struct with its plane array, and the plane's fields wherever the API keeps them. */
interface BufferArg {
  readonly buffer: Buffer;
  readonly plane: Buffer | null;
}

interface BufferValues {
  readonly index?: number;
  readonly memory: number;
  readonly dmaBuf?: number;
  readonly length?: number;
  readonly bytesUsed?: number;
}

function bufferArg(type: number, values: BufferValues): BufferArg {
  const { v4l2Buffer, v4l2Plane } = layouts;
  const { index = 0, memory, dmaBuf, length = 0, bytesUsed = 0 } = values;
  const common = { index, type, memory, field: FIELD_NONE };
  if (!isMultiplanar(type)) {
    const fd = dmaBuf === undefined ? {} : { fd: dmaBuf };
    return {
      buffer: v4l2Buffer.make({ ...common, ...fd, length, bytesused: bytesUsed }),
      plane: null,
    };
  }
  const plane = v4l2Plane.make({ length, bytesused: bytesUsed });
  if (dmaBuf !== undefined) v4l2Plane.set(plane, 'fd', dmaBuf);
  return { buffer: v4l2Buffer.make({ ...common, planes: addressOf(plane), length: 1 }), plane };
}

export interface MmapBuffer {
  readonly length: number;
  /** For mmap of the node. */
  readonly offset: number;
}

/** VIDIOC_QUERYBUF of an MMAP buffer. @throws Errno */
export function queryBuffer(fd: number, type: number, index: number): MmapBuffer {
  const { buffer, plane } = bufferArg(type, { index, memory: MEMORY_MMAP });
  ioctl(fd, QUERYBUF, buffer, 'VIDIOC_QUERYBUF');
  const { v4l2Buffer, v4l2Plane } = layouts;
  return plane
    ? { length: v4l2Plane.get(plane, 'length'), offset: v4l2Plane.get(plane, 'mem_offset') }
    : { length: v4l2Buffer.get(buffer, 'length'), offset: v4l2Buffer.get(buffer, 'offset') };
}

/** Queues an MMAP buffer to be filled. @throws Errno */
export function queueMmap(fd: number, type: number, index: number): void {
  const { buffer, plane } = bufferArg(type, { index, memory: MEMORY_MMAP });
  ioctl(fd, QBUF, buffer, `VIDIOC_QBUF (${isMultiplanar(type) ? 'CAPTURE_MPLANE' : 'CAPTURE'})`);
  keep(plane);
}

/**
 * Queues a dma-buf to be read. This is where drivers map it: EFAULT from one that wants it contiguous.
 * @param length the whole dma-buf, which is what contiguity is then asked of.
 * @throws Errno
 */
export function queueDmaBuf(
  fd: number,
  type: number,
  index: number,
  { dmaBuf, length, bytesUsed }: { dmaBuf: number; length: number; bytesUsed: number },
): void {
  const values = { index, memory: MEMORY_DMABUF, dmaBuf, length, bytesUsed };
  const { buffer, plane } = bufferArg(type, values);
  ioctl(fd, QBUF, buffer, 'VIDIOC_QBUF (dma-buf)');
  keep(plane);
}

export interface Dequeued {
  readonly index: number;
  readonly bytesUsed: number;
  /** V4L2_BUF_FLAG_ERROR: the driver could not use it or fill it. */
  readonly error: boolean;
}

/** VIDIOC_DQBUF on a node opened O_NONBLOCK, once poll(2) says it is ready. @throws Errno */
export function dequeue(fd: number, type: number, memory: number): Dequeued {
  const { v4l2Buffer, v4l2Plane } = layouts;
  const { buffer, plane } = bufferArg(type, { memory });
  ioctl(fd, DQBUF, buffer, 'VIDIOC_DQBUF', true);
  return {
    index: v4l2Buffer.get(buffer, 'index'),
    bytesUsed: plane ? v4l2Plane.get(plane, 'bytesused') : v4l2Buffer.get(buffer, 'bytesused'),
    error: (v4l2Buffer.get(buffer, 'flags') & FLAG_ERROR) !== 0,
  };
}

function stream(fd: number, request: number, type: number, name: string): void {
  const arg = Buffer.alloc(INT.size);
  arg.writeUInt32LE(type);
  ioctl(fd, request, arg, name);
}

/** @throws Errno */
export const streamOn = (fd: number, type: number): void =>
  stream(fd, STREAMON, type, 'VIDIOC_STREAMON');
/** Also takes back what is queued. @throws Errno */
export const streamOff = (fd: number, type: number): void =>
  stream(fd, STREAMOFF, type, 'VIDIOC_STREAMOFF');

/** The engine may collect a Buffer after its last use: this is a use. */
function keep(_buffer: Buffer | null): void {}
