import { type Cell, cellId } from '../cell.ts';
import { contiguousByConstruction } from '../contiguous.ts';
import { formatNamed } from '../formats.ts';
import { frameLayout } from '../layout.ts';
import { WITNESS } from '../luck.ts';
import type { Plan } from '../plan.ts';
import type { CellRecord, StageFact } from '../record.ts';
import { differs, type Variation, varied } from '../variation.ts';
import type { BoardEvidence } from './attribute.ts';
import { attribution } from './attribute.ts';
import type { Cause } from './cause.ts';
import type { Experiment, ExperimentRecord, Question } from './experiment.ts';
import { halfOf, onePageFrame, type Size } from './frames.ts';
import { refusesMemory, separation } from './rules/memory.ts';
import { held, rungOf, stopped, type Trial, Trials } from './trials.ts';

/** No board is kept busy with more than this, whatever its matrix looks like. */
const MOST = 256;

/** How much an answer tells, where it serves as many cells as another. */
const WEIGHT: Readonly<Record<Question, number>> = {
  'one-page': 8,
  contiguous: 7,
  'two-pages': 6,
  'other-format': 5,
  smaller: 4,
  stride: 3,
  offset: 2,
  padding: 1,
};

const VARIATIONS_OF: readonly { question: Question; variation: Variation }[] = [
  { question: 'stride', variation: 'tight-stride' },
  { question: 'stride', variation: 'stride-64' },
  { question: 'stride', variation: 'stride-256' },
  { question: 'offset', variation: 'page-offsets' },
  { question: 'padding', variation: 'padded' },
];

/** Backends that lay a frame out as they are told; a driver's own have a layout of their own. */
const ASKS_LAYOUT = /^(udmabuf|udmabuf-scattered|heap:.*)$/;

interface Wish {
  readonly question: Question;
  readonly cell: Cell;
  readonly variation: Variation | null;
}

/**
 * The experiments that would separate the causes of the cells that failed, each once, the most telling
 * first: one that serves many cells before one that serves few. Those that have been made are left out.
 * Pure.
 */
export function planExperiments(evidence: BoardEvidence, plan: Plan): Experiment[] {
  const { records, experiments } = evidence;
  const causeOf = attribution(evidence);
  const trials = new Trials(records, experiments);
  const known = new Set([...records, ...experiments].map(({ cell }) => cell));
  const wanted = new Map<string, { wish: Wish; of: Set<string> }>();
  for (const record of records)
    for (const wish of wishesFor(record, causeOf(record), trials, plan)) {
      if (known.has(wish.cell.id)) continue;
      const entry = wanted.get(wish.cell.id) ?? { wish, of: new Set() };
      entry.of.add(record.cell);
      wanted.set(wish.cell.id, entry);
    }
  const rank = ({ wish, of }: { wish: Wish; of: Set<string> }) => of.size * WEIGHT[wish.question];
  return [...wanted.values()]
    .sort((a, b) => rank(b) - rank(a))
    .slice(0, MOST)
    .map(({ wish, of }) => ({ ...wish, of: [...of] }));
}

/** Who may be asked again: a cell that got a clean no, by whatever is not yet proven. */
function wishesFor(
  record: CellRecord,
  cause: Cause | null,
  trials: Trials,
  plan: Plan,
): readonly Wish[] {
  const rung = rungOf(record);
  if (!rung || cause === null || isSettled(cause)) return [];
  if (record.outcome !== 'refused' && record.outcome !== 'unsupported') return [];
  if (rung.side === 'exporter') return ofExporter(record, rung, trials);
  if (refusesMemory(rung)) return ofMemory(record, rung, trials, plan);
  return record.outcome === 'refused' ? ofPicture(record, rung, trials) : [];
}

/** What no experiment could make surer; a limit that is known in numbers needs none. */
function isSettled({ cause, sureness }: Cause): boolean {
  if (sureness === 'proven') return true;
  const open = ['not-contiguous', 'format', 'cma-exhausted'];
  return sureness === 'told' && !open.includes(cause);
}

/** Whether the memory is at fault: less of it, and the same amount of contiguous memory. */
function ofMemory(
  record: CellRecord,
  rung: StageFact,
  trials: Trials,
  plan: Plan,
): readonly Wish[] {
  // A PRIME import knows neither suite nor format: one answer serves all of them.
  const asked = rung.name === 'prime-import' ? anyPicture(record) : record;
  const page = onePageFrame(asked.format, asked.importer?.kind ?? null);
  const backend = record.backend === WITNESS ? 'udmabuf' : record.backend;
  const wishes = [ask('one-page', asked, { ...page, backend })];
  // What was too large for the CMA region, or has no other format to show, is told by a size beside.
  if (separation(record, rung, trials).contiguous) return wishes;
  const contiguous = foreignContiguous(record, trials, plan);
  return [
    ...wishes,
    ask('two-pages', asked, { ...page, backend: WITNESS }),
    ...(contiguous === null ? [] : [ask('contiguous', record, { backend: contiguous })]),
  ];
}

/** GBM's smallest buffer is a tile of 64x64, which is a page at one byte a pixel. */
function anyPicture(record: CellRecord) {
  const format = record.backend.startsWith('gbm:') ? 'R8' : 'XR24';
  return { ...record, suite: 'kms-primary', format } as const;
}

/** A backend of the plan that is contiguous by construction and not the importing device's own. */
function foreignContiguous(
  { importer }: CellRecord,
  trials: Trials,
  { cells }: Plan,
): string | null {
  const exporters = new Map(
    trials.all.map(({ record }) => [record.backend, record.buffer] as const),
  );
  const backends = [...new Set(cells.map(({ backend }) => backend))];
  const own = (backend: string) => backend.endsWith(`:${importer?.driver}`);
  const found = backends.find(
    (backend) =>
      !own(backend) &&
      contiguousByConstruction({ backend, importer, buffer: exporters.get(backend) ?? null }),
  );
  return found ?? null;
}

/** Whether the picture is at fault: another layout, less of it, another format. */
function ofPicture(record: CellRecord, rung: StageFact, trials: Trials): readonly Wish[] {
  const half = halfOf(record);
  const asked = { ...record, backend: spokesman(record, rung, trials) };
  return [
    ...layouts(asked),
    ...(half ? [ask('smaller', asked, half)] : []),
    ...otherFormat(asked, rung, trials),
  ];
}

/** Of all memory that was refused with the same picture, one that lies as it is told: it asks for all. */
function spokesman(record: CellRecord, rung: StageFact, trials: Trials): string {
  const alike = trials
    .alike(rung, record)
    .filter(
      ({ record: other, variation }) =>
        variation === null &&
        ASKS_LAYOUT.test(other.backend) &&
        other.format === record.format &&
        other.width === record.width &&
        other.height === record.height &&
        stopped(other, rung),
    );
  return alike.toSorted(byContiguity)[0]?.record.backend ?? record.backend;
}

/** Contiguous memory first: it leaves one thing less that could be at fault. */
const byContiguity = ({ record: a }: Trial, { record: b }: Trial) =>
  Number(contiguousByConstruction(b)) - Number(contiguousByConstruction(a));

function layouts(record: CellRecord): readonly Wish[] {
  if (!ASKS_LAYOUT.test(record.backend) || record.importer?.kind.startsWith('v4l2')) return [];
  const usual = frameLayout(formatNamed(record.format), record.width, record.height);
  return VARIATIONS_OF.filter(({ variation }) => differs(usual, varied(usual, variation))).map(
    ({ question, variation }) => ask(question, record, {}, variation),
  );
}

/** Where every trial was in one format, whether it is the format cannot be seen. */
function otherFormat(record: CellRecord, rung: StageFact, trials: Trials): readonly Wish[] {
  if (record.format === 'XR24') return [];
  const others = trials
    .alike(rung, record)
    .some(
      ({ record: other }) =>
        other.format !== record.format && other.backend === record.backend && held(other, rung),
    );
  return others ? [] : [ask('other-format', record, { format: 'XR24' })];
}

/** Whether the allocator is at fault: less of it, another format. The suite `allocate` asks no importer. */
function ofExporter(record: CellRecord, rung: StageFact, trials: Trials): readonly Wish[] {
  if (rung.name !== 'alloc') return [];
  const bare = { ...record, suite: 'allocate', importer: null } as const;
  const half = halfOf(record);
  const short = rung.errno === 'ENOMEM' && half;
  return [
    ...(short
      ? [ask('smaller', bare, half), ask('one-page', bare, onePageFrame(record.format, null))]
      : []),
    ...otherFormat(record, rung, trials).map((wish) =>
      ask(wish.question, bare, { format: wish.cell.format }),
    ),
  ];
}

type Change = Partial<Size & Pick<Cell, 'backend' | 'format'>>;

function ask(
  question: Question,
  record: Pick<CellRecord, 'suite' | 'importer' | 'backend' | 'format' | 'modifier'> & Size,
  change: Change,
  variation: Variation | null = null,
): Wish {
  const { suite, backend, format, width, height } = { ...record, ...change };
  const importer = record.importer && {
    kind: record.importer.kind,
    driver: record.importer.driver,
  };
  // What can choose a layout may choose another for another size; only GBM can.
  const modifier = backend.startsWith('gbm:') ? record.modifier : '0x0';
  const parts = { suite, backend, importer, format, width, height, modifier };
  const id = [cellId(parts), ...(variation === null ? [] : [variation])].join('/');
  return { question, variation, cell: { id, ...parts } };
}

/** What an experiment's attempt is written down as. */
export function experimentRecord(
  record: CellRecord,
  { question, variation, of }: Experiment,
): ExperimentRecord {
  return { ...record, question, variation, of: [...of] };
}
