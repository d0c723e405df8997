import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Inventory } from '../../inventory.ts';
import { CellRecord } from '../../record.ts';
import type { BoardEvidence } from '../attribute.ts';
import { ExperimentRecord } from '../experiment.ts';

/**
 * Lines of real runs, trimmed to a few cells; none is changed but for lists of modules and PCI devices.
 * Taken from the virtual boards of the same names: kernel 6.12, Mesa 26.1, QEMU without KVM. `small-cma`
 * is virtual-no-iommu booted with cma=4M.
 */
export const REAL = ['no-iommu', 'contiguous-v4l2', 'scatter', 'small-cma'] as const;

const Line = z.union([
  z.strictObject({ inventory: Inventory }),
  z.strictObject({ record: CellRecord }),
  z.strictObject({ experiment: ExperimentRecord }),
]);

/** What that board said. */
export function real(name: (typeof REAL)[number]): BoardEvidence {
  const path = new URL(`real/${name}.ndjson`, import.meta.url);
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => Line.parse(JSON.parse(line)));
  return {
    records: lines.flatMap((line) => ('record' in line ? [line.record] : [])),
    experiments: lines.flatMap((line) => ('experiment' in line ? [line.experiment] : [])),
    inventory: lines.flatMap((line) => ('inventory' in line ? [line.inventory] : []))[0] ?? null,
  };
}
