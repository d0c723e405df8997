import { StageFailure } from '../board.ts';
import { Errno } from './errno.ts';
import { iowr } from './ioctl-number.ts';
import { ioctl } from './syscalls.ts';
import * as layouts from './v4l2-structs.ts';

/** How a V4L2 queue gets its buffers and gives them away. What it does with them is in ./v4l2-queue.ts. */
const REQBUFS = iowr('V', 8, layouts.v4l2Requestbuffers);
const EXPBUF = iowr('V', 16, layouts.v4l2Exportbuffer);

export const MEMORY_MMAP = 1;
export const MEMORY_DMABUF = 4;
/** O_CLOEXEC | O_RDWR */
const EXPORT_FLAGS = 0x80000 | 0x2;

/** enum v4l2_memory, with the bit V4L2_BUF_CAP_SUPPORTS_ of each in REQBUFS' `capabilities`. */
const IO_MODES = [
  { memory: MEMORY_MMAP, name: 'MMAP', bit: 0x1 },
  { memory: MEMORY_DMABUF, name: 'DMABUF', bit: 0x4 },
  { memory: 2, name: 'USERPTR', bit: 0x2 },
] as const;

/**
 * What a queue lacks for buffers of that memory, in words; null where it has it, or does not tell.
 * @param capabilities 0 from kernels before 4.20 and from drivers without videobuf2.
 */
export function missingIoMode(capabilities: number, memory: number): string | null {
  const mode = IO_MODES.find((each) => each.memory === memory);
  if (!mode || capabilities === 0 || (capabilities & mode.bit) !== 0) return null;
  const offered = IO_MODES.filter(({ bit }) => (capabilities & bit) !== 0).map(({ name }) => name);
  return `V4L2_BUF_CAP_SUPPORTS_${mode.name} (the queue takes ${offered.join(', ') || 'nothing'})`;
}

interface Granted {
  readonly count: number;
  readonly capabilities: number;
}

function request(fd: number, type: number, memory: number, count: number): Granted {
  const { v4l2Requestbuffers: layout } = layouts;
  const arg = layout.make({ count, type, memory });
  ioctl(fd, REQBUFS, arg, 'VIDIOC_REQBUFS');
  return { count: layout.get(arg, 'count'), capabilities: layout.get(arg, 'capabilities') };
}

/** A failed ioctl writes nothing back, so it is asked with a memory that the queue does take; 0: not said. */
function capabilitiesOf(fd: number, type: number): number {
  for (const { memory } of IO_MODES)
    try {
      return request(fd, type, memory, 0).capabilities;
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
    }
  return 0;
}

/**
 * VIDIOC_REQBUFS; 0 frees.
 * @returns how many there are, which may be more or fewer.
 * @throws StageFailure unsupported where the queue takes no such memory; Errno
 */
export function requestBuffers(fd: number, type: number, memory: number, count: number): number {
  try {
    return request(fd, type, memory, count).count;
  } catch (error) {
    if (!(error instanceof Errno) || count === 0) throw error;
    const missing = missingFor(error.code, fd, type, memory);
    throw missing === null ? error : new StageFailure('unsupported', error.code, missing);
  }
}

/** The kernel says ENOTTY where the driver has no such ioctl, and EINVAL of a memory that it does not take. */
function missingFor(errno: string, fd: number, type: number, memory: number): string | null {
  if (errno === 'ENOTTY') return 'streaming (VIDIOC_REQBUFS)';
  return errno === 'EINVAL' ? missingIoMode(capabilitiesOf(fd, type), memory) : null;
}

/** VIDIOC_EXPBUF of an MMAP buffer: a new dma-buf fd. @throws StageFailure unsupported, Errno */
export function exportBuffer(fd: number, type: number, index: number): number {
  const { v4l2Exportbuffer: layout } = layouts;
  const arg = layout.make({ type, index, plane: 0, flags: EXPORT_FLAGS });
  try {
    ioctl(fd, EXPBUF, arg, 'VIDIOC_EXPBUF');
  } catch (error) {
    if (!(error instanceof Errno) || error.code !== 'ENOTTY') throw error;
    throw new StageFailure('unsupported', error.code, 'export of its buffers (VIDIOC_EXPBUF)');
  }
  return layout.get(arg, 'fd');
}
