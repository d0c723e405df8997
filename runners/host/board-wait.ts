import { setTimeout as sleep } from 'node:timers/promises';
import { BoardBusy } from './link.ts';

/** How often a board that others have is asked for: each time costs it a connection. */
const POLL_MS = 2000;
/** How often a log is told that nothing has changed. */
const TELL_MS = 60_000;

/**
 * Waits for a board that somebody else's run has, from the first refusal on.
 * @param tell is given who has it and how long it is still waited for, in ms: at once, when somebody
 *   else has it, and once a minute.
 */
export class BoardWait {
  readonly #waitMs: number;
  readonly #tell: (holder: string, leftMs: number) => void;
  #sinceMs: number | null = null;
  #told: { holder: string; atMs: number } | null = null;

  constructor(waitMs: number, tell: (holder: string, leftMs: number) => void) {
    this.#waitMs = waitMs;
    this.#tell = tell;
  }

  /**
   * Returns when it is time to ask again; the last time is at the end of the wait itself.
   * @throws BoardBusy when it is over, and what the signal says.
   */
  async next(busy: BoardBusy, signal: AbortSignal): Promise<void> {
    if (this.#waitMs === 0) throw busy;
    const now = performance.now();
    this.#sinceMs ??= now;
    const leftMs = this.#sinceMs + this.#waitMs - now;
    if (leftMs <= 0) throw new BoardBusy(busy.board, busy.holder, this.#waitMs);
    const { holder } = busy;
    if (this.#told?.holder !== holder || now - this.#told.atMs >= TELL_MS) {
      this.#told = { holder, atMs: now };
      this.#tell(holder, leftMs);
    }
    await sleep(Math.min(POLL_MS, leftMs), undefined, { signal });
  }
}
