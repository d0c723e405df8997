import { importerName } from '../cell.ts';
import type { Inventory } from '../inventory.ts';
import type { CellRecord, StageFact } from '../record.ts';
import type { Variation } from '../variation.ts';
import type { Cause } from './cause.ts';
import type { ExperimentRecord } from './experiment.ts';

/** One attempt that tells something: a cell's or an experiment's. */
export interface Trial {
  readonly record: CellRecord;
  readonly variation: Variation | null;
}

/** The rung that decided: the first that did not hold. Undefined where all held, or none was tried. */
export function rungOf({ stages }: Pick<CellRecord, 'stages'>): StageFact | undefined {
  return stages.find(({ result }) => result !== 'ok');
}

type Rung = Pick<StageFact, 'name' | 'side'>;

/** Whether that attempt climbed the rung and held there. */
export function held({ stages }: Pick<CellRecord, 'stages'>, { name, side }: Rung): boolean {
  const facts = stages.filter((fact) => fact.name === name && fact.side === side);
  return facts.length > 0 && facts.every(({ result }) => result === 'ok');
}

/** Whether that attempt came to the rung and not beyond, by a clean answer. */
export function stopped(record: Pick<CellRecord, 'stages'>, { name, side }: Rung): boolean {
  const rung = rungOf(record);
  return (
    rung?.name === name &&
    rung.side === side &&
    (rung.result === 'failed' || rung.result === 'unsupported')
  );
}

export const takerOf = ({ importer }: Pick<CellRecord, 'importer'>): string =>
  importer ? importerName(importer) : '-';

/**
 * Whether two attempts put the same question to the same code at that rung. A PRIME import is given the
 * memory alone: neither suite nor format nor size are part of it. An allocation is the exporter's. All
 * else knows the picture.
 */
export function sameQuestion(rung: Rung, one: CellRecord, other: CellRecord): boolean {
  if (rung.side === 'exporter') return one.backend === other.backend;
  if (takerOf(one) !== takerOf(other)) return false;
  return rung.name === 'prime-import' || one.suite === other.suite;
}

/** The same for an attempt in the same pixel format. */
export function samePicture(rung: Rung, one: CellRecord, other: CellRecord): boolean {
  const ofMemory = rung.side === 'importer' && rung.name === 'prime-import';
  return sameQuestion(rung, one, other) && (ofMemory || one.format === other.format);
}

/** The one that differs least from that record: the best of witnesses that say the same. */
export function nearest(record: CellRecord, trials: readonly Trial[]): Trial | undefined {
  const distance = ({ record: other }: Trial) =>
    8 * Number(other.suite !== record.suite) +
    4 * Number(other.format !== record.format) +
    2 * Number(other.width !== record.width || other.height !== record.height) +
    Number(other.backend !== record.backend);
  return trials.reduce<Trial | undefined>(
    (best, next) => (best && distance(best) <= distance(next) ? best : next),
    undefined,
  );
}

/** Everything that is known when a cell is judged. One board's. */
export interface Known {
  readonly trials: Trials;
  /** Null where the board was never reached. */
  readonly inventory: Inventory | null;
}

/** A rule tells one kind of cause, or has nothing to say. Pure. */
export type Rule = (record: CellRecord, rung: StageFact | undefined, known: Known) => Cause | null;

/** Whatever the order in the files, so that one run always has the same evidence. */
const inOrder = ({ record: a }: Trial, { record: b }: Trial): number =>
  a.cell < b.cell ? -1 : a.cell > b.cell ? 1 : a.attempt - b.attempt;

/** A board's attempts, to be asked who else was asked the same. */
export class Trials {
  readonly all: readonly Trial[];
  readonly #byTaker: ReadonlyMap<string, readonly Trial[]>;
  readonly #byBackend: ReadonlyMap<string, readonly Trial[]>;

  constructor(records: readonly CellRecord[], experiments: readonly ExperimentRecord[]) {
    this.all = [
      ...records.map((record): Trial => ({ record, variation: null })),
      ...experiments.map((record): Trial => ({ record, variation: record.variation })),
    ].sort(inOrder);
    this.#byTaker = Map.groupBy(this.all, ({ record }) => takerOf(record));
    this.#byBackend = Map.groupBy(this.all, ({ record }) => record.backend);
  }

  /** Attempts that were asked the same at that rung as this one, itself included. */
  alike(rung: Rung, record: CellRecord): readonly Trial[] {
    const near =
      rung.side === 'exporter'
        ? this.#byBackend.get(record.backend)
        : this.#byTaker.get(takerOf(record));
    return (near ?? []).filter((trial) => sameQuestion(rung, record, trial.record));
  }
}
