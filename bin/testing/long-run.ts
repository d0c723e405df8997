import { setTimeout as sleep } from 'node:timers/promises';
import type { Assert } from '@japa/assert';
import type { CellRecord } from '../../suites/record.ts';
import type { BoardRun } from '../../suites/run.ts';
import { onlyRun, recordCount, type startCli } from './cli.ts';

/** Waits until the run that is under way in a folder has that many records; not if it ends before. */
export async function recordsReach(
  folder: string,
  count: number,
  running: ReturnType<typeof startCli>,
): Promise<void> {
  let ended = '';
  void running.then(({ exitCode, stderr }) => {
    ended = `the run has ended with ${exitCode}: ${stderr}`;
  });
  const deadline = Date.now() + 5 * 60_000;
  while (Date.now() < deadline) {
    try {
      if (recordCount(onlyRun(folder)) >= count) return;
    } catch {
      // The folder is not there yet.
    }
    if (ended !== '') throw new Error(`there were never ${count} records; ${ended}`);
    await sleep(20);
  }
  throw new Error(`there were never ${count} records`);
}

/** Every attempt of a board's plan is there, each once. */
export function assertWhole(
  assert: Assert,
  entry: BoardRun | undefined,
  records: readonly CellRecord[],
  repeat: number,
): void {
  const wanted = entry?.plan?.cells.filter((cell) => cell.skip === null).length ?? 0;
  assert.isAbove(wanted, 0);
  assert.equal(records.length, repeat * wanted);
  const attempts = new Set(records.map(({ cell, attempt }) => `${cell} ${attempt}`));
  assert.equal(attempts.size, records.length);
}
