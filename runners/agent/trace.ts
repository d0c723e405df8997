import { fstatSync, readSync } from 'node:fs';
import type { BufferFacts, Side, StageFact, StageName, VerifyFacts } from '../../suites/record.ts';

/** Bytes of the page. What does not fit is left out; a cell takes about one KiB. */
export const TRACE_BYTES = 65_536;

/** Words (u32) of the head: which attempt of the job, the kernel log's record before it, how full. */
const TURN = 0;
const SEQ = 1;
const STAGES = 2;
const TEXT_LENGTH = 3;
/** Four words a stage from here: code, whether it was left, microseconds at entry, and inside. */
const STAGE_AT = 4;
const STAGE_WORDS = 4;
const STAGE_LIMIT = 128;
/** Bytes: where the text begins. */
const TEXT_AT = 4096;

/** Stages as numbers in the page. A record, so that the compiler misses none. */
const CODES: Readonly<Record<StageName, number>> = {
  open: 0,
  alloc: 1,
  map: 2,
  sync: 3,
  'prime-import': 4,
  addfb2: 5,
  'test-commit': 6,
  commit: 7,
  'egl-image': 8,
  texture: 9,
  framebuffer: 10,
  draw: 11,
  readback: 12,
  's-fmt': 13,
  reqbufs: 14,
  qbuf: 15,
  streamon: 16,
  dequeue: 17,
  verify: 18,
};

/** Set in a stage's number when it is the exporter's. */
const EXPORTER = 0x100;

const NAMES = new Map(Object.entries(CODES).map(([name, code]) => [code, name as StageName]));

/**
 * The ladder of the cell in flight, in memory that outlives the process that climbs it: a memfd that
 * the worker has mapped and the agent reads after its death. A plain stage costs eight stores. What
 * does not fit into words is a line of text: `N` node, `B` buffer, `V` verify, `F` a stage's whole
 * fact, `#` a note on the stage that is being climbed, each with its JSON.
 */
export class Trace {
  readonly #page: Buffer;
  readonly #words: Uint32Array;
  #textEnd = 0;

  constructor(page: Buffer) {
    this.#page = page;
    this.#words = new Uint32Array(page.buffer, page.byteOffset, TEXT_AT / 4);
  }

  begin(turn: number, seq: number): void {
    const words = this.#words;
    words[STAGES] = 0;
    words[TEXT_LENGTH] = 0;
    words[SEQ] = seq + 1;
    words[TURN] = turn + 1;
    this.#textEnd = 0;
  }

  /** @param us since the cell's begin. */
  enter(name: StageName, side: Side, us: number): void {
    const index = this.#words[STAGES] ?? 0;
    if (index >= STAGE_LIMIT) return;
    const at = STAGE_AT + index * STAGE_WORDS;
    this.#words[at] = CODES[name] | (side === 'exporter' ? EXPORTER : 0);
    this.#words[at + 1] = 0;
    this.#words[at + 2] = us;
    this.#words[STAGES] = index + 1;
  }

  /** The stage entered last is over. */
  leave(fact: StageFact): void {
    const index = (this.#words[STAGES] ?? 0) - 1;
    const at = STAGE_AT + index * STAGE_WORDS;
    if (fact.result !== 'ok' || fact.detail !== undefined) this.#line('F', [index, fact]);
    this.#words[at + 3] = fact.us;
    this.#words[at + 1] = 1;
  }

  note(text: string): void {
    this.#line('#', [(this.#words[STAGES] ?? 0) - 1, text]);
  }

  node(path: string): void {
    this.#line('N', path);
  }

  buffer(facts: BufferFacts): void {
    this.#line('B', facts);
  }

  verify(facts: VerifyFacts): void {
    this.#line('V', facts);
  }

  #line(kind: string, value: unknown): void {
    const text = `${kind}${JSON.stringify(value)}\n`;
    // A UTF-16 unit takes three bytes of UTF-8 at most.
    if (TEXT_AT + this.#textEnd + text.length * 3 > this.#page.length) return;
    this.#textEnd += this.#page.write(text, TEXT_AT + this.#textEnd);
    // Last, so that a reader never sees half a line.
    this.#words[TEXT_LENGTH] = this.#textEnd;
  }
}

/** What a dead worker left behind of its last cell. */
export interface TraceRead {
  readonly turn: number;
  readonly seq: number;
  readonly stages: StageFact[];
  readonly node: string | null;
  readonly buffer: BufferFacts | null;
  readonly verify: VerifyFacts | null;
}

/**
 * Reads a page back; null when no cell has begun.
 * @param cellUs how long the cell had run; the rest of it was spent in the stage it died in.
 */
export function readTrace(page: Buffer, cellUs: number): TraceRead | null {
  const word = (index: number) => page.readUInt32LE(index * 4);
  if (word(TURN) === 0) return null;
  const text = page.toString('utf8', TEXT_AT, TEXT_AT + word(TEXT_LENGTH));
  const last: Record<string, unknown> = {};
  const facts = new Map<number, StageFact>();
  const notes = new Map<number, string[]>();
  for (const line of text.split('\n').slice(0, -1)) {
    const kind = line[0] ?? '';
    const value = JSON.parse(line.slice(1));
    if (kind === 'F') facts.set(value[0], value[1]);
    else if (kind === '#') notes.set(value[0], [...(notes.get(value[0]) ?? []), value[1]]);
    else last[kind] = value;
  }
  const stages = Array.from({ length: word(STAGES) }, (_, index) => {
    const at = STAGE_AT + index * STAGE_WORDS;
    const name = NAMES.get(word(at) & ~EXPORTER) ?? 'open';
    const side: Side = word(at) & EXPORTER ? 'exporter' : 'importer';
    if (word(at + 1) === 1)
      return (
        facts.get(index) ?? { name, side, result: 'ok' as const, errno: null, us: word(at + 3) }
      );
    const us = Math.max(0, Math.round(cellUs) - word(at + 2));
    const detail = notes.get(index)?.join('; ');
    const fact = { name, side, result: 'entered' as const, errno: null, us };
    return detail === undefined ? fact : { ...fact, detail };
  });
  return {
    turn: word(TURN) - 1,
    seq: word(SEQ) - 1,
    stages,
    node: (last['N'] ?? null) as string | null,
    buffer: (last['B'] ?? null) as BufferFacts | null,
    verify: (last['V'] ?? null) as VerifyFacts | null,
  };
}

/** The page behind that fd, copied. */
export function loadTrace(fd: number): Buffer {
  const page = Buffer.alloc(fstatSync(fd).size);
  readSync(fd, page, 0, page.length, 0);
  return page;
}
