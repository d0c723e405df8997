import type { PixelFormat } from '../formats.ts';
import type { TypedPlane } from './kms-device.ts';

type Listing = Pick<TypedPlane, 'formats' | 'modifiers'>;

/**
 * The planes that may show a frame of that format and modifier, the likeliest first: those that list
 * the pair, then those that have no such list, of which only the kernel knows.
 * @param modifier null where the kernel is told none.
 */
export function planesFor<Plane extends Listing>(
  planes: readonly Plane[],
  { code }: PixelFormat,
  modifier: bigint | null,
): readonly Plane[] {
  const ofFormat = planes.filter((plane) => plane.formats.includes(code));
  if (modifier === null) return ofFormat;
  const listing = ofFormat.filter((plane) => plane.modifiers?.get(code)?.has(modifier));
  return [...listing, ...ofFormat.filter((plane) => plane.modifiers === null)];
}
