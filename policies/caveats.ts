import { formatNamed } from '../suites/formats.ts';
import { alignUp } from '../suites/layout.ts';
import type { CellRecord } from '../suites/record.ts';
import type { BoardFacts } from './board.ts';
import { importerNodes } from './nodes.ts';
import type { Policy } from './policy.ts';
import { closedTo, type Judged } from './user.ts';
import type { Frame } from './world.ts';

/** What a verdict rests on and does not show. */
export function caveatsOf(
  policy: Pick<Policy, 'layout' | 'program'>,
  frame: Frame,
  records: readonly CellRecord[],
  { inventory }: BoardFacts,
  user: Judged,
): string[] {
  return [
    ...layoutCaveats(policy, frame, records),
    ...records.flatMap((record) => unseen(record)),
    ...records.flatMap(({ importer }) =>
      importer ? closedConsumer(importer, inventory, user) : [],
    ),
  ];
}

/** Where a measured buffer is not quite what the program would have made. Nothing of that was tried. */
function layoutCaveats(
  { layout, program }: Pick<Policy, 'layout' | 'program'>,
  { format, width, height }: Frame,
  records: readonly CellRecord[],
): string[] {
  const caveats: string[] = [];
  const [plane, ...rest] = formatNamed(format).planes;
  const measured = records.flatMap(({ buffer }) => buffer?.strides.slice(0, 1) ?? []);
  if (layout.strideAlign !== undefined) {
    const own = alignUp(width * (plane?.bytes ?? 1), layout.strideAlign);
    const other = measured.find((stride) => stride !== own);
    if (other !== undefined)
      caveats.push(
        `${program} would give ${format} ${width}x${height} a stride of ${own} bytes; the cells had ${other}`,
      );
  }
  if (layout.fds === 'one-per-plane' && rest.length > 0)
    caveats.push(
      `${program} gives each plane a dma-buf of its own; the cells had ${format} in one`,
    );
  return caveats;
}

/** A device that said yes, and whose picture nobody looked at. */
function unseen({ importer, suite, outcome, verify }: CellRecord): string[] {
  if (!importer || outcome !== 'pass' || verify?.compared) return [];
  const what = suite.startsWith('kms') ? 'accepted by a test commit' : 'accepted';
  return [`${suite}: ${what}; nobody looked at the picture`];
}

/** A device that the user may not open: a compositor or a seat has to open it for the program. */
function closedConsumer(
  importer: NonNullable<CellRecord['importer']>,
  inventory: BoardFacts['inventory'],
  user: Judged,
): string[] {
  const nodes = importerNodes(importer, inventory);
  const reasons = nodes.flatMap((node) => closedTo(user, node, 'rw') ?? []);
  const [reason] = reasons;
  return reason !== undefined && reasons.length === nodes.length
    ? [`${reason}; somebody else has to open it for the program`]
    : [];
}
