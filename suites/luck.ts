import { type Cell, importerName } from './cell.ts';
import { contiguousByConstruction, type Shared } from './contiguous.ts';
import type { CellRecord, StageName } from './record.ts';

/**
 * Luck: an importer that needs contiguous memory accepts pages that merely happened to lie side by
 * side. It shows when `udmabuf-scattered`, which cannot be contiguous, was refused by the same
 * importer. docs/design.md has the rule in words.
 */
export const WITNESS = 'udmabuf-scattered';

type Size = Pick<Cell, 'width' | 'height'>;
type Frame = Pick<Cell, 'suite' | 'importer' | 'format'> & Size;

/** Cells of one suite, importer and format: what they ask of the importer differs in size alone. */
export function familyOf({ suite, importer, format }: Omit<Frame, keyof Size>): string {
  return `${suite}/${importer ? importerName(importer) : '-'}/${format}`;
}

const frameOf = (frame: Frame) => `${familyOf(frame)}/${frame.width}x${frame.height}`;

/** The smaller one first. */
const bySize = (a: Size, b: Size) => a.width * a.height - b.width * b.height || a.width - b.width;

/**
 * Whose verdicts say whether a cell's pass is luck: the witness of its own size, and the smallest of
 * its family, which stands in where its own has more pages than udmabuf's list_limit.
 * @param family the witnesses of the cell's family.
 */
export function witnessesOf(cell: Cell, family: readonly Cell[]): readonly Cell[] {
  if (!cell.importer || cell.backend === WITNESS) return [];
  const own = family.filter((witness) => frameOf(witness) === frameOf(cell));
  return [...own, ...[...family].sort(bySize).slice(0, 1)];
}

/** What of a witness's record counts. */
type Seen = Frame & Pick<CellRecord, 'backend' | 'outcome' | 'stage' | 'stages'>;

/** What a board's witnesses have said: plain data, which one thread can send to another. */
export interface Heard {
  /** By frame. */
  readonly testimonies: Map<string, Testimony>;
  /** The smallest frame that was tried, by family. */
  readonly smallest: Map<string, Frame>;
}

/** Sees a board's records one after another and tells which passes were luck, as far as known by then. */
export interface LuckWatch {
  readonly heard: Heard;
  see(record: Seen): void;
  /** What another watch has heard of other records of the same board. */
  join(heard: Heard): void;
  mark(record: CellRecord): CellRecord;
  /** Whether the importer refused scattered memory in that frame. */
  refuses(frame: Frame): boolean;
}

/** Whether a pass was luck where the importer refuses scattered memory: no other pass can be. */
export function mayBeLuck(record: Shared & Pick<CellRecord, 'outcome'>): boolean {
  return (
    record.outcome === 'pass' &&
    record.importer !== null &&
    record.backend !== WITNESS &&
    !contiguousByConstruction(record)
  );
}

/** What a witness's attempts say of an importer. One attempt's refusal is enough. */
interface Testimony {
  readonly refused: boolean;
  /** Refused as memory, and not for the picture that is in it. */
  readonly forMemory: boolean;
}

/**
 * A new watch for one board. A plan has all witnesses of an importer before what they testify to,
 * so a mark is the same when the record comes and when all have come.
 */
export function luckWatch(): LuckWatch {
  const testimonies: Heard['testimonies'] = new Map();
  const smallest: Heard['smallest'] = new Map();
  const seeFrame = (family: string, frame: Frame) => {
    const least = smallest.get(family);
    if (!least || bySize(frame, least) < 0) smallest.set(family, frame);
  };
  const hear = (frame: string, now: Testimony) => {
    const before = testimonies.get(frame);
    testimonies.set(frame, {
      refused: now.refused || before?.refused === true,
      forMemory: now.forMemory || before?.forMemory === true,
    });
  };
  const isRefused = (record: Frame): boolean => {
    const own = testimonies.get(frameOf(record));
    if (own) return own.refused;
    const least = smallest.get(familyOf(record));
    return least !== undefined && testimonies.get(frameOf(least))?.forMemory === true;
  };
  return {
    heard: { testimonies, smallest },
    see: (record) => {
      const { backend, suite, importer, format, width, height } = record;
      if (!importer || backend !== WITNESS) return;
      seeFrame(familyOf(record), { suite, importer, format, width, height });
      const now = testimonyOf(record);
      if (now) hear(frameOf(record), now);
    },
    join: (heard) => {
      for (const [family, frame] of heard.smallest) seeFrame(family, frame);
      for (const [frame, testimony] of heard.testimonies) hear(frame, testimony);
    },
    mark: (record) => {
      const lucky = mayBeLuck(record) && isRefused(record);
      return lucky === record.lucky ? record : { ...record, lucky };
    },
    refuses: isRefused,
  };
}

/** Marks the lucky passes among all of one board's records, in any order. Pure. */
export function markLuck(records: readonly CellRecord[]): CellRecord[] {
  const watch = luckWatch();
  records.forEach(watch.see);
  return records.map(watch.mark);
}

/**
 * Whether it is known if a pass is luck: the witness of its own size answered, or the smallest of its
 * family did in a way that counts for other sizes.
 * @param family the witnesses' records of its suite, importer and format.
 */
export function luckIsKnown(record: CellRecord, family: readonly CellRecord[]): boolean {
  const answers = (frames: readonly CellRecord[]) =>
    frames.flatMap((one) => testimonyOf(one) ?? []);
  if (answers(family.filter((one) => frameOf(one) === frameOf(record))).length > 0) return true;
  const [least] = [...family].sort(bySize);
  if (!least) return false;
  const smallest = answers(family.filter((one) => bySize(one, least) === 0));
  return smallest.some(({ refused, forMemory }) => !refused || forMemory);
}

/** Null where the importer was not asked, or gave no clean answer. */
function testimonyOf({ outcome, stage, stages }: Seen): Testimony | null {
  if (outcome === 'pass' || outcome === 'corrupt') return { refused: false, forMemory: false };
  const rung = stages.find(({ result }) => result !== 'ok');
  if (outcome !== 'refused' || rung?.side !== 'importer') return null;
  return { refused: true, forMemory: stage !== null && MAPPING_STAGES.has(stage) };
}

/** Where an importer maps the memory. What is refused later may be the size of the picture. */
const MAPPING_STAGES: ReadonlySet<StageName> = new Set(['prime-import', 'qbuf', 'egl-image']);
