import type { Cell } from '../../suites/cell.ts';
import { judge } from '../../suites/judge.ts';
import type { LeanRecord } from '../../suites/lean-record.ts';
import { type Heard, luckWatch, mayBeLuck, WITNESS } from '../../suites/luck.ts';
import type { Plan, PlannedCell } from '../../suites/plan.ts';
import { OUTCOMES } from '../../suites/record.ts';
import {
  addAttempt,
  addResult,
  type CellCount,
  emptyCount,
  joinCount,
  type Result,
} from './count.ts';
import type { GateCell, Tally } from './model.ts';

/** What was counted of a board: plain data, which one thread can send to another. */
export interface BoardCount {
  /** By cell id, in the order of the records. */
  readonly cells: Map<string, CellCount>;
  readonly heard: Heard;
}

/** Counts a board's records one after another, in any order, and keeps none of them. */
export interface BoardTally {
  readonly count: BoardCount;
  /** @returns false where the cell has had that attempt before: then it is not counted. */
  add(record: LeanRecord): boolean;
  /**
   * Adds what was counted of records that come after these.
   * @returns false where a cell has had one of the attempts before: then the count is of no use.
   */
  join(count: BoardCount): boolean;
  done(): ReadonlyMap<string, GateCell>;
}

/** A new count. @param plan says what was to be tried, and how often. */
export function boardTally(plan: Pick<Plan, 'cells' | 'repeat'>): BoardTally {
  const watch = luckWatch();
  const planned = new Map(plan.cells.map((cell) => [cell.id, cell]));
  const open = new Map<string, CellCount>();
  const results = new Map<string, Result>();
  return {
    count: { cells: open, heard: watch.heard },
    add: (record) => {
      const own = open.get(record.cell) ?? emptyCount(planned.get(record.cell) ?? cellOf(record));
      if (!addAttempt(own.attempts, record.attempt)) return false;
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
      const result = results.get(key) ?? { key, outcome, stage, errno, unearned };
      results.set(key, result);
      addResult(own, result, 1);
      return true;
    },
    join: ({ cells, heard }) => {
      watch.join(heard);
      for (const [id, more] of cells) {
        const own = open.get(id) ?? emptyCount(planned.get(id) ?? more.cell);
        open.set(id, own);
        if (!joinCount(own, more)) return false;
      }
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

function cellOf({ cell, importer, ...record }: LeanRecord): Cell {
  const { suite, backend, format, width, height, modifier } = record;
  const taker = importer && { kind: importer.kind, driver: importer.driver };
  return { id: cell, suite, backend, importer: taker, format, width, height, modifier };
}

function closed(
  own: CellCount,
  planned: PlannedCell | undefined,
  repeat: number,
  refuses: boolean,
): GateCell {
  const tallies = new Map<string, Tally>();
  for (const { result, count } of own.results) {
    const { outcome, stage, errno, unearned } = result;
    const lucky = unearned && refuses;
    const key = `${outcome} ${stage} ${lucky} ${errno}`;
    const attempts = count + (tallies.get(key)?.attempts ?? 0);
    tallies.set(key, { outcome, stage, errno, lucky, attempts });
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
