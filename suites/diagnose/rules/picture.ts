import type { Inventory } from '../../inventory.ts';
import type { CellRecord, StageFact } from '../../record.ts';
import { DRIVER_READS } from '../../wording.ts';
import { because, type Cause, type Evidence, seen } from '../cause.ts';
import { pixels } from '../frames.ts';
import {
  held,
  type Known,
  nearest,
  type Rule,
  samePicture,
  stopped,
  type Trial,
  type Trials,
} from '../trials.ts';
import { refusesMemory } from './memory.ts';
import { VARIATION_CAUSES } from './variation-causes.ts';

/** Refusals of the picture: how it lies in the memory, and its pixel format. */
export const picture: Rule = (record, rung, known) => {
  if (rung?.result !== 'failed' && rung?.result !== 'unsupported') return null;
  // A PRIME import is given no picture; at QBUF there is one.
  if (refusesMemory(rung) && rung.name !== 'qbuf') return null;
  return (
    modifier(record, rung, known) ??
    dictated(rung) ??
    layout(record, rung, known) ??
    format(record, rung, known) ??
    size(record, rung, known)
  );
};

const isLinear = ({ modifier: asked, buffer }: CellRecord) =>
  asked === '0x0' || buffer?.modifier === '0x0';

/** Memory whose layout its driver chose. */
function modifier(record: CellRecord, rung: StageFact, known: Known): Cause | null {
  if (rung.side === 'exporter' || isLinear(record) || record.buffer === null) return null;
  const kind = record.buffer.modifier ?? 'one that the exporter does not tell';
  const linear = nearest(
    record,
    known.trials
      .alike(rung, record)
      .filter(
        ({ record: other, variation }) =>
          variation === null &&
          other.backend === record.backend &&
          other.format === record.format &&
          isLinear(other) &&
          held(other, rung),
      ),
  );
  const own = seen(`its modifier is ${kind}: ${rung.detail ?? rung.errno ?? 'refused'}`);
  if (linear)
    return because(
      'modifier',
      'proven',
      own,
      seen('the same, asked for in rows, passes', linear.record.cell),
    );
  return rung.result === 'unsupported' ? because('modifier', 'told', own) : null;
}

/** A V4L2 driver that reads planes at other places than the exporter's: it says which. */
function dictated({ detail = '' }: StageFact): Cause | null {
  const at = detail.indexOf(DRIVER_READS);
  if (at < 0) return null;
  const strides = (text: string) => [...text.matchAll(/(\d+)@\d+/g)].map(([, stride]) => stride);
  const [got, wanted] = [detail.slice(0, at), detail.slice(at)].map(strides);
  const cause = got?.join() === wanted?.join() ? 'offset' : 'stride';
  return because(cause, 'told', seen(detail));
}

/** An experiment that changed the layout alone and passed. */
function layout(record: CellRecord, rung: StageFact, { trials }: Known): Cause | null {
  if (rung.side !== 'importer') return null;
  const same = variationsOf(record, rung, trials.alike(rung, record));
  const mended = same.find((trial) => held(trial.record, rung));
  if (!mended?.variation) return null;
  const cause = VARIATION_CAUSES[mended.variation];
  const own = mended.record.backend === record.backend || lieAlike(record, rung, mended, trials);
  const from =
    mended.record.backend === record.backend
      ? 'the same memory'
      : `${mended.record.backend}'s memory`;
  const strides = mended.record.buffer?.strides.join(', ') ?? 'unknown';
  const offsets = mended.record.buffer?.offsets.join(', ') ?? 'unknown';
  return because(
    cause,
    own ? 'proven' : 'likely',
    seen(
      `${from} with strides ${strides} and planes at ${offsets} passes ${rung.name}`,
      mended.record.cell,
    ),
    seen(
      `here strides are ${record.buffer?.strides.join(', ') ?? 'unknown'} and planes at ${record.buffer?.offsets.join(', ') ?? 'unknown'}`,
    ),
  );
}

/** Whether that trial's own memory, in the layout that this record has, was refused as this was. */
function lieAlike(record: CellRecord, rung: StageFact, { record: trial }: Trial, trials: Trials) {
  const lie = ({ buffer }: CellRecord) => buffer && `${buffer.strides} ${buffer.offsets}`;
  return trials
    .alike(rung, record)
    .some(
      ({ record: other, variation }) =>
        variation === null &&
        other.backend === trial.backend &&
        other.format === record.format &&
        other.width === record.width &&
        other.height === record.height &&
        lie(other) !== null &&
        lie(other) === lie(record) &&
        stopped(other, rung),
    );
}

function variationsOf(record: CellRecord, rung: StageFact, alike: readonly Trial[]): Trial[] {
  const same = alike.filter(
    ({ record: other, variation }) =>
      variation !== null &&
      samePicture(rung, record, other) &&
      other.width === record.width &&
      other.height === record.height,
  );
  // Its own memory's word before that of others.
  return same.sort(
    (a, b) =>
      Number(b.record.backend === record.backend) - Number(a.record.backend === record.backend),
  );
}

/** Only the pixel format differs from what passes, and nothing in this format does. */
function format(record: CellRecord, rung: StageFact, known: Known): Cause | null {
  const { trials, inventory } = known;
  const alike = trials.alike(rung, record);
  const ofFormat = alike.filter(({ record: other }) => other.format === record.format);
  if (ofFormat.some(({ record: other }) => held(other, rung))) return null;
  const other = otherFormat(record, rung, alike);
  const unlisted = notListed(record, rung, inventory);
  const evidence = [...(unlisted ? [unlisted] : []), ...other, ...kinds(record, rung, ofFormat)];
  const named = rung.result === 'unsupported' && rung.detail?.includes(record.format) === true;
  if (rung.detail && (named || other.length)) evidence.push(seen(rung.detail));
  if (other.length && (rung.side === 'exporter' || rung.result === 'unsupported' || unlisted))
    return because('format', 'proven', ...evidence);
  if (unlisted || named) return because('format', 'told', ...evidence);
  if (!other.length) return null;
  const tried = variationsOf(record, rung, alike).filter(({ record: one }) => stopped(one, rung));
  const perLayout = [...Map.groupBy(tried, ({ variation }) => variation).values()];
  const layouts = perLayout.flatMap((trials) => {
    const trial = nearest(record, trials);
    return trial ? [seen(`${trial.variation} is no help`, trial.record.cell)] : [];
  });
  const settled = new Set(tried.map(({ variation }) => variation && VARIATION_CAUSES[variation]));
  return because('format', settled.size > 1 ? 'proven' : 'likely', ...evidence, ...layouts);
}

/** Another format at the same place, of the same size and memory if there is one. */
function otherFormat(record: CellRecord, rung: StageFact, alike: readonly Trial[]): Evidence[] {
  const passing = alike.filter(
    ({ record: other }) => other.format !== record.format && held(other, rung),
  );
  const rank = ({ record: other }: Trial) =>
    Number(other.backend !== record.backend) + Number(pixels(other) !== pixels(record));
  const [best] = passing.sort((a, b) => rank(a) - rank(b));
  if (!best || rank(best) > 1) return [];
  return [seen(`${best.record.format} passes ${rung.name} there`, best.record.cell)];
}

/** How many kinds of memory were refused in this format. */
function kinds(record: CellRecord, rung: StageFact, ofFormat: readonly Trial[]): Evidence[] {
  if (rung.side !== 'importer') return [];
  const backends = new Set(
    ofFormat.flatMap(({ record: other }) => (stopped(other, rung) ? [other.backend] : [])),
  );
  return backends.size > 1
    ? [seen(`no memory of ${backends.size} backends passes ${rung.name} in ${record.format}`)]
    : [];
}

/** ADDFB2 takes what some plane lists (drm_any_plane_has_format), a commit what its own plane lists. */
function notListed(
  { importer, suite, format: name }: CellRecord,
  rung: StageFact,
  inventory: Inventory | null,
): Evidence | null {
  const rungs = ['addfb2', 'test-commit', 'commit'];
  if (importer?.kind !== 'kms' || !rungs.includes(rung.name)) return null;
  const device = inventory?.drm.find(({ driver }) => driver === importer.driver);
  if (!device || device.planes.length === 0) return null;
  const type = suite === 'kms-overlay' ? 'overlay' : 'primary';
  const planes =
    rung.name === 'addfb2' ? device.planes : device.planes.filter((plane) => plane.type === type);
  if (planes.some(({ formats }) => formats.includes(name))) return null;
  return seen(`none of the ${planes.length} planes of ${importer.driver} lists ${name}`);
}

/** Only the size differs from what passes. */
function size(record: CellRecord, rung: StageFact, { trials }: Known): Cause | null {
  const smaller = trials
    .alike(rung, record)
    .find(
      ({ record: other, variation }) =>
        variation === null &&
        other.backend === record.backend &&
        other.format === record.format &&
        other.modifier === record.modifier &&
        pixels(other) < pixels(record) &&
        held(other, rung),
    );
  if (!smaller) return null;
  return because(
    'size-limit',
    rung.side === 'exporter' || rung.name !== 'qbuf' ? 'proven' : 'likely',
    seen(
      `${smaller.record.width}x${smaller.record.height} passes ${rung.name}`,
      smaller.record.cell,
    ),
    seen(rung.detail ?? `${record.width}x${record.height}: ${rung.errno ?? rung.result}`),
  );
}
