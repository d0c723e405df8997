import { StageFailure } from '../board.ts';
import { Errno } from './errno.ts';
import { nodeHolders } from './node-holders.ts';

/**
 * Runs `body`; EBUSY from it becomes a failure of the kind `blocked` that says who has the node open.
 * @throws StageFailure, and whatever else `body` throws
 */
export function orBlocked<T>(node: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof Errno) || error.code !== 'EBUSY') throw error;
    const holders = nodeHolders(node);
    const who = holders.length
      ? holders.join(', ')
      : 'a process that is gone by now or that this user may not look into';
    const detail = `${error.message}; ${node} is in use by ${who}`;
    throw new StageFailure('blocked', error.code, detail, `${node} is held by ${who}`);
  }
}
