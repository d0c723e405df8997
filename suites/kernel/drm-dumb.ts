import { type FrameLayout, restrided } from '../layout.ts';
import { createDumb } from './drm.ts';

/**
 * A dumb buffer for a frame. RGB is asked for by pixels of 32 bits; all else as rows of plain bytes, as
 * many as the planes need.
 * @returns its handle, and the layout with the stride that the driver gave. @throws Errno
 */
export function createDumbFor(
  fd: number,
  layout: FrameLayout,
): { readonly handle: number; readonly layout: FrameLayout } {
  const stride = layout.planes[0]?.stride ?? 0;
  const bpp = layout.format.model === 'rgb' ? 32 : 8;
  const rows = Math.ceil(layout.size / stride);
  const { handle, pitch } = createDumb(fd, (stride * 8) / bpp, rows, bpp);
  return { handle, layout: restrided(layout, pitch) };
}
