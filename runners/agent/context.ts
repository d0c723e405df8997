import { readFileSync } from 'node:fs';
import type { BoardContext } from '../../suites/board.ts';
import type { Plan } from '../../suites/plan.ts';

const MIB = 1024 * 1024;

/** Bytes that the kernel would give away now (proc_meminfo(5) MemAvailable); 0 when it is not said. */
function availableBytes(): number {
  const match = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'latin1'));
  return Number(match?.[1] ?? 0) * 1024;
}

/**
 * What a worker may do on this board. A buffer never exceeds a quarter of what is free: an absurd
 * size does not fail with ENOMEM, it has the caller killed.
 */
export function boardContext(plan: Plan, nodes: BoardContext['nodes']): BoardContext {
  const { bufferMiB, modeset } = plan.limits;
  const bufferBytes = Math.min(bufferMiB * MIB, Math.floor(availableBytes() / 4));
  return { nodes, limits: { bufferBytes, modeset }, yuvTolerance: plan.yuvTolerance };
}
