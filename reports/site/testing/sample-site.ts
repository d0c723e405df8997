import type { BoardRun } from '../../model.ts';
import {
  type SampleSize,
  sampleClaims,
  sampleDesk,
  sampleIommu,
  sampleNoIommu,
} from '../../testing/sample.ts';

const SMALL: SampleSize = { formats: ['NV12'], suites: ['cpu', 'egl-sample', 'kms-primary'] };

/** The same board on another kernel, a day later, behind an IOMMU: scattered memory passes there. */
export function sampleLater(size: SampleSize = SMALL): BoardRun {
  const before = sampleNoIommu(size);
  const { inventory } = before;
  return {
    ...before,
    run: { ...before.run, id: '20261124-101500-later', startedAt: '2026-11-24T10:15:00.000Z' },
    inventory: inventory && {
      ...inventory,
      kernel: { ...inventory.kernel, release: '7.3.4-sample' },
    },
    records: sampleIommu(size).records.map((record) => ({ ...record, board: before.board })),
  };
}

/** A virtual board on two kernels, hardware on which much goes wrong, and claims. Made by hand. */
export function sampleSite(): BoardRun[] {
  return [sampleNoIommu(SMALL), sampleLater(), sampleDesk(SMALL), sampleClaims(SMALL)];
}
