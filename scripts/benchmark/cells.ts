import type { Session } from '../../runners/transports/session.ts';
import type { CellRecord } from '../../suites/record.ts';
import { runCProgram } from './c-program.ts';
import { type BoardFacts, runHarness } from './harness.ts';

/** Suites that the C program knows as well. */
const SUITES = ['cpu', 'egl-sample', 'egl-render', 'kms-primary', 'encoder'];
export const SIZE = '640x480';

/** Outcomes that take a cell's usual way; a missing capability is found at once, and a crash costs a process. */
const COMPARABLE = ['pass', 'refused', 'corrupt'];

/** The cells that both programs try and agree on, in the order of the plan. */
export interface Selection {
  readonly ids: readonly string[];
  /** Ids of those that pass. */
  readonly passing: ReadonlySet<string>;
  /** How many are left out, by why, with one of them as an example. */
  readonly leftOut: ReadonlyMap<string, { count: number; example: string }>;
  /** How many cells the board has of those suites. */
  readonly of: number;
  readonly on: BoardFacts;
}

export async function selectCells(session: Session, lab: string): Promise<Selection> {
  const filters = [...SUITES.flatMap((suite) => ['--suite', suite]), '--tags', `@${SIZE}`];
  const { records, on } = await runHarness(lab, filters);
  const leftOut = new Map<string, { count: number; example: string }>();
  const keep = (whyNot: (record: CellRecord) => string | null) => (record: CellRecord) => {
    const why = whyNot(record);
    if (why === null) return true;
    const { count = 0, example = record.cell } = leftOut.get(why) ?? {};
    leftOut.set(why, { count: count + 1, example });
    return false;
  };
  const candidates = records.filter(keep(incomparable));
  const tried = candidates.map(({ cell }) => cell);
  const inC = new Map((await runCProgram(session, tried, 1)).map((line) => [line.id, line]));
  const same = candidates.filter(
    keep(({ cell, outcome }) => {
      const other = inC.get(cell)?.outcome;
      return other === outcome ? null : `${outcome} here, ${other} in C`;
    }),
  );
  if (same.length === 0) throw new Error(`no cell can be compared: ${[...leftOut.keys()]}`);
  const passing = same.filter(({ outcome }) => outcome === 'pass').map(({ cell }) => cell);
  return {
    ids: same.map(({ cell }) => cell),
    passing: new Set(passing),
    leftOut,
    of: records.length,
    on,
  };
}

function incomparable({ outcome, backend, importer }: CellRecord): string | null {
  if (!COMPARABLE.includes(outcome)) return outcome;
  // Mesa keeps what it imports through a render node (see worker.ts). Tried many times, such a cell
  // has the worker replaced, and its time would be that of a process's start.
  const kept = importer?.kind === 'egl' && /^heap:(?!system)/.test(backend);
  return kept ? 'contiguous memory that Mesa may not give back' : null;
}
