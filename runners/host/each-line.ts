import { closeSync, openSync, readSync } from 'node:fs';

/** Enough that reading costs little beside parsing. */
const CHUNK = 4 << 20;

/**
 * Hands on a text file's lines one after another, with their numbers from 1, and keeps none of them.
 * @returns how many bytes stand behind the last line end: a line that was cut.
 * @throws what open(2) and read(2) say.
 */
export function eachLine(path: string, see: (line: string, number: number) => void): number {
  const fd = openSync(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(CHUNK);
    let kept = 0;
    let number = 0;
    for (;;) {
      if (kept === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
      const got = readSync(fd, buffer, kept, buffer.length - kept, null);
      if (got === 0) return kept;
      const filled = kept + got;
      const whole = buffer.subarray(0, filled).lastIndexOf(0x0a) + 1;
      if (whole > 0) {
        const lines = buffer.toString('utf8', 0, whole - 1).split('\n');
        for (const line of lines) see(line, ++number);
        buffer.copyWithin(0, whole, filled);
      }
      kept = filled - whole;
    }
  } finally {
    closeSync(fd);
  }
}
