import type { Cell, SuiteName } from '../suites/cell.ts';
import { contiguousByConstruction } from '../suites/contiguous.ts';
import { familyOf, luckIsKnown, WITNESS } from '../suites/luck.ts';
import type { CellRecord, Outcome } from '../suites/record.ts';
import type { Answer } from './world.ts';

type Importer = NonNullable<Cell['importer']>;

/** One board's records, found by cell, by frame, and by what witnesses they rest on. */
export interface Evidence {
  of(cell: string): readonly CellRecord[];
  /** Every record of that backend's frames, whoever took them. */
  ofFrame(backend: string, format: string, width: number, height: number): readonly CellRecord[];
  /** Every record of an importer's cells with such a frame, whatever the backend. */
  ofConsumer(
    suite: SuiteName,
    importer: Importer | null,
    format: string,
    width: number,
    height: number,
  ): readonly CellRecord[];
  /** Records of the scattered witness of a record's suite, importer and format. */
  witnesses(record: CellRecord): readonly CellRecord[];
  readonly all: readonly CellRecord[];
}

/** @param records of one board and system, judged and marked for luck. */
export function evidenceOf(records: readonly CellRecord[]): Evidence {
  const cells = Map.groupBy(records, ({ cell }) => cell);
  const frames = Map.groupBy(records, ({ backend, format, width, height }) =>
    [backend, format, width, height].join('/'),
  );
  const consumers = Map.groupBy(records, (record) =>
    [familyOf(record), record.width, record.height].join('/'),
  );
  const witnesses = Map.groupBy(
    records.filter(({ backend }) => backend === WITNESS),
    familyOf,
  );
  return {
    all: records,
    of: (cell) => cells.get(cell) ?? [],
    ofFrame: (...frame) => frames.get(frame.join('/')) ?? [],
    ofConsumer: (suite, importer, format, width, height) =>
      consumers.get([familyOf({ suite, importer, format }), width, height].join('/')) ?? [],
    witnesses: (record) => witnesses.get(familyOf(record)) ?? [],
  };
}

/** What a cell's attempts, all together, say of an import. */
export function answerOf(evidence: Evidence, cell: string): Answer {
  const ran = evidence.of(cell).filter(({ outcome }) => outcome !== 'not-run');
  // What failed on the exporter's side says nothing of whoever was to take it.
  const tried = ran.filter((record) => !failedToAllocate(record));
  const [first] = tried;
  if (!first) {
    const why = ran.length ? `in ${cell} there was no buffer to take` : `${cell} was not measured`;
    return { kind: 'unknown', why, proof: [], missing: [cell] };
  }
  const worst = tried.find(({ outcome }) => DEADLY.has(outcome));
  if (worst) return said('fatal', worst);
  const wrong = tried.find(({ outcome }) => outcome === 'corrupt');
  if (wrong) return said('wrong', wrong);
  const held = tried.find(({ outcome }) => outcome === 'blocked');
  if (held)
    return {
      kind: 'unknown',
      why: `${cell} was blocked: ${held.reason}`,
      proof: [],
      missing: [cell],
    };
  const passes = tried.filter(({ outcome }) => outcome === 'pass');
  if (passes.length === 0) return said('no', first);
  const why = `${cell} passed in ${passes.length} of ${tried.length} attempts`;
  if (passes.length < tried.length) return { kind: 'sometimes', why, proof: [cell] };
  const lucky = passes.find((record) => record.lucky);
  if (lucky)
    return {
      kind: 'sometimes',
      why: 'it passed by luck only: its pages happened to be contiguous',
      proof: [cell, ...evidence.witnesses(lucky).map((witness) => witness.cell)],
    };
  const unsure = passes.find((record) => mayBeLuck(evidence, record));
  if (unsure) return unsureOf(evidence, unsure);
  return { kind: 'yes', why: 'pass', proof: [cell] };
}

const failedToAllocate = ({ outcome, stages }: CellRecord): boolean =>
  outcome !== 'pass' && stages.find(({ result }) => result !== 'ok')?.side === 'exporter';

const DEADLY: ReadonlySet<Outcome> = new Set(['crash', 'hang']);

function said(
  kind: 'no' | 'wrong' | 'fatal',
  { cell, outcome, stage, errno, reason }: CellRecord,
): Answer {
  const where = [stage && `at ${stage}`, errno && `with ${errno}`].filter(Boolean).join(' ');
  const why = [outcome, where].filter(Boolean).join(' ');
  return { kind, why: reason && !where ? `${why}: ${reason}` : why, proof: [cell] };
}

/** A pass of memory that may lie in one piece by chance, where no witness says whether that matters. */
function mayBeLuck(evidence: Evidence, record: CellRecord): boolean {
  if (!record.importer || record.backend === WITNESS) return false;
  if (contiguousByConstruction(record)) return false;
  if (record.buffer?.segments && record.buffer.segments > 1) return false;
  return !luckIsKnown(record, evidence.witnesses(record));
}

function unsureOf(evidence: Evidence, record: CellRecord): Answer {
  const { cell, backend } = record;
  const witness = cell.replace(`/${backend}/`, `/${WITNESS}/`);
  const known = evidence.witnesses(record).length > 0;
  return {
    kind: 'unknown',
    why: known
      ? `${cell} passed, and ${witness}, which would tell whether by luck, gave no answer`
      : `${cell} passed, and whether by luck was not measured`,
    proof: [],
    missing: [witness],
  };
}
