import { formatNamed } from '../suites/formats.ts';
import { alignUp } from '../suites/layout.ts';
import type { CellRecord } from '../suites/record.ts';
import type { Policy } from './policy.ts';
import type { Frame } from './world.ts';

/** Where a measured buffer is not quite what the program would have made. Nothing of it was tried. */
export function caveatsOf(
  { layout, program }: Pick<Policy, 'layout' | 'program'>,
  { format, width, height }: Frame,
  record: CellRecord | undefined,
): string[] {
  const caveats: string[] = [];
  const [plane, ...rest] = formatNamed(format).planes;
  const measured = record?.buffer?.strides[0];
  const own = alignUp(width * (plane?.bytes ?? 1), layout.strideAlign);
  if (measured !== undefined && measured !== own)
    caveats.push(
      `${program} would give ${format} ${width}x${height} a stride of ${own} bytes; the cells had ${measured}`,
    );
  if (layout.fds === 'one-per-plane' && rest.length > 0)
    caveats.push(
      `${program} gives each plane a dma-buf of its own; the cells had ${format} in one`,
    );
  return caveats;
}
