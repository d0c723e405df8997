import { z } from 'zod';
import { SUITES } from '../../suites/cell.ts';
import { slotLetter, verdictOf } from '../describe.ts';
import { KINDS, kindClass, mesaVersions } from '../environment.ts';
import { GLYPHS } from '../glyphs.ts';
import { type BoardMatrix, type Slot, slotOf } from '../matrix.ts';
import { overviewOf, passShare } from '../overview.ts';
import { oneLine } from '../sanitize.ts';
import { type SiteBoard, type SiteRun, startOf } from './model.ts';

const State = z.enum(GLYPHS.map(({ state }) => state));

/** All formats and sizes of one importer and one column of backends. */
const Place = z.strictObject({
  column: z.string(),
  state: State,
  letter: z.string(),
  /** `4/6` passed; empty where all came out alike. */
  share: z.string(),
  unexpected: z.boolean(),
});
export type Place = z.infer<typeof Place>;

/** One importer of the board in one suite: a row of the overview. */
const Line = z.strictObject({
  suite: z.enum(SUITES),
  /** Empty for the suites without one. */
  importer: z.string(),
  places: z.array(Place),
  /** Ids of its cells, by which the overview is searched. */
  cells: z.array(z.string()),
});

const DigestRun = z.strictObject({
  /** The name of its pages. */
  id: z.string(),
  /** The run's own id; null for claims. */
  run: z.string().nullable(),
  startedAt: z.string().nullable(),
  kernel: z.string().nullable(),
});

/**
 * All that the pages of all boards together say of one board, as plain data: what is kept of a board
 * that did not change from one publish to the next.
 */
export const BoardDigest = z.strictObject({
  board: z.string(),
  /** The board's name, as pages say it. */
  label: z.string(),
  folder: z.string(),
  kind: z.enum(KINDS),
  title: z.string(),
  kernel: z.string(),
  mesa: z.string(),
  incomplete: z.string().nullable(),
  verdict: z.string(),
  /** Whether something was measured, and all of it is as expected. */
  good: z.boolean(),
  unexpected: z.int(),
  states: z.record(z.string(), z.int()),
  /** The run that the board's page shows. */
  newest: DigestRun,
  /** Newest first. */
  runs: z.array(DigestRun),
  lines: z.array(Line),
});
export type BoardDigest = z.infer<typeof BoardDigest>;

/** Drivers of a kind share a column, or a hundred boards would need a hundred of them; heaps do not. */
function columnOf(backend: string): string {
  const [kind = ''] = backend.split(':', 1);
  return kind === 'heap' ? backend : kind;
}

const placeOf = (column: string, slot: Slot): Place => ({
  column,
  state: slot.state,
  letter: slotLetter(slot),
  share: passShare(slot),
  unexpected: slot.unexpected > 0,
});

function linesOf(matrix: BoardMatrix): BoardDigest['lines'] {
  return overviewOf([matrix]).sections.flatMap(({ suite, lines }) =>
    lines.map(({ importer, slots }) => {
      const cells = [...slots.values()].flatMap((slot) => slot.cells);
      const placed = Map.groupBy(cells, ({ cell }) => columnOf(cell.backend));
      return {
        suite,
        importer,
        places: [...placed].map(([column, members]) => placeOf(column, slotOf(members))),
        cells: cells.map(({ cell }) => cell.id),
      };
    }),
  );
}

function runOf(one: SiteRun): BoardDigest['newest'] {
  const { run, inventory } = one.matrix.run;
  return {
    id: one.id,
    run: run?.id ?? null,
    startedAt: startOf(one) || null,
    kernel: inventory?.kernel.release ?? null,
  };
}

/** The board by the run that its page shows, and the list of all its runs. */
export function digestOf({ name, folder, runs, newest }: SiteBoard): BoardDigest {
  const { run, counts } = newest.matrix;
  const { inventory, incomplete = null } = run;
  const limits = [
    ...(incomplete ? ['not complete'] : []),
    ...(run.run?.filtered ? [`of ${counts.measured} cells only`] : []),
  ];
  return {
    board: run.board,
    label: name,
    folder,
    kind: kindClass(run),
    title: run.title,
    kernel: inventory ? oneLine(inventory.kernel.release) : '',
    mesa: inventory ? oneLine(mesaVersions(inventory).join(', ')) : '',
    incomplete,
    verdict: [verdictOf(counts), ...limits].join(', '),
    good: counts.unexpected === 0 && counts.measured > 0 && !incomplete,
    unexpected: counts.unexpected,
    states: Object.fromEntries(GLYPHS.map(({ state }) => [state, counts.states.get(state) ?? 0])),
    newest: runOf(newest),
    runs: runs.map(runOf),
    lines: linesOf(newest.matrix),
  };
}
