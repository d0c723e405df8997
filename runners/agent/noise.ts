import { fstatSync, ftruncateSync, readSync } from 'node:fs';
import { fcntl, memfdCreate, seekEnd } from '../../suites/kernel/syscalls.ts';
import { dup2 } from './self-calls.ts';

const LINES_KEPT = 20;
const LINE_CHARS = 400;
const TAIL_BYTES = 16_384;

const MFD_CLOEXEC = 1;
const F_SETFL = 4;
const O_APPEND = 0o2000;

/** Where stdout and stderr of a worker go. */
export const NOISE_FD = 2;

/**
 * Turns stdout and stderr into one file in memory: Mesa writes to both, must never block on them,
 * and what a dying process wrote last can still be read by its parent.
 */
export function catchNoise(): void {
  const fd = memfdCreate('bufmatrix-noise', MFD_CLOEXEC);
  fcntl(fd, F_SETFL, O_APPEND);
  dup2(fd, 1);
  dup2(fd, NOISE_FD);
}

/** The last lines of a text. */
export function lastLines(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-LINES_KEPT).map((line) => line.slice(0, LINE_CHARS));
}

/** The last lines in the file behind that fd. */
export function readNoise(fd: number): string[] {
  const { size } = fstatSync(fd);
  if (size === 0) return [];
  const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const length = readSync(fd, tail, 0, tail.length, size - tail.length);
  return lastLines(tail.toString('utf8', 0, length));
}

/** The last lines written since the last call; the next call begins anew. */
export function takeNoise(): string[] {
  // O_APPEND writes do not care for the offset that this moves; fstat would cost three times as much.
  if (seekEnd(NOISE_FD) === 0) return [];
  const lines = readNoise(NOISE_FD);
  ftruncateSync(NOISE_FD, 0);
  return lines;
}
