import { constants, openSync } from 'node:fs';
import { StageFailure } from '../board.ts';
import { codeOf } from './access.ts';
import { nodeHolders } from './node-holders.ts';
import { openFailure } from './open-node.ts';

/**
 * Opens a device's node read-write.
 * @param node undefined where the board has none; `what` then says none of what.
 * @throws StageFailure `unsupported` without a node, `blocked` without permission or while others hold it.
 */
export function openDevice(node: string | undefined, what: string, nonblocking = false): number {
  if (node === undefined) throw new StageFailure('unsupported', null, `no ${what}`);
  try {
    return openSync(node, constants.O_RDWR | (nonblocking ? constants.O_NONBLOCK : 0));
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'EBUSY') throw openFailure(node, code);
    const who = nodeHolders(node).join(', ') || 'nobody seen';
    throw new StageFailure('blocked', code, `${node} is in use: ${who}`);
  }
}
