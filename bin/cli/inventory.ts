import { hostname, userInfo } from 'node:os';
import type { Board } from '../../devices/boards.ts';
import { link } from '../../runners/host/link.ts';
import type { Inventory } from '../../suites/inventory.ts';
import { transportOf } from './transport.ts';

/**
 * Asks a board what it has, and leaves.
 * @param egl drivers whose EGL is tried; `all` is every DRM driver that there is, and Mesa's own.
 */
export async function askBoard(
  board: Pick<Board, 'name' | 'access' | 'workdir'> & Board,
  egl: readonly string[] | 'all',
  log: NodeJS.WriteStream,
): Promise<Inventory> {
  const { transport } = transportOf(board, log);
  try {
    const session = await transport.open(new AbortController().signal);
    try {
      const who = `${userInfo().username}@${hostname()}, looking, since ${new Date().toISOString()}`;
      const agent = await link(session, { board: board.name, workdir: board.workdir, who });
      try {
        if (egl !== 'all') return await agent.inventory(egl);
        const { drm } = await agent.inventory([]);
        return await agent.inventory([...new Set(['swrast', ...drm.map(({ driver }) => driver)])]);
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
