import type { CellRecord } from '../suites/record.ts';
import type { Evidence } from './evidence.ts';
import type { Price } from './use-case.ts';
import type { Verdict } from './verdict.ts';
import type { Frame } from './world.ts';

/** The rung of which cells comes nearest to a price: the CPU's reading of a frame, the GPU's drawing. */
const RUNGS: Readonly<Partial<Record<Price, { suite: string; stage: string }>>> = {
  copy: { suite: 'cpu', stage: 'readback' },
  'cpu-conversion': { suite: 'cpu', stage: 'readback' },
  'gpu-composition': { suite: 'egl-sample', stage: 'draw' },
};

/**
 * What a loss costs, as far as this board's cells show it: a rung that passed with such a frame. Null
 * where none did.
 * @param backend the one whose buffers the program has; another's will not do.
 */
export function priceOf(
  price: Price,
  backend: string | null,
  { format, width, height }: Frame,
  evidence: Evidence,
): Verdict['lost'][number]['measured'] {
  const rung = RUNGS[price];
  if (!rung || backend === null) return null;
  const fits = ({ suite, outcome }: CellRecord) => suite === rung.suite && outcome === 'pass';
  const record = evidence.ofFrame(backend, format, width, height).find(fits);
  const stage = record?.stages.find(({ name }) => name === rung.stage);
  return record && stage ? { cell: record.cell, stage: stage.name, us: stage.us } : null;
}
