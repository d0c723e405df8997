import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { writeRun } from '../../bin/testing/written-run.ts';
import { heap, inventoryFixture } from '../../devices/inventory-fixture.ts';
import { factsFixture, profileFixture, type Say } from '../../policies/testing/facts.ts';
import { recordsFile, runFile } from '../../runners/host/run-files.ts';
import { seal } from '../../runners/host/seal.ts';
import type { CellRecord } from '../../suites/record.ts';
import { Run } from '../../suites/run.ts';

/** How large a made-up run is. */
export interface RunSize {
  readonly boards: number;
  readonly attempts: number;
}

/** Enough heaps for about a thousand cells a board, as many as a large board has. */
const HEAPS = Array.from({ length: 20 }, (_, index) => `region${index}`);

const state = { cmaFreeKiB: 32_752, swiotlbUsed: null };

/** With what real records have and made-up ones leave out, so that they are about as long. */
export function filled(record: CellRecord, attempt: number): CellRecord {
  const { stages, buffer } = record;
  return {
    ...record,
    attempt,
    stages: stages.map((stage) => ({ ...stage, us: 179_001, detail: 'seen on /dev/dri/card0' })),
    buffer: buffer && { ...buffer, segments: 301, longestRun: 4096 },
    memory: { before: state, held: state, after: state },
  };
}

/**
 * Writes a run of many boards, a board's cells again and again, as long as real ones.
 * @param say what a cell of a board comes out as.
 * @returns how many records, and bytes of them.
 */
export function writeLargeRun(
  out: string,
  id: string,
  { boards, attempts }: RunSize,
  say: (board: number) => Say,
): { records: number; bytes: number; cells: number } {
  const inventory = inventoryFixture({ heaps: HEAPS.map((name) => heap(name)) });
  const profile = profileFixture({
    devices: { gpu: [{ driver: 'swrast' }], kms: [{ driver: 'contig_kms' }], heaps: HEAPS },
  });
  const factsOf = (index: number) =>
    factsFixture(say(index), { board: `board-${index}`, inventory, profile });
  writeRun(out, id, '2026-11-25T10:00:00.000Z', factsOf(0));
  const folder = join(out, id);
  const run = Run.parse(JSON.parse(readFileSync(runFile(folder), 'utf8')));
  const entries = Array.from({ length: boards }, (_, index) =>
    run.boards.map((entry) => ({
      ...entry,
      board: `board-${index}`,
      plan: entry.plan && { ...entry.plan, board: `board-${index}`, repeat: attempts },
    })),
  );
  writeFileSync(runFile(folder), JSON.stringify({ ...run, boards: entries.flat() }));
  const fd = openSync(recordsFile(folder), 'w');
  const written = { records: 0, bytes: 0, cells: 0 };
  for (let index = 0; index < boards; index += 1) {
    const { records } = factsOf(index);
    written.cells += records.length;
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const lines = records.map((record) => JSON.stringify(filled(record, attempt)));
      written.records += lines.length;
      written.bytes += writeSync(fd, `${lines.join('\n')}\n`);
    }
  }
  closeSync(fd);
  seal(folder);
  return written;
}
