import { StageFailure } from './board.ts';
import { BUFFER_LIMIT } from './wording.ts';

const MIB = 1024 * 1024;

/**
 * Keeps a cell from asking for more than it may. Not every allocator refuses what is too much: the
 * OOM killer then ends the caller, or somebody else. @throws StageFailure unsupported
 */
export function requireWithinLimit(bytes: number, limit: number): void {
  if (bytes <= limit) return;
  const most = `the ${Math.floor(limit / MIB)} MiB ${BUFFER_LIMIT}`;
  throw new StageFailure('unsupported', null, `${bytes} bytes are larger than ${most}`);
}
