import { writeFileSync } from 'node:fs';

/**
 * Tells the OOM killer whom to take (proc_pid_oom_score_adj(5)): -1000 never, 1000 first. Lowering
 * it needs CAP_SYS_RESOURCE; without it, the worker's own raise decides as well.
 */
export function setOomScore(score: number): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', String(score));
  } catch {}
}

/** The worker goes first: it holds the memory that a cell asked for. */
export const OOM_WORKER = 1000;
/** The agent outlives it, to tell. */
export const OOM_AGENT = -500;
