import type { Cell } from '../../suites/cell.ts';
import { compareSides } from '../gate/compare.ts';
import { environmentOf } from '../gate/environment.ts';
import { AXES, type GateBoard, type GateReport, type GateSide, KINDS } from '../gate/model.ts';
import { boardTally } from '../gate/tally.ts';
import { kindTitle } from '../gate/text.ts';
import type { BoardRun } from '../model.ts';
import type { SiteBoard } from './model.ts';

/** Each run against the one before it, by the id of the later one. The first run is not in it. */
export type BoardChanges = ReadonlyMap<string, GateReport>;

/** Significance of all tests of one comparison together, as of `bufmatrix gate`. */
const ALPHA = 0.05;

function gateBoard(run: BoardRun): GateBoard {
  const tally = boardTally(run.plan);
  for (const record of run.records) tally.add(record);
  const cells = new Map<string, Cell>(run.plan.cells.map((cell) => [cell.id, cell]));
  const claimOf = (id: string) => {
    const cell = cells.get(id);
    return cell ? run.claimOf(cell) : null;
  };
  return {
    board: run.board,
    environment: environmentOf({
      inventory: run.inventory,
      virtual: run.virtual,
      profileName: run.profileName,
      profileHash: null,
      harness: run.run?.harness ?? null,
    }),
    incomplete: run.incomplete ?? null,
    cells: tally.done(),
    claimOf,
    rated: run.plan.cells.some(({ id }) => claimOf(id)?.rate),
  };
}

const sideOf = (run: BoardRun): GateSide => ({
  name: run.run?.id ?? 'claims',
  content: run.run?.content ?? null,
  lab: null,
  boards: new Map([[run.board, gateBoard(run)]]),
});

/** What changed from run to run of a board, by the rules of the gate; all that differs is told. */
export function boardChanges({ runs }: SiteBoard): BoardChanges {
  const sides = runs.map(({ matrix }) => sideOf(matrix.run));
  return new Map(
    runs.flatMap((run, at): [string, GateReport][] => {
      const [now, before] = [sides[at], sides[at + 1]];
      if (!now || !before) return [];
      const options = { varies: AXES, alpha: ALPHA, failOn: [], anyway: true };
      return [[run.id, compareSides(before, now, options)]];
    }),
  );
}

/** `new failures: 3 cells; fixed: 1 cell; kernel changed`. */
export function changeWords(report: GateReport | null): string {
  if (!report) return 'the first run';
  const counts = KINDS.flatMap((kind) => {
    const cells = report.transitions
      .filter((one) => one.kind === kind)
      .reduce((sum, one) => sum + one.cells.length, 0);
    return cells ? [`${kindTitle(kind).toLowerCase()}: ${cells}`] : [];
  });
  const axes = report.differences.flatMap(({ axis }) => axis ?? []);
  const said = counts.length ? counts.join('; ') : 'no cell changed';
  return axes.length ? `${said} (other ${axes.join(', ')})` : said;
}
