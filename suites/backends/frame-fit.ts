import { type SharedFrame, StageFailure } from '../board.ts';
import type { PlaneLayout } from '../layout.ts';

/** The byte after the plane's last pixel. The last row need not be padded to the stride. */
export function planeEnd({ offset, stride, rows, rowBytes }: PlaneLayout): number {
  return offset + stride * (rows - 1) + rowBytes;
}

/**
 * Refuses a frame that the exporter describes as larger than its dma-buf: whoever believed it would
 * reach beyond the mapping. @throws StageFailure
 */
export function requireFit({ layout, size }: Pick<SharedFrame, 'layout' | 'size'>): void {
  layout.planes.forEach((plane, index) => {
    const end = planeEnd(plane);
    if (end <= size) return;
    const { offset, stride, rows } = plane;
    const what = `plane ${index} (${rows} rows of ${stride} bytes from ${offset})`;
    throw new StageFailure('failed', null, `${what} ends at ${end}, the dma-buf at ${size}`);
  });
}
