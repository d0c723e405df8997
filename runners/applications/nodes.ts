import type { Session } from '../transports/session.ts';
import { must } from './command.ts';

/** Where nodes are while they are hidden: in /dev itself, since a rename stays a node only there. */
const HIDDEN = '/dev/.bufmatrix-hidden';

const MOVE = 'mkdir -p "$0" && while [ $# -gt 0 ]; do mv -- "$1" "$2" || exit; shift 2; done';
const LIST =
  'for node in /dev/dma_heap/* /dev/udmabuf /dev/dri/*; do [ -c "$node" ] && echo "$node"; done; :';

/** The paths of all heaps, of udmabuf and of all DRM nodes that a program on the board can see. */
export async function visibleNodes(session: Session): Promise<string[]> {
  const listed = await must(session, ['sh', '-c', LIST]);
  return listed.split('\n').filter(Boolean).sort();
}

/**
 * Does something while nodes are not there, as on a board that has none of them, and puts them back.
 * They are gone for everybody, so it is for boards that nobody else works on: virtual ones.
 * @param nodes absolute paths below /dev.
 * @throws Error when one of them is not there.
 */
export async function withoutNodes<T>(
  session: Session,
  nodes: readonly string[],
  body: () => Promise<T>,
): Promise<T> {
  if (nodes.length === 0) return body();
  const pairs = nodes.map((node) => {
    const aside = `${HIDDEN}/${node.slice('/dev/'.length).replaceAll('/', '!')}`;
    return [node, aside] as const;
  });
  const move = (moves: readonly string[]) => must(session, ['sh', '-c', MOVE, HIDDEN, ...moves]);
  await move(pairs.flat());
  try {
    return await body();
  } finally {
    await move(pairs.flatMap(([node, aside]) => [aside, node]));
  }
}
