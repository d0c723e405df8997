/** One memory plane of a pixel format. */
export interface PlaneShape {
  /** Bytes of one sample group: of one pixel for packed RGB, of one U+V pair for NV12's second plane. */
  readonly bytes: number;
  /** Pixels per sample group, horizontally and vertically (chroma subsampling). */
  readonly hsub: number;
  readonly vsub: number;
}

/** A pixel format as cells name it. A new format is a new row of {@link FORMATS}. */
export interface PixelFormat {
  /** The DRM fourcc without trailing blanks: `XR24`, `NV12`, `R8`. */
  readonly name: string;
  /** The DRM fourcc as a number (include/uapi/drm/drm_fourcc.h). */
  readonly code: number;
  /** How pixels are interpreted by a sampler. */
  readonly model: 'rgb' | 'yuv' | 'channels';
  readonly planes: readonly PlaneShape[];
  /** Bits of one component: 8, or 16 for R16 and GR1616. */
  readonly depth: 8 | 16;
}

/** The 32-bit little-endian fourcc of up to four characters, padded with blanks. */
export function fourcc(text: string): number {
  const padded = text.padEnd(4, ' ');
  return (
    (padded.charCodeAt(0) |
      (padded.charCodeAt(1) << 8) |
      (padded.charCodeAt(2) << 16) |
      (padded.charCodeAt(3) << 24)) >>>
    0
  );
}

const whole = (bytes: number): PlaneShape => ({ bytes, hsub: 1, vsub: 1 });
const quarter = (bytes: number): PlaneShape => ({ bytes, hsub: 2, vsub: 2 });
const row = (
  name: string,
  model: PixelFormat['model'],
  planes: readonly PlaneShape[],
  depth: 8 | 16 = 8,
): PixelFormat => ({ name, code: fourcc(name), model, planes, depth });

/** Every format that a profile may name. DRM and V4L2 share the codes of these rows. */
export const FORMATS: readonly PixelFormat[] = [
  row('XR24', 'rgb', [whole(4)]),
  row('AR24', 'rgb', [whole(4)]),
  row('NV12', 'yuv', [whole(1), quarter(2)]),
  row('YU12', 'yuv', [whole(1), quarter(1), quarter(1)]),
  row('R8', 'channels', [whole(1)]),
  row('GR88', 'channels', [whole(2)]),
  row('R16', 'channels', [whole(2)], 16),
  // DRM_FORMAT_GR1616: its fourcc spells GR32.
  row('GR32', 'channels', [whole(4)], 16),
];

const byName = new Map(FORMATS.map((format) => [format.name, format]));

/** The format of that name, or undefined. */
export function findFormat(name: string): PixelFormat | undefined {
  return byName.get(name);
}

/** The format of that name; throws a RangeError that lists the known ones. */
export function formatNamed(name: string): PixelFormat {
  const format = byName.get(name);
  if (!format)
    throw new RangeError(`unknown format ${name}; known: ${[...byName.keys()].join(', ')}`);
  return format;
}
