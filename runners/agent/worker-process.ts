import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { FACTS_FD, type Job, lineKind, type Ready } from './job.ts';
import { Lines } from './lines.ts';
import { type SelfCommand, startSelf } from './processes.ts';

/** How a worker ended. */
export interface WorkerEnd {
  readonly signal: string | null;
  readonly code: number | null;
}

/** Bytes of stderr kept from before the worker has its own file for it. */
const STARTUP_BYTES = 8192;

/** A worker seen from the agent: its lines, its end, and what it leaves behind. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #lines = new Lines();
  #job: Job | null = null;
  #onLines: (lines: Buffer) => void = () => {};
  #startup = '';
  #fds: { trace: number; noise: number } | null = null;
  /** When it is gone and all of its lines have been seen. */
  readonly ended: Promise<WorkerEnd>;

  constructor(self: SelfCommand) {
    this.#child = startSelf(self, ['--worker'], ['pipe', 'ignore', 'pipe', 'pipe']);
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => resolve({ code, signal }));
      this.#child.once('error', (error) => {
        this.#startup += `${error.message}\n`;
        resolve({ code: null, signal: null });
      });
    });
    // A job written into a worker that has just died: its end tells.
    this.#child.stdin?.on('error', () => {});
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#startup = (this.#startup + chunk.toString()).slice(-STARTUP_BYTES);
    });
    const facts = this.#child.stdio[FACTS_FD];
    if (facts instanceof Readable) facts.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Gives it its job, as soon as it can take it, and hears its lines. Once. */
  start(job: Job, onLines: (lines: Buffer) => void): void {
    this.#job = job;
    this.#onLines = onLines;
    if (this.#fds) this.#hand(job);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /**
   * Whether the thread that tries cells is gone while others of the process live on. So an oops
   * leaves it: the kernel ends the one task that had it (make_task_dead() in kernel/exit.c).
   */
  get headless(): boolean {
    try {
      const stat = readFileSync(`/proc/${this.pid}/stat`, 'latin1');
      // The state comes after the name, which may itself hold brackets.
      return stat[stat.lastIndexOf(')') + 2] === 'Z';
    } catch {
      return false;
    }
  }

  /** What it wrote to stderr before it had its file. */
  get startupText(): string {
    return this.#startup;
  }

  /** Its memory files, to be read after its death too; null when it never came up. */
  get files(): { readonly trace: number; readonly noise: number } | null {
    return this.#fds;
  }

  /** Lets go of it, also when it cannot be reaped. */
  release(): void {
    this.#child.unref();
    for (const stream of this.#child.stdio) stream?.destroy();
    if (this.#fds) for (const fd of Object.values(this.#fds)) closeSync(fd);
    this.#fds = null;
  }

  #take(chunk: Buffer): void {
    let lines = this.#lines.push(chunk);
    if (this.#fds === null && lines.length && lineKind(lines, 0) === 'ready') {
      const end = lines.indexOf(0x0a) + 1;
      const ready: Ready = JSON.parse(lines.toString('utf8', 0, end));
      lines = lines.subarray(end);
      const open = (fd: number) => openSync(`/proc/${this.pid}/fd/${fd}`, 'r');
      this.#fds = { trace: open(ready.trace), noise: open(ready.noise) };
      if (this.#job) this.#hand(this.#job);
    }
    if (lines.length) this.#onLines(lines);
  }

  #hand(job: Job): void {
    const stdin = this.#child.stdin;
    if (stdin instanceof Writable) stdin.end(JSON.stringify(job));
  }
}
