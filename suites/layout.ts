import type { PixelFormat } from './formats.ts';

/** Where one plane lies in a frame. All in bytes, `rows` in lines. */
export interface PlaneLayout {
  readonly offset: number;
  readonly stride: number;
  readonly rows: number;
  /** Bytes of a row that carry pixels; the rest up to `stride` is padding. */
  readonly rowBytes: number;
}

/** A frame in linear memory, all planes in one dma-buf. */
export interface FrameLayout {
  readonly format: PixelFormat;
  readonly width: number;
  readonly height: number;
  readonly planes: readonly PlaneLayout[];
  /** Bytes from the first plane's start to the last plane's end. */
  readonly size: number;
}

/**
 * 256 bytes: what libcamera's and GStreamer's dma-buf pools ask for, since AMD and others refuse
 * less. Widths of the default sizes need no padding at 4 bytes a pixel, so drivers that want
 * stride == width * cpp (mxsfb, pl111) are content as well.
 */
export const STRIDE_ALIGN = 256;

export const alignUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/**
 * Lays a frame out with planes one directly after another, as V4L2 and cameras do.
 * @param stride the first plane's stride in bytes where a driver dictates it; else width aligned
 *   to {@link STRIDE_ALIGN}. The other planes' strides follow from it by their subsampling.
 * @param paddedHeight rows of the first plane in memory where a driver pads (a V4L2 S_FMT height).
 */
export function frameLayout(
  format: PixelFormat,
  width: number,
  height: number,
  stride?: number,
  paddedHeight: number = height,
): FrameLayout {
  const first = format.planes[0];
  if (!first) throw new RangeError(`${format.name} has no planes`);
  const base = stride ?? alignUp(width * first.bytes, STRIDE_ALIGN);
  let offset = 0;
  const planes = format.planes.map((shape) => {
    const plane = {
      offset,
      stride: (base * shape.bytes) / first.bytes / shape.hsub,
      rows: Math.ceil(height / shape.vsub),
      rowBytes: Math.ceil(width / shape.hsub) * shape.bytes,
    };
    offset += plane.stride * Math.ceil(paddedHeight / shape.vsub);
    return plane;
  });
  return { format, width, height, planes, size: offset };
}

/** The same frame with another stride, its padded rows kept. */
export function restrided(layout: FrameLayout, stride: number): FrameLayout {
  const [first, second] = layout.planes;
  if (first?.stride === stride) return layout;
  const { format, width, height } = layout;
  const rows = first && second ? second.offset / first.stride : height;
  return frameLayout(format, width, height, stride, rows);
}
