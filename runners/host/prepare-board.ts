import type { Session, Transport } from '../transports/session.ts';
import { BoardBusy, link } from './link.ts';

/** A board that a program of the lab brings into the state that is measured. */
export interface Preparation {
  readonly board: string;
  readonly transport: Transport;
  readonly workdir: string | null;
  readonly who: string;
  readonly prepare: (signal: AbortSignal) => Promise<void>;
}

/**
 * Prepares a board, with its lock in hand where the board answers: nobody else's run is rebooted away.
 * @throws BoardBusy where somebody has it; whatever `prepare` throws.
 */
export async function prepareBoard(job: Preparation, signal: AbortSignal): Promise<void> {
  const release = await hold(job, signal);
  try {
    await job.prepare(signal);
  } finally {
    await release();
  }
}

async function hold(job: Preparation, signal: AbortSignal): Promise<() => Promise<void>> {
  let session: Session | null = null;
  try {
    const opened = await job.transport.open(signal);
    session = opened;
    const agent = await link(opened, job);
    return async () => {
      await agent.close();
      await opened.close();
    };
  } catch (error) {
    await session?.close();
    if (error instanceof BoardBusy || signal.aborted) throw error;
    // One that is off, or has no working system yet, is in nobody's hands.
    return async () => {};
  }
}
