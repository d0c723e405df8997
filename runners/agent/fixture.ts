/** What the agent's tests share: a plan that any Linux machine can try, and an agent to try it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cellId } from '../../suites/cell.ts';
import type { Plan } from '../../suites/plan.ts';
import { Reply, type Request } from './protocol.ts';

/** A plan of that many cells. Without /dev/udmabuf they all end at `open`, which is a result too. */
export function allocatePlan(cells: number, cellMs = 20_000): Plan {
  return {
    schema: 1,
    board: 'test',
    profile: 'test',
    repeat: 1,
    limits: { cellMs, bufferMiB: 1, modeset: false },
    yuvTolerance: 2,
    cells: Array.from({ length: cells }, (_, index) => {
      const parts = {
        suite: 'allocate' as const,
        backend: 'udmabuf',
        importer: null,
        format: 'XR24',
        width: 64 + index,
        height: 4,
        modifier: '0x0',
      };
      return { id: cellId(parts), ...parts, skip: null };
    }),
  };
}

/** An agent under test: every line it says is checked against the protocol's schema. */
export class TestAgent {
  readonly child: ChildProcess;
  readonly replies: Reply[] = [];
  readonly ended: Promise<{ code: number | null; signal: string | null }>;
  #stderr = '';
  #wake: () => void = () => {};
  #over = false;

  constructor(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const [file = process.execPath, ...args] = command;
    this.child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.child.stderr?.on('data', (chunk) => {
      this.#stderr += chunk;
    });
    this.child.stdin?.on('error', () => {});
    if (this.child.stdout)
      createInterface({ input: this.child.stdout }).on('line', (line) => {
        this.replies.push(Reply.parse(JSON.parse(line)));
        this.#wake();
      });
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        this.#over = true;
        this.#wake();
        resolve({ code, signal });
      });
    });
  }

  /** The agent of this checkout, with those arguments. */
  static here(...args: string[]): TestAgent {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    return new TestAgent([process.execPath, main, ...args]);
  }

  send(request: Request): void {
    this.child.stdin?.write(`${JSON.stringify(request)}\n`);
  }

  /** The first reply of that type, once it has come. @throws Error when the agent ends before. */
  async reply<T extends Reply['type']>(type: T): Promise<Extract<Reply, { type: T }>> {
    for (;;) {
      const found = this.replies.find((reply) => reply.type === type);
      if (found) return found as Extract<Reply, { type: T }>;
      if (this.#over) throw new Error(`the agent ended without ${type}: ${this.#stderr}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Facts so far, in order. */
  get facts() {
    return this.replies.flatMap((reply) => (reply.type === 'facts' ? [reply.facts] : []));
  }

  /** Pids of its workers that are alive. */
  workers(): number[] {
    return childrenOf(this.child.pid ?? 0);
  }

  /** Ends its stdin, which ends it. */
  async close(): Promise<{ code: number | null; signal: string | null }> {
    this.child.stdin?.end();
    return this.ended;
  }
}

/** Processes whose parent that is (proc_pid_stat(5), field 4), zombies left out. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(ppid) === parent && state !== 'Z' ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });
}
