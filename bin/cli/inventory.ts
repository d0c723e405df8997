import { hostname, userInfo } from 'node:os';
import type { Board } from '../../devices/boards.ts';
import { type Link, link } from '../../runners/host/link.ts';
import type { Inventory } from '../../suites/inventory.ts';
import { transportOf } from './transport.ts';

/**
 * Asks a board what it has, which of its heaps are one memory too, and leaves.
 * @param egl drivers whose EGL is tried; `all` is every DRM driver that there is, and Mesa's own.
 * @param exhaustCma whether a CMA heap may be used up for a moment.
 */
export async function askBoard(
  board: Pick<Board, 'name' | 'access' | 'workdir'> & Board,
  egl: readonly string[] | 'all',
  exhaustCma: boolean,
  log: NodeJS.WriteStream,
): Promise<Inventory> {
  const { transport } = transportOf(board, log);
  try {
    const session = await transport.open(new AbortController().signal);
    try {
      const who = `${userInfo().username}@${hostname()}, looking, since ${new Date().toISOString()}`;
      const agent = await link(session, { board: board.name, workdir: board.workdir, who });
      try {
        const drivers = egl === 'all' ? await allDrivers(agent) : egl;
        const inventory = await agent.inventory(drivers);
        return { ...inventory, heaps: await agent.heaps(exhaustCma) };
      } finally {
        await agent.close();
      }
    } finally {
      await session.close();
    }
  } finally {
    await transport.dispose();
  }
}

/** Mesa's software device, and every DRM driver that the board has. */
async function allDrivers(agent: Link): Promise<string[]> {
  const { drm } = await agent.inventory([]);
  return [...new Set(['swrast', ...drm.map(({ driver }) => driver)])];
}
