import { Errno } from './errno.ts';
import { iowr } from './ioctl-number.ts';
import { ioctl } from './syscalls.ts';
import { v4l2Control } from './v4l2-structs.ts';

const S_CTRL = iowr('V', 28, v4l2Control);

/** V4L2_CID_CODEC_BASE + 216: headers in a buffer of their own (0), or with the first frame (1). */
const CID_HEADER_MODE = 0x990900 + 216;
const JOINED_WITH_1ST_FRAME = 1;

/** Asks for stream headers and first frame in one buffer. Few drivers have the control; the rest do so anyway. */
export function joinHeaders(fd: number): void {
  const arg = v4l2Control.make({ id: CID_HEADER_MODE, value: JOINED_WITH_1ST_FRAME });
  try {
    ioctl(fd, S_CTRL, arg, 'VIDIOC_S_CTRL');
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
  }
}
