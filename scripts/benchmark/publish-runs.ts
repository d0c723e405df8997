import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeRun } from '../../bin/testing/written-run.ts';
import { drmDevice, heap, inventoryFixture, v4l2Device } from '../../devices/inventory-fixture.ts';
import type { BoardFacts } from '../../policies/board.ts';
import {
  contiguousDisplay,
  factsFixture,
  profileFixture,
  type Say,
  takesAll,
} from '../../policies/testing/facts.ts';
import { recordsFile } from '../../runners/host/run-files.ts';
import { seal } from '../../runners/host/seal.ts';
import { filled } from './gate-runs.ts';

/** How large a made-up lab is; every board runs once on every kernel. */
export interface LabSize {
  readonly boards: number;
  readonly kernels: number;
}

/** What was written, of all runs together. */
export interface WrittenLab {
  readonly runs: number;
  readonly cells: number;
  readonly bytes: number;
}

/** Boards of a kind have the same drivers: a lab has many boards and some kinds of them. */
const KINDS = 10;

/** As on a large real board: two GPUs, two displays, two encoders and some heaps, a thousand cells. */
function boardFacts(board: number, kernel: number, say: Say): BoardFacts {
  const kind = board % KINDS;
  const [gpu, kms, m2m, output] = ['gpu', 'kms', 'm2m', 'output'].map((name) => `${name}${kind}`);
  const heaps = ['reserved', 'system', `linux,cma`, `region${kind}`];
  const inventory = inventoryFixture({
    kernel: { ...inventoryFixture().kernel, release: `6.${kernel + 10}.1-made-up` },
    heaps: heaps.map((name) => heap(name)),
    drm: [drmDevice('contig_kms'), drmDevice(`${kms}`), drmDevice(`${gpu}`)],
    v4l2: [v4l2Device(`${m2m}`, 'm2m'), v4l2Device(`${output}`, 'output')],
  });
  const profile = profileFixture({
    name: `kind-${kind}`,
    title: `A board of kind ${kind} that is made up`,
    devices: {
      gpu: [{ driver: 'swrast' }, { driver: gpu }],
      kms: [{ driver: 'contig_kms' }, { driver: kms }],
      encoder: [
        { driver: m2m, kind: 'm2m' },
        { driver: output, kind: 'output' },
      ],
      heaps,
    },
  });
  return factsFixture(say, { board: nameOf(board), profile, inventory, virtual: board % 3 > 0 });
}

export const nameOf = (board: number): string => `board-${board}`;

/** Of every board some cells come out otherwise on every other kernel, and are refused on the last; one in ten takes all. */
const sayOf = (board: number, kernel: number): Say =>
  board % 10 === 9 || kernel % 2 === 0 ? takesAll : contiguousDisplay;

/** Writes one run, its records as long as real ones. */
export function writeBoardRun(out: string, board: number, kernel: number, attempt = 0) {
  const facts = boardFacts(board, kernel, sayOf(board, kernel + attempt));
  const id = `202611${String(10 + kernel)}T100000Z-${nameOf(board)}`;
  writeRun(out, id, `2026-11-${10 + kernel}T10:00:0${attempt}.000Z`, facts);
  const text = facts.records.map((record) => `${JSON.stringify(filled(record, 1))}\n`).join('');
  writeFileSync(recordsFile(join(out, id)), text);
  seal(join(out, id));
  return { cells: facts.records.length, bytes: text.length };
}

/** Writes the runs of a whole lab, as `run` leaves them. */
export function writeLab(out: string, { boards, kernels }: LabSize): WrittenLab {
  mkdirSync(out, { recursive: true });
  const written = { runs: 0, cells: 0, bytes: 0 };
  for (let board = 0; board < boards; board += 1)
    for (let kernel = 0; kernel < kernels; kernel += 1) {
      const one = writeBoardRun(out, board, kernel);
      written.runs += 1;
      written.cells += one.cells;
      written.bytes += one.bytes;
    }
  return written;
}
