import { StageFailure } from '../board.ts';
import type { PixelFormat } from '../formats.ts';
import { type FrameLayout, frameLayout } from '../layout.ts';
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
  const offered = new Set(queueFormats(fd, type).map((each) => each.fourcc));
  const code = v4l2Fourccs(format).find((each) => offered.has(each));
  if (code === undefined) throw new StageFailure('unsupported', null, `${what} ${format.name}`);
  const set = setFormat(fd, type, { fourcc: code, width, height });
  if (set.fourcc !== code || set.memoryPlanes !== 1)
    throw new StageFailure('unsupported', null, `${what} ${format.name} in one memory plane`);
  if (set.width < width || set.height < height) {
    const most = `${set.width}x${set.height}`;
    throw new StageFailure('unsupported', null, `${what} of ${width}x${height} (gives ${most})`);
  }
  return set;
}

/** The frame as the driver will read or write it: its stride, its padded height, its size. */
export function rawLayout(format: PixelFormat, size: Size, set: SetFormat): FrameLayout {
  const { width, height } = size;
  const layout = frameLayout(format, width, height, set.bytesPerLine, set.height);
  return { ...layout, size: Math.max(layout.size, set.sizeImage) };
}
