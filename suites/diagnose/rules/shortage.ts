import { contiguousByConstruction } from '../../contiguous.ts';
import type { CellRecord, StageFact } from '../../record.ts';
import { because, type Evidence, seen } from '../cause.ts';
import { bytesOf, pixels } from '../frames.ts';
import { held, type Known, nearest, type Rule, samePicture, type Trial } from '../trials.ts';

/** cma_alloc() in mm/cma.c. */
const CMA_FAILED = /cma: .*alloc failed/;
/** dma_alloc_coherent() and the like: V4L2 drivers print it (RPi's encoder at STREAMON). */
const DMA_FAILED = /dma_alloc_(coherent|attrs) .*failed/;

/** ENOMEM: of contiguous memory, or of all memory. */
export const shortage: Rule = (record, rung, known) => {
  const line = record.kernelLog.find((text) => CMA_FAILED.test(text) || DMA_FAILED.test(text));
  const errno = rung?.errno;
  if (errno !== 'ENOMEM' && !(line && rung?.result === 'failed')) return null;
  const smaller = rung && smallerHeld(record, rung, known);
  const tooLittle = freeIsLess(record);
  const fromCma = rung?.side === 'exporter' && contiguousByConstruction(record);
  const own = [
    ...(line ? [seen(`kernel log: ${line}`)] : []),
    ...(tooLittle ? [tooLittle] : []),
    ...(smaller ? [seen(words(smaller), smaller.record.cell)] : []),
  ];
  if (line || fromCma) {
    const sureness = smaller ? 'proven' : line || tooLittle ? 'told' : 'likely';
    return because(
      'cma-exhausted',
      sureness,
      seen(`${errno ?? 'an error'} of contiguous memory`),
      ...own,
    );
  }
  // An importer's may be of contiguous memory or of I/O addresses as well.
  const sureness = rung?.side === 'exporter' ? 'told' : 'likely';
  return because('out-of-memory', sureness, seen(`ENOMEM at ${rung?.name}`), ...own);
};

function freeIsLess(record: CellRecord): Evidence | null {
  const free = record.memory?.before.cmaFreeKiB ?? null;
  const wanted = Math.ceil(bytesOf(record) / 1024);
  if (free === null || free >= wanted) return null;
  return seen(`${free} KiB of CMA were free before the cell, and it takes ${wanted} KiB`);
}

function smallerHeld(record: CellRecord, rung: StageFact, { trials }: Known): Trial | undefined {
  const smaller = trials
    .alike(rung, record)
    .filter(
      (trial) =>
        pixels(trial.record) < pixels(record) &&
        trial.record.backend === record.backend &&
        samePicture(rung, record, trial.record) &&
        held(trial.record, rung),
    );
  return nearest(record, smaller);
}

const words = ({ record }: Trial) => `the same in ${record.width}x${record.height} gets its memory`;
