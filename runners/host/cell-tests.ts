import { Emitter, Refiner, Runner, Suite, Test, TestContext } from '@japa/runner/core';
import { importerName } from '../../suites/cell.ts';
import type { Plan, PlannedCell } from '../../suites/plan.ts';
import type { CellRecord } from '../../suites/record.ts';

/** What a test says of its cell when its records are in. */
export interface CellVerdict {
  readonly record: CellRecord | null;
  readonly expected: boolean;
  readonly why: string;
}

/** One board's cells as a japa run: one test a cell, which waits for the cell's records and judges them. */
export interface CellTests {
  /** A record came: the test is judged when all attempts of its cell are in. */
  deliver(record: CellRecord): void;
  /** No more will come: what still waits did not run, for this reason. */
  close(why: string): void;
  /** Resolves when every test has ended. */
  readonly finished: Promise<void>;
}

/** A japa reporter, as `registerReporter` takes it. */
export type CellReporter = Parameters<Runner['registerReporter']>[0];

/** The tags of a cell's test, which japa's own filters understand. */
export function tagsOf(cell: Omit<PlannedCell, 'skip'>): string[] {
  const importer = cell.importer ? [importerName(cell.importer)] : [];
  return [cell.suite, cell.backend, ...importer, cell.format, `${cell.width}x${cell.height}`].map(
    (tag) => `@${tag}`,
  );
}

/** Whether japa's tag filter lets a cell through (`@encoder`, `~@NV12`). */
export function tagFilter(tags: readonly string[]): (cell: Omit<PlannedCell, 'skip'>) => boolean {
  const refiner = new Refiner({ tags: [...tags] });
  const emitter = new Emitter();
  return (cell) => refiner.allows(cellTest(cell, emitter, refiner));
}

function cellTest(cell: Omit<PlannedCell, 'skip'>, emitter: Emitter, refiner: Refiner): Test {
  return new Test(cell.id, (test) => new TestContext(test), emitter, refiner).tags(tagsOf(cell));
}

/**
 * Starts a board's tests.
 * @param verdictOf judges a cell by all its attempts; null records mean that it did not run.
 */
export function startCellTests(
  plan: Plan,
  earlier: readonly CellRecord[],
  verdictOf: (cell: PlannedCell, records: readonly CellRecord[], why: string) => CellVerdict,
  reporters: readonly CellReporter[],
): CellTests {
  const emitter = new Emitter();
  const refiner = new Refiner();
  const suite = new Suite(plan.board, emitter, refiner);
  const waiting = new Map<string, { records: CellRecord[]; resolve: () => void }>();
  let closedBecause = 'the run ended before it';

  for (const cell of plan.cells) {
    if (cell.skip !== null) continue;
    const records: CellRecord[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.set(cell.id, { records, resolve });
    const test = cellTest(cell, emitter, refiner).disableTimeout();
    test.options.meta = { board: plan.board, cell: cell.id };
    test.run(async () => {
      await promise;
      const verdict = verdictOf(cell, records, closedBecause);
      test.options.meta['verdict'] = verdict;
      if (!verdict.expected) throw new Error(`${cell.id}: ${verdict.why}`);
    }, new Error(cell.id));
    suite.add(test);
  }

  const runner = new Runner(emitter);
  runner.add(suite);
  for (const reporter of reporters) runner.registerReporter(reporter);

  const deliver = (record: CellRecord): void => {
    const entry = waiting.get(record.cell);
    if (!entry) return;
    entry.records.push(record);
    if (entry.records.length >= plan.repeat) entry.resolve();
  };
  earlier.forEach(deliver);

  return {
    deliver,
    close: (why) => {
      closedBecause = why;
      for (const entry of waiting.values()) entry.resolve();
    },
    finished: (async () => {
      await runner.start();
      await runner.exec();
      await runner.end();
    })(),
  };
}
