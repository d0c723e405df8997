import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { closeFd, POLLIN, poll, seekEnd } from '../../suites/kernel/syscalls.ts';

const KMSG = '/dev/kmsg';
/** printk's record limit with its dictionary (PRINTK_MESSAGE_MAX). A smaller read is EINVAL. */
const RECORD_BYTES = 8192;
/** An oops is 60 to 100 lines; a flood is cut in its middle. */
const LINES_KEPT = 240;
const HALF = LINES_KEPT / 2;

/** One record of the kernel log. */
export interface KernelLine {
  readonly seq: number;
  /** As dmesg prints it: `[    2.345678] text`. */
  readonly text: string;
}

/**
 * Reads one record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg): `prio,seq,us,flags;text`, then
 * lines of a dictionary. Null for what user space wrote: only the kernel logs with facility 0, and
 * it lets nobody else do so; our own markers fall out in this way too.
 */
export function parseRecord(record: string): KernelLine | null {
  // First, and cheap: our own marker is read back in every cell.
  if (Number.parseInt(record, 10) >> 3 !== 0) return null;
  const semicolon = record.indexOf(';');
  const [, seq, us] = record.slice(0, semicolon).split(',').map(Number);
  if (seq === undefined || us === undefined) return null;
  const newline = record.indexOf('\n', semicolon);
  const raw = record.slice(semicolon + 1, newline < 0 ? undefined : newline);
  const text = raw.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return { seq, text: `[${(us / 1e6).toFixed(6).padStart(12)}] ${text}` };
}

/** The kernel log from the moment of opening. Reads nothing where the kernel does not let us. */
export class KernelLog {
  readonly #fd: number | null;
  readonly #buffer = Buffer.alloc(RECORD_BYTES);
  /** The sequence number of the last record read; -1 before the first. */
  lastSeq = -1;

  constructor() {
    this.#fd = openAtEnd();
  }

  /** Whether this kernel lets us read its log. */
  get readable(): boolean {
    return this.#fd !== null;
  }

  /** The kernel's lines since the last call that come after `seq`. Never waits. */
  drain(seq = -1): string[] {
    const lines: string[] = [];
    let cut = 0;
    for (let record = this.#next(); record !== null; record = this.#next()) {
      const line = parseRecord(record);
      if (!line) continue;
      this.lastSeq = line.seq;
      if (line.seq <= seq) continue;
      lines.push(line.text);
      if (lines.length > LINES_KEPT) {
        lines.splice(HALF, 1);
        cut++;
      }
    }
    if (cut > 0) lines.splice(HALF, 0, `... ${cut} lines left out ...`);
    return lines;
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
  }

  #next(): string | null {
    // poll first: a read that fails with EAGAIN costs an exception in every cell.
    while (this.#fd !== null && (poll(this.#fd, POLLIN, 0) & POLLIN) !== 0)
      try {
        return this.#buffer.toString('utf8', 0, readSync(this.#fd, this.#buffer));
      } catch (error) {
        // EPIPE: the record was overwritten before we read it; the next read goes on after the gap.
        if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) return null;
      }
    return null;
  }
}

function openAtEnd(): number | null {
  let fd: number;
  try {
    fd = openSync(KMSG, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    seekEnd(fd);
    return fd;
  } catch {
    closeFd(fd);
    return null;
  }
}

/** Lines in five seconds on one fd that the kernel lets through (printk_devkmsg=ratelimit). */
const BURST = 10;

/**
 * Writes lines into the kernel log, so that the console or pstore log of a board that died says in
 * which cell. Silent where that is not permitted.
 */
export class KernelMarker {
  #fd: number | null = null;
  #left = 0;

  mark(text: string): void {
    try {
      if (this.#left === 0) this.#reopen();
      this.#left--;
      // Level 7 (debug) stays off the console, which can be a slow serial line.
      if (this.#fd !== null) writeSync(this.#fd, `<7>bufmatrix: ${text}`);
    } catch {
      this.#left = Number.POSITIVE_INFINITY;
      this.#fd = null;
    }
  }

  /** A new fd has a new allowance. */
  #reopen(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
    this.#fd = openSync(KMSG, constants.O_WRONLY);
    this.#left = BURST;
  }
}
