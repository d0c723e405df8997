import { text } from './drm.ts';
import { Errno } from './errno.ts';
import { ior, iowr } from './ioctl-number.ts';
import { ioctl } from './syscalls.ts';
import * as layouts from './v4l2-structs.ts';

/** V4L2: capabilities and formats. Buffers are in ./v4l2-buffers.ts, streaming in ./v4l2-queue.ts. */
const QUERYCAP = ior('V', 0, layouts.v4l2Capability);
const ENUM_FMT = iowr('V', 2, layouts.v4l2Fmtdesc);
const S_FMT = iowr('V', 5, layouts.v4l2FormatPix);

const CAP_VIDEO_CAPTURE = 0x1;
const CAP_VIDEO_OUTPUT = 0x2;
const CAP_VIDEO_CAPTURE_MPLANE = 0x1000;
const CAP_VIDEO_OUTPUT_MPLANE = 0x2000;
const CAP_VIDEO_M2M_MPLANE = 0x4000;
const CAP_VIDEO_M2M = 0x8000;
const CAP_DEVICE_CAPS = 0x80000000;
const FMT_FLAG_COMPRESSED = 0x1;
const FIELD_NONE = 1;

/** enum v4l2_buf_type of a device's two queues. */
export interface QueueTypes {
  readonly capture: number;
  readonly output: number;
}

const SINGLE: QueueTypes = { capture: 1, output: 2 };
const MULTI: QueueTypes = { capture: 9, output: 10 };

/** Whether a queue's type is of the multi-planar API. */
export const isMultiplanar = (type: number): boolean => type >= MULTI.capture;

export interface V4l2Capabilities {
  readonly driver: string;
  readonly card: string;
  readonly bus: string;
  readonly capture: boolean;
  readonly output: boolean;
  readonly m2m: boolean;
  readonly types: QueueTypes;
}

/** VIDIOC_QUERYCAP of the opened node (its device_caps). @throws Errno */
export function v4l2Capabilities(fd: number): V4l2Capabilities {
  const { v4l2Capability: layout } = layouts;
  const arg = layout.make({});
  ioctl(fd, QUERYCAP, arg, 'VIDIOC_QUERYCAP');
  const all = layout.get(arg, 'capabilities');
  const caps = all & CAP_DEVICE_CAPS ? layout.get(arg, 'device_caps') : all;
  const has = (...bits: readonly number[]) => bits.some((bit) => (caps & bit) !== 0);
  const string = (name: 'driver' | 'card' | 'bus_info') => {
    const { offset, count = 1 } = layout.fields[name];
    return text(arg.subarray(offset, offset + count));
  };
  return {
    driver: string('driver'),
    card: string('card'),
    bus: string('bus_info'),
    capture: has(CAP_VIDEO_CAPTURE, CAP_VIDEO_CAPTURE_MPLANE),
    output: has(CAP_VIDEO_OUTPUT, CAP_VIDEO_OUTPUT_MPLANE),
    m2m: has(CAP_VIDEO_M2M, CAP_VIDEO_M2M_MPLANE),
    types: has(CAP_VIDEO_CAPTURE_MPLANE, CAP_VIDEO_OUTPUT_MPLANE, CAP_VIDEO_M2M_MPLANE)
      ? MULTI
      : SINGLE,
  };
}

export interface QueueFormat {
  /** V4L2's fourcc; see ./v4l2-formats.ts for those that DRM calls otherwise. */
  readonly fourcc: number;
  readonly compressed: boolean;
}

/** The formats of one queue; empty where there is no such queue. @throws Errno */
export function queueFormats(fd: number, type: number): readonly QueueFormat[] {
  const { v4l2Fmtdesc: layout } = layouts;
  const formats: QueueFormat[] = [];
  for (let index = 0; ; index++) {
    const arg = layout.make({ index, type });
    try {
      ioctl(fd, ENUM_FMT, arg, 'VIDIOC_ENUM_FMT');
    } catch (error) {
      // EINVAL ends the list.
      if (error instanceof Errno && ['EINVAL', 'ENOTTY'].includes(error.code)) return formats;
      throw error;
    }
    formats.push({
      fourcc: layout.get(arg, 'pixelformat'),
      compressed: (layout.get(arg, 'flags') & FMT_FLAG_COMPRESSED) !== 0,
    });
  }
}

/** A queue's format as the driver set it. */
export interface SetFormat {
  readonly fourcc: number;
  readonly width: number;
  readonly height: number;
  /** Of the first plane, in bytes; 0 for compressed formats. */
  readonly bytesPerLine: number;
  /** Of the one memory plane, in bytes. */
  readonly sizeImage: number;
  /** Memory planes: more than 1 for NV12M and its like. */
  readonly memoryPlanes: number;
}

export interface FormatWish {
  readonly fourcc: number;
  readonly width: number;
  readonly height: number;
  /** The first plane's stride, where it matters; the driver may still choose another. */
  readonly bytesPerLine?: number;
  /** For compressed formats alone: the bytes that a coded frame may take. */
  readonly sizeImage?: number;
}

/** VIDIOC_S_FMT; the driver adjusts what it cannot do, so look at what comes back. @throws Errno */
export function setFormat(fd: number, type: number, wish: FormatWish): SetFormat {
  const { fourcc, width, height, bytesPerLine = 0, sizeImage = 0 } = wish;
  const multi = isMultiplanar(type);
  const layout = multi ? layouts.v4l2FormatPixMp : layouts.v4l2FormatPix;
  const arg = layout.make({
    type,
    width,
    height,
    pixelformat: fourcc,
    field: FIELD_NONE,
    bytesperline: bytesPerLine,
    sizeimage: sizeImage,
  });
  if (multi) layouts.v4l2FormatPixMp.set(arg, 'num_planes', 1);
  ioctl(fd, S_FMT, arg, 'VIDIOC_S_FMT');
  return {
    fourcc: layout.get(arg, 'pixelformat'),
    width: layout.get(arg, 'width'),
    height: layout.get(arg, 'height'),
    bytesPerLine: layout.get(arg, 'bytesperline'),
    sizeImage: layout.get(arg, 'sizeimage'),
    memoryPlanes: multi ? layouts.v4l2FormatPixMp.get(arg, 'num_planes') : 1,
  };
}
