import type { Inventory } from '../../suites/inventory.ts';
import { lockBoard, lockWholeBoard } from './board-lock.ts';
import { probeEgl } from './egl-children.ts';
import { findRegions } from './heap-child.ts';
import { nodesOf, readInventory } from './inventory/index.ts';
import type { SelfCommand } from './processes.ts';
import type { Request } from './protocol.ts';
import { say } from './reply.ts';
import { parseRequest } from './request.ts';
import { runPlan } from './run-plan.ts';
import { AGENT_VERSION } from './version.ts';
import type { WorkerProcess } from './worker-process.ts';

/** Answers the host's requests, one after another. */
export class Conversation {
  readonly #self: SelfCommand;
  #spare: WorkerProcess | null;
  #inventory: Inventory | null = null;
  #queue: Promise<void> = Promise.resolve();

  constructor(self: SelfCommand, spare: WorkerProcess) {
    this.#self = self;
    this.#spare = spare;
  }

  /** Takes the board and says so. @returns false when somebody else has it. */
  hello(locks: { own: string | null; board: string | null }, who: string): boolean {
    const lockedBy =
      (locks.own === null ? null : lockBoard(locks.own, who)) ??
      (locks.board === null ? null : lockWholeBoard(locks.board));
    say({ type: 'hello', version: AGENT_VERSION, pid: process.pid, lockedBy });
    return lockedBy === null;
  }

  /** Takes one line from the host; what it asks for is done after what was asked before. */
  hear(line: string): void {
    this.#queue = this.#queue
      .then(() => this.#answer(parseRequest(line)))
      .catch((error: unknown) => {
        say({ type: 'error', message: error instanceof Error ? error.message : String(error) });
      });
  }

  async #answer(request: Request): Promise<void> {
    if (request.type === 'ping') return;
    if (request.type === 'inventory') {
      this.#inventory = await this.#read(request.egl);
      say({ type: 'inventory', inventory: this.#inventory });
      return;
    }
    this.#inventory ??= await this.#read([]);
    if (request.type === 'heaps') {
      const heaps = await findRegions(this.#self, this.#inventory.heaps, request.exhaustCma);
      this.#inventory = { ...this.#inventory, heaps };
      say({ type: 'heaps', heaps });
      return;
    }
    const spare = this.#spare;
    this.#spare = null;
    await runPlan(request, nodesOf(this.#inventory), this.#self, spare);
    say({ type: 'done' });
  }

  async #read(egl: readonly string[]): Promise<Inventory> {
    const inventory = this.#inventory ?? readInventory(AGENT_VERSION);
    if (egl.length === 0) return inventory;
    return { ...inventory, egl: await probeEgl(this.#self, egl, nodesOf(inventory)) };
  }
}
