import { alignUp, type FrameLayout } from './layout.ts';

/**
 * What an experiment changes in a frame, and nothing else: how its rows and planes lie in memory.
 * What a driver may demand there is in kernel sources and Mesa's: pl111 and mxsfb want no padding,
 * panfrost 64 bytes, amdgpu 256, and a page for each plane where an MMU maps planes one by one.
 */
export const VARIATIONS = [
  'tight-stride',
  'stride-64',
  'stride-256',
  'page-offsets',
  'padded',
] as const;
export type Variation = (typeof VARIATIONS)[number];

/** Bytes that a plane's start is aligned to by `page-offsets`. */
const PLANE_ALIGN = 4096;
/** Rows that a plane's height is rounded up to by `padded`, and bytes that follow the last plane. */
const PADDED_ROWS = 32;
const SLACK = 64 * 1024;

/** One step of stride of a plane: its stride by how many bytes of the first plane's a row takes. */
function laid(
  layout: FrameLayout,
  strideAlign: number | null,
  rowAlign: number,
  planeAlign: number,
): FrameLayout {
  const [first] = layout.planes;
  if (!first) return layout;
  const stride = strideAlign === null ? first.stride : alignUp(first.rowBytes, strideAlign);
  let offset = 0;
  const planes = layout.planes.map((plane) => {
    const own = { ...plane, offset: alignUp(offset, planeAlign) };
    own.stride = (stride * plane.stride) / first.stride;
    offset = own.offset + own.stride * alignUp(plane.rows, rowAlign);
    return own;
  });
  return { ...layout, planes, size: offset };
}

/** The same picture in memory of another shape. The number of bytes may change. */
export function varied(layout: FrameLayout, variation: Variation): FrameLayout {
  switch (variation) {
    case 'tight-stride':
      return laid(layout, 1, 1, 1);
    case 'stride-64':
      return laid(layout, 64, 1, 1);
    case 'stride-256':
      return laid(layout, 256, 1, 1);
    case 'page-offsets':
      return laid(layout, null, 1, PLANE_ALIGN);
    case 'padded': {
      const padded = laid(layout, null, PADDED_ROWS, 1);
      return { ...padded, size: padded.size + SLACK };
    }
  }
}

/** Whether two frames differ in the places of their planes or in their size. */
export function differs(one: FrameLayout, other: FrameLayout): boolean {
  const text = ({ planes, size }: FrameLayout) =>
    [size, ...planes.flatMap(({ offset, stride }) => [offset, stride])].join(' ');
  return text(one) !== text(other);
}
