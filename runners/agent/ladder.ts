import { type Ladder, StageFailure } from '../../suites/board.ts';
import { Errno } from '../../suites/kernel/errno.ts';
import type { BufferFacts, Side, StageFact, StageName, VerifyFacts } from '../../suites/record.ts';
import { microseconds } from './clock.ts';
import type { Trace } from './trace.ts';

/** What a cell's climb came to, up to the rung where it ended. */
export interface Climb {
  readonly stages: StageFact[];
  readonly node: string | null;
  readonly buffer: BufferFacts | null;
  readonly verify: VerifyFacts | null;
  readonly heldBy: string | null;
}

type Failure = Pick<StageFact, 'result' | 'errno'> & { detail: string; heldBy: string | null };

/** Thrown to end a cell whose pixels are wrong. */
class WrongData extends Error {}

/**
 * What an exception says of a stage; null for one that says nothing of the board: a bug of ours must
 * not pass for a refusal. Node's own file-system errors carry `syscall` and are the kernel's word.
 */
function failureOf(error: unknown): Failure | null {
  if (error instanceof StageFailure) {
    const blocked = error.kind === 'blocked';
    return {
      result: error.kind === 'unsupported' ? 'unsupported' : 'failed',
      errno: error.errno,
      detail: error.message,
      heldBy: error.heldBy ?? (blocked ? error.message : null),
    };
  }
  if (error instanceof Errno)
    return { result: 'failed', errno: error.code, detail: error.message, heldBy: null };
  if (error instanceof Error && 'syscall' in error && 'code' in error)
    return { result: 'failed', errno: String(error.code), detail: error.message, heldBy: null };
  if (error instanceof WrongData) return { result: 'wrong', errno: null, detail: '', heldBy: null };
  return null;
}

/** The ladder of one attempt at one cell, told to the trace rung by rung. */
export class CellLadder implements Ladder {
  readonly #trace: Trace;
  readonly #begun = microseconds();
  readonly #stages: StageFact[] = [];
  readonly #undo: (() => void)[] = [];
  #node: string | null = null;
  #buffer: BufferFacts | null = null;
  #verify: VerifyFacts | null = null;
  #heldBy: string | null = null;
  #current: StageName | null = null;
  #side: Side = 'importer';
  #notes: string[] = [];
  /** The exception that a rung ended with and that is in the facts. */
  #told: unknown = null;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  /** Climbs a part of the ladder for that side. */
  as<T>(side: Side, body: () => T): T {
    const before = this.#side;
    this.#side = side;
    try {
      return body();
    } finally {
      this.#side = before;
    }
  }

  stage<T>(name: StageName, body: () => T): T {
    if (this.#current !== null) throw new Error(`stage ${name} inside stage ${this.#current}`);
    const entered = microseconds();
    this.#current = name;
    this.#notes = [];
    this.#trace.enter(name, this.#side, Math.round(entered - this.#begun));
    try {
      const result = body();
      this.#left(name, entered, null);
      return result;
    } catch (error) {
      const failure = failureOf(error);
      if (failure) {
        this.#left(name, entered, failure);
        this.#told = error;
      }
      throw error;
    }
  }

  note(detail: string): void {
    this.#notes.push(detail);
    this.#trace.note(detail);
  }

  verified(facts: VerifyFacts): void {
    if (this.#current === null) throw new Error('verified() outside a stage');
    this.#verify = facts;
    this.#trace.verify(facts);
    if (facts.wrong > 0) throw new WrongData('wrong data');
  }

  buffer(facts: BufferFacts): void {
    this.#buffer = facts;
    this.#trace.buffer(facts);
  }

  node(path: string): void {
    this.#node = path;
    this.#trace.node(path);
  }

  cleanup(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Whether that exception is a rung's failure, and so a result. */
  explains(error: unknown): boolean {
    return error !== null && error === this.#told;
  }

  /** Undoes everything, last first, and hands over what was seen. */
  end(): Climb {
    for (let undo = this.#undo.pop(); undo; undo = this.#undo.pop())
      try {
        undo();
      } catch (error) {
        this.#addToLast(`clean-up: ${error instanceof Error ? error.message : error}`);
      }
    return {
      stages: this.#stages,
      node: this.#node,
      buffer: this.#buffer,
      verify: this.#verify,
      heldBy: this.#heldBy,
    };
  }

  #left(name: StageName, entered: number, failure: Failure | null): void {
    const words = failure?.detail ? [...this.#notes, failure.detail] : this.#notes;
    const fact: StageFact = {
      name,
      side: this.#side,
      result: failure?.result ?? 'ok',
      errno: failure?.errno ?? null,
      us: Math.round(microseconds() - entered),
      ...(words.length ? { detail: words.join('; ') } : {}),
    };
    this.#heldBy = failure?.heldBy ?? this.#heldBy;
    this.#current = null;
    this.#notes = [];
    this.#stages.push(fact);
    this.#trace.leave(fact);
  }

  #addToLast(words: string): void {
    const last = this.#stages.pop();
    if (!last) return;
    this.#stages.push({ ...last, detail: last.detail ? `${last.detail}; ${words}` : words });
  }
}
