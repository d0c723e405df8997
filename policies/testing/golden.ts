import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Verdict } from '../verdict.ts';

/** What every policy that comes with bufmatrix comes to on every virtual board. */
const FILE = fileURLToPath(new URL('../golden/virtual-boards.txt', import.meta.url));

/**
 * A verdict as a line of the golden table:
 * `libcamera-0.7.2 viewfinder-kms holds heap:reserved frame=NV12@1920x1080`.
 */
export function goldenLine({
  policy,
  useCase,
  verdict,
  applies,
  provider,
  streams,
}: Verdict): string {
  const frames = streams.map(
    ({ stream, format, width, height }) => `${stream}=${format}@${width}x${height}`,
  );
  return [policy, useCase, applies ? verdict : 'no-device', provider ?? '-', ...frames].join(' ');
}

/** The table's lines of one board. */
export function goldenOf(board: string): string[] {
  return readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith(`${board} `))
    .map((line) => line.slice(board.length + 1));
}
