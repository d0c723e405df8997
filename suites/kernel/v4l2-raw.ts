import { StageFailure } from '../board.ts';
import type { PixelFormat } from '../formats.ts';
import { type FrameLayout, frameLayout } from '../layout.ts';
import { Errno } from './errno.ts';
import { queueFormats, type SetFormat, setFormat } from './v4l2.ts';
import { v4l2Fourccs } from './v4l2-formats.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Sets a queue to a raw format in one memory plane, which must hold the size asked for.
 * @param what names the queue's use in messages: `encoder input`.
 * @throws StageFailure unsupported where the queue has no such format or size; Errno
 */
export function rawFormat(
  fd: number,
  type: number,
  format: PixelFormat,
  { width, height }: Size,
  what = 'V4L2 queue',
): SetFormat {
  const set = setAnyOf(fd, type, v4l2Fourccs(format), { width, height });
  if (!set) throw new StageFailure('unsupported', null, `${what} ${format.name}`);
  if (set.memoryPlanes !== 1)
    throw new StageFailure('unsupported', null, `${what} ${format.name} in one memory plane`);
  if (set.width < width || set.height < height) {
    const most = `${set.width}x${set.height}`;
    throw new StageFailure('unsupported', null, `${what} of ${width}x${height} (gives ${most})`);
  }
  return set;
}

/** The first of the formats that the driver does not change into another; undefined without one. */
function setAnyOf(
  fd: number,
  type: number,
  fourccs: readonly number[],
  size: Size,
): SetFormat | undefined {
  for (const fourcc of fourccs)
    try {
      const set = setFormat(fd, type, { fourcc, width: size.width, height: size.height });
      if (set.fourcc === fourcc) return set;
    } catch (error) {
      // Older drivers refuse a format that they do not list, where the rule is to offer another.
      const refused = error instanceof Errno && error.code === 'EINVAL';
      if (!refused || queueFormats(fd, type).some((each) => each.fourcc === fourcc)) throw error;
    }
  return undefined;
}

/** The frame as the driver will read or write it: its stride, its padded height, its size. */
export function rawLayout(format: PixelFormat, size: Size, set: SetFormat): FrameLayout {
  const { width, height } = size;
  const layout = frameLayout(format, width, height, set.bytesPerLine, set.height);
  return { ...layout, size: Math.max(layout.size, set.sizeImage) };
}
