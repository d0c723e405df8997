import type { CellRecord } from '../../record.ts';
import { because, type Evidence, seen } from '../cause.ts';
import { type Known, type Rule, takerOf } from '../trials.ts';

/** Slots of 2 KiB (IO_TLB_SHIFT in include/linux/swiotlb.h). */
const SLOT_BYTES = 2048;

/** Data that came out wrong. */
export const pixels: Rule = (record, _rung, known) => {
  if (record.verify?.control === 'wrong')
    return because(
      'broken-renderer',
      'proven',
      seen('the same content through glTexImage2D, without any import, comes out wrong as well'),
    );
  if (record.outcome !== 'corrupt') return null;
  const own = seen(record.reason ?? 'wrong data');
  const bounced = bounceOf(record);
  if (bounced) return because('swiotlb-bounce', 'told', bounced, own);
  return because('wrong-data', 'told', own, ...others(record, known));
};

/** A mapping that took as many slots as the buffer has bytes was a copy. */
function bounceOf({ memory, buffer }: CellRecord): Evidence | null {
  const before = memory?.before.swiotlbUsed ?? null;
  const during = memory?.held.swiotlbUsed ?? null;
  if (before === null || during === null || !buffer) return null;
  const bytes = (during - before) * SLOT_BYTES;
  if (bytes < buffer.size / 2) return null;
  return seen(
    `swiotlb took ${bytes} bytes of bounce buffers for ${buffer.size}, which DRM and V4L2 never sync`,
  );
}

/** Who else gave the same picture to the same importer, and it came out right. */
function others(record: CellRecord, { trials }: Known): Evidence[] {
  const right = trials.all.find(
    ({ record: other }) =>
      other.outcome === 'pass' &&
      other.suite === record.suite &&
      takerOf(other) === takerOf(record) &&
      other.format === record.format &&
      other.backend !== record.backend,
  );
  return right ? [seen('the same format comes out right from here', right.record.cell)] : [];
}
