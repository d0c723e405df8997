import type { BoardContext } from '../../suites/board.ts';
import type { MemoryWatch } from '../../suites/kernel/memory-state.ts';
import type { Plan } from '../../suites/plan.ts';

const MIB = 1024 * 1024;

/** What the plan lets a worker do on this board. */
export function boardContext(plan: Plan, nodes: BoardContext['nodes']): BoardContext {
  const { bufferMiB, modeset } = plan.limits;
  return {
    nodes,
    limits: { bufferBytes: bufferMiB * MIB, modeset },
    yuvTolerance: plan.yuvTolerance,
  };
}

/**
 * The same, with no buffer ever larger than a quarter of what is free at the time: an absurd size
 * does not fail with ENOMEM, it has the caller killed.
 */
export function withinMemory(board: BoardContext, memory: MemoryWatch): BoardContext {
  const { bufferBytes, modeset } = board.limits;
  return {
    ...board,
    limits: {
      modeset,
      get bufferBytes() {
        return Math.min(bufferBytes, Math.floor(memory.availableBytes / 4));
      },
    },
  };
}
