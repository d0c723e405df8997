import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Large enough that reading costs little beside parsing; of larger ones more survives a collection. */
const CHUNK = 256 << 10;

/** Bytes of a file, from the first to before the last. */
export interface ByteRange {
  readonly from: number;
  /** Infinity is the file's end. */
  readonly to: number;
}

/**
 * Hands on a text file's lines one after another, with their numbers from 1, and keeps none of them.
 * @param range what of the file is read; it begins where a line does.
 * @returns how many bytes stand behind the last line end: a line that was cut.
 * @throws what open(2) and read(2) say.
 */
export function eachLine(
  path: string,
  see: (line: string, number: number) => void,
  { from, to }: ByteRange = { from: 0, to: Number.POSITIVE_INFINITY },
): number {
  return withFile(path, (fd) => {
    let buffer = Buffer.allocUnsafe(CHUNK);
    // From its beginning it may also be a pipe, which knows no positions.
    let at = from === 0 ? null : from;
    let left = to - from;
    let kept = 0;
    let number = 0;
    for (;;) {
      if (kept === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
      const got = readSync(fd, buffer, kept, Math.min(buffer.length - kept, left), at);
      if (got === 0) return kept;
      if (at !== null) at += got;
      left -= got;
      const filled = kept + got;
      const whole = buffer.subarray(0, filled).lastIndexOf(0x0a) + 1;
      if (whole > 0) {
        const lines = buffer.toString('utf8', 0, whole - 1).split('\n');
        for (const line of lines) see(line, ++number);
        buffer.copyWithin(0, whole, filled);
      }
      kept = filled - whole;
    }
  });
}

/**
 * A text file in about as many parts of about one size, each of whole lines; fewer where lines are
 * longer than that. The last one goes to the file's end, wherever that will be.
 * @throws what open(2) and read(2) say.
 */
export function lineRanges(path: string, parts: number): ByteRange[] {
  return withFile(path, (fd) => {
    const { size } = fstatSync(fd);
    const starts = new Set([0]);
    for (let part = 1; part < parts; part += 1) {
      const start = nextLine(fd, Math.floor((size * part) / parts));
      if (start < size) starts.add(start);
    }
    const all = [...starts];
    return all.map((from, index) => ({ from, to: all[index + 1] ?? Number.POSITIVE_INFINITY }));
  });
}

/** Where the first line begins behind that byte; Infinity where none does. */
function nextLine(fd: number, at: number): number {
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let from = at; ; from += buffer.length) {
    const got = readSync(fd, buffer, 0, buffer.length, from);
    const end = buffer.subarray(0, got).indexOf(0x0a);
    if (end >= 0) return from + end + 1;
    if (got < buffer.length) return Number.POSITIVE_INFINITY;
  }
}

function withFile<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, 'r');
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}
