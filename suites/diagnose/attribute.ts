import type { Inventory } from '../inventory.ts';
import { WITNESS } from '../luck.ts';
import type { CellRecord, StageFact } from '../record.ts';
import { because, type Cause, seen, unknown } from './cause.ts';
import type { ExperimentRecord } from './experiment.ts';
import { access } from './rules/access.ts';
import { ends } from './rules/ends.ts';
import { exporter } from './rules/exporter.ts';
import { memory } from './rules/memory.ts';
import { picture } from './rules/picture.ts';
import { pixels } from './rules/pixels.ts';
import { shortage } from './rules/shortage.ts';
import { type Known, type Rule, rungOf, Trials, takerOf } from './trials.ts';

/** What one board has said: its records, marked for luck, its experiments, and what it is. */
export interface BoardEvidence {
  readonly records: readonly CellRecord[];
  readonly experiments: readonly ExperimentRecord[];
  readonly inventory: Inventory | null;
}

/** In the order of asking: the first that has something to say is the cause. */
const RULES: readonly Rule[] = [ends, access, pixels, exporter, shortage, memory, picture];

/**
 * Tells the cause of any of the board's records; null for a pass that is no luck. Pure, so that a run of
 * years ago is judged by what is known today.
 */
export function attribution({
  records,
  experiments,
  inventory,
}: BoardEvidence): (record: CellRecord) => Cause | null {
  const known: Known = { trials: new Trials(records, experiments), inventory };
  const told = new WeakMap<CellRecord, Cause | null>();
  return (record) => {
    const before = told.get(record);
    if (before !== undefined) return before;
    const cause = causeOf(record, known);
    told.set(record, cause);
    return cause;
  };
}

function causeOf(record: CellRecord, known: Known): Cause | null {
  if (record.outcome === 'pass') return record.lucky ? luck(record, known) : null;
  const rung = rungOf(record);
  for (const rule of RULES) {
    const cause = rule(record, rung, known);
    if (cause) return cause;
  }
  return rung?.result === 'unsupported'
    ? because('missing-capability', 'told', seen(rung.detail ?? record.reason ?? rung.name))
    : unknown(wouldTell(record, rung), ...asSeen(record, rung));
}

/** As sure as the cause of the witness's refusal is. */
function luck(record: CellRecord, known: Known): Cause {
  const witness = known.trials.all.find(
    ({ record: other }) =>
      other.backend === WITNESS &&
      other.outcome === 'refused' &&
      other.suite === record.suite &&
      takerOf(other) === takerOf(record) &&
      other.format === record.format,
  );
  const cause = witness && causeOf(witness.record, known);
  const sure = cause?.cause === 'not-contiguous' ? cause : null;
  const pieces = record.buffer?.segments;
  return because(
    'not-contiguous',
    sure?.sureness ?? 'likely',
    ...(pieces === 1 ? [seen('this time the pages lay in one piece (pagemap)')] : []),
    ...(witness ? [seen('the scattered witness is refused', witness.record.cell)] : []),
    // What the witness's own record says is said of the witness.
    ...(sure?.evidence ?? []).map(({ text, cell }) => seen(text, cell ?? witness?.record.cell)),
  );
}

function asSeen(record: CellRecord, rung: StageFact | undefined) {
  return [
    ...(rung ? [seen(`${rung.name}: ${rung.detail ?? rung.errno ?? rung.result}`)] : []),
    ...record.kernelLog.slice(0, 3).map((line) => seen(`kernel log: ${line}`)),
  ];
}

/** Where a kernel or Mesa would say more, and how it is asked to. */
function wouldTell(record: CellRecord, rung: StageFact | undefined): string {
  switch (rung?.name) {
    case 'prime-import':
    case 'addfb2':
    case 'test-commit':
    case 'commit':
      return 'the kernel log with drm.debug=0x1ff, which says why (as root: echo 0x1ff > /sys/module/drm/parameters/debug)';
    case 's-fmt':
    case 'reqbufs':
    case 'qbuf':
    case 'streamon':
    case 'dequeue':
      return 'the kernel log with videobuf2_common.debug=3, which says why (as root: echo 3 > /sys/module/videobuf2_common/parameters/debug)';
    case 'egl-image':
    case 'texture':
    case 'framebuffer':
    case 'draw':
    case 'readback':
      return 'what Mesa prints with EGL_LOG_LEVEL=debug, and the same frame with other strides, offsets and sizes';
    default:
      return record.importer
        ? 'experiments that change one thing at a time: memory, size, format, stride'
        : 'the same allocation in other sizes and formats';
  }
}

/** The cause of a cell without any record. @param incomplete why the board's run is not complete; null when it is. */
export function causeOfUntried(skip: string | null, incomplete: string | null): Cause {
  if (skip !== null) return because('filtered', 'told', seen(skip));
  if (incomplete === null)
    return because('harness', 'likely', seen('planned, and never reported in a complete run'));
  const lost = /^(lost|unreachable)/.test(incomplete);
  return because(lost ? 'board-lost' : 'interrupted', 'told', seen(incomplete));
}
