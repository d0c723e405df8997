import { fourcc, type PixelFormat } from '../formats.ts';

/** V4L2's names of formats that it spells otherwise than DRM does. All are the same bytes in memory. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  // V4L2_PIX_FMT_BGR32 is XBGR32 by its older, vaguer name.
  XR24: ['BGR4'],
  R8: ['GREY'],
  R16: ['Y16'],
};

/** V4L2 fourccs that mean the format, the preferred one first. */
export function v4l2Fourccs(format: PixelFormat): readonly number[] {
  return [format.code, ...(ALIASES[format.name] ?? []).map(fourcc)];
}

/** `NV12` for 0x3231564e. */
export function fourccText(code: number): string {
  return [0, 8, 16, 24]
    .map((shift) => String.fromCharCode((code >>> shift) & 0x7f))
    .join('')
    .trimEnd();
}
