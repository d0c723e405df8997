import type { Cell } from '../../suites/cell.ts';
import { judge } from '../../suites/judge.ts';
import type { LeanRecord } from '../../suites/lean-record.ts';
import { luckWatch, mayBeLuck, WITNESS } from '../../suites/luck.ts';
import type { Plan, PlannedCell } from '../../suites/plan.ts';
import { OUTCOMES } from '../../suites/record.ts';
import type { GateCell, Tally } from './model.ts';

/** Counts a board's records one after another, in any order, and keeps none of them. */
export interface BoardTally {
  /** @returns false where the cell has had that attempt before: then it is not counted. */
  add(record: LeanRecord): boolean;
  done(): ReadonlyMap<string, GateCell>;
}

/** A cell while its records come. `unearned`: these passes are luck if the witness was refused. */
interface Open {
  readonly cell: Cell;
  readonly attempts: AttemptSet;
  readonly results: { readonly result: Result; count: number }[];
  notRun: number;
  why: string | null;
}

type Result = Omit<Tally, 'lucky' | 'attempts'> & { readonly unearned: boolean };

/** A new count. @param plan says what was to be tried, and how often. */
export function boardTally(plan: Pick<Plan, 'cells' | 'repeat'>): BoardTally {
  const watch = luckWatch();
  const planned = new Map(plan.cells.map((cell) => [cell.id, cell]));
  const open = new Map<string, Open>();
  const results = new Map<string, Result>();
  return {
    add: (record) => {
      const own = open.get(record.cell) ?? opened(planned.get(record.cell) ?? cellOf(record));
      if (!own.attempts.add(record.attempt)) return false;
      open.set(record.cell, own);
      const { outcome, stage, errno, reason } = judge(record.suite, record);
      if (record.backend === WITNESS) watch.see({ ...record, outcome, stage });
      if (outcome === 'not-run') {
        own.notRun += 1;
        own.why ??= reason;
        return true;
      }
      const { backend, importer, buffer } = record;
      const unearned = mayBeLuck({ backend, importer, buffer, outcome });
      const key = `${outcome} ${stage} ${unearned} ${errno}`;
      const result = results.get(key) ?? { outcome, stage, errno, unearned };
      results.set(key, result);
      const seen = own.results.find((one) => one.result === result);
      if (seen) seen.count += 1;
      else own.results.push({ result, count: 1 });
      return true;
    },
    done: () => {
      const cells = new Map<string, GateCell>();
      for (const [id, own] of open)
        cells.set(id, closed(own, planned.get(id), plan.repeat, watch.refuses(own.cell)));
      for (const [id, cell] of planned) if (!cells.has(id)) cells.set(id, neverTried(cell, plan));
      return cells;
    },
  };
}

function opened(cell: Cell): Open {
  return { cell, attempts: new AttemptSet(), results: [], notRun: 0, why: null };
}

function cellOf({ cell, importer, ...record }: LeanRecord): Cell {
  const { suite, backend, format, width, height, modifier } = record;
  const taker = importer && { kind: importer.kind, driver: importer.driver };
  return { id: cell, suite, backend, importer: taker, format, width, height, modifier };
}

function closed(
  own: Open,
  planned: PlannedCell | undefined,
  repeat: number,
  refuses: boolean,
): GateCell {
  const tallies = new Map<string, Tally>();
  for (const { result, count } of own.results) {
    const { unearned, ...rest } = result;
    const lucky = unearned && refuses;
    const key = `${rest.outcome} ${rest.stage} ${lucky} ${rest.errno}`;
    tallies.set(key, { ...rest, lucky, attempts: count + (tallies.get(key)?.attempts ?? 0) });
  }
  const results = [...tallies.values()].sort(byResult);
  const tried = results.reduce((sum, { attempts }) => sum + attempts, 0);
  const wanted = planned && planned.skip === null ? repeat : tried + own.notRun;
  return {
    results,
    untried: Math.max(0, wanted - tried),
    why: results.length ? null : (own.why ?? 'it was not tried'),
  };
}

function neverTried({ skip }: PlannedCell, { repeat }: Pick<Plan, 'repeat'>): GateCell {
  return skip === null
    ? { results: [], untried: repeat, why: 'planned, but no record of it' }
    : { results: [], untried: 0, why: skip };
}

/** The order of a cell's results: any fixed one, so that two runs that saw the same say the same. */
export function byResult(a: Tally, b: Tally): number {
  return (
    OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome) ||
    compare(a.stage, b.stage) ||
    compare(a.errno, b.errno) ||
    Number(a.lucky) - Number(b.lucky)
  );
}

const compare = (a: string | null, b: string | null) => {
  const [one, other] = [a ?? '', b ?? ''];
  return one < other ? -1 : one > other ? 1 : 0;
};

/** The attempts that a cell has had: a set of small numbers, of which there may be a million. */
class AttemptSet {
  #low = 0;
  #rest: Set<number> | null = null;

  /** @returns false where it was there. */
  add(attempt: number): boolean {
    if (attempt < 31) {
      const bit = 1 << attempt;
      const isNew = (this.#low & bit) === 0;
      this.#low |= bit;
      return isNew;
    }
    this.#rest ??= new Set();
    const { size } = this.#rest;
    return this.#rest.add(attempt).size > size;
  }
}
