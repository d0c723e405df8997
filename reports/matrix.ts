import { IMPORTER_KINDS, SUITES, type SuiteName } from '../suites/cell.ts';
import { FORMATS } from '../suites/formats.ts';
import { foldCells, importerLabel } from './fold.ts';
import { type CellState, GLYPHS, UNMEASURED, worst } from './glyphs.ts';
import type { BoardRun, MatrixCell } from './model.ts';
import { standInCells } from './stand-in.ts';

/** The cells that share one place of a table. */
export interface Slot {
  /** By size. */
  readonly cells: readonly MatrixCell[];
  /** The worst of them. */
  readonly state: CellState;
  /** The cells do not all have one state. */
  readonly differ: boolean;
  /** How many are not as expected. */
  readonly unexpected: number;
}

/** A line of a table: a backend, told apart by modifier where a backend was asked for several. */
export interface Row {
  readonly key: string;
  readonly label: string;
  readonly backend: string;
}

/** The columns of one suite and one importer. */
export interface ColumnGroup {
  readonly suite: SuiteName;
  /** Empty for allocate and cpu. */
  readonly importer: string;
  readonly formats: readonly string[];
}

/** How many cells there are of each state, and in all. */
export interface Counts {
  readonly total: number;
  readonly states: ReadonlyMap<CellState, number>;
  readonly unexpected: number;
  /** Cells that a run was to try: all but the filtered, the claimed and the unknown ones. */
  readonly measured: number;
  /** Attempts that the plan wants and that no record shows. */
  readonly missing: number;
}

/** One board's page. */
export interface BoardMatrix {
  readonly run: BoardRun;
  /** The board's name; with the run's id where a board stands in the report more than once. */
  readonly label: string;
  readonly cells: readonly MatrixCell[];
  readonly rows: readonly Row[];
  readonly groups: readonly ColumnGroup[];
  readonly counts: Counts;
  readonly slot: (row: Row, group: ColumnGroup, format: string) => Slot | undefined;
}

const BACKEND_KINDS = ['udmabuf', 'udmabuf-scattered', 'heap', 'dumb', 'gbm', 'v4l2'];

const rowKey = ({ cell }: MatrixCell) => `${cell.backend} ${cell.modifier ?? '-'}`;
const groupKey = (suite: string, importer: string) => `${suite} ${importer}`;
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const rankIn = (list: readonly string[], name: string) => {
  const at = list.indexOf(name);
  return at < 0 ? list.length : at;
};
const backendRank = (backend: string) => rankIn(BACKEND_KINDS, backend.split(':', 1)[0] ?? '');

/** Backends from the one that programs use first to those of single drivers, then by name. */
export function compareBackends(a: string, b: string): number {
  return backendRank(a) - backendRank(b) || byText(a, b);
}

/** Importers by kind, then by driver. */
export function compareImporters(a: string, b: string): number {
  const rank = (name: string) => rankIn(IMPORTER_KINDS, name.split(':', 1)[0] ?? '');
  return rank(a) - rank(b) || byText(a, b);
}

const formatNames = FORMATS.map((format) => format.name);
const compareFormats = (a: string, b: string) =>
  rankIn(formatNames, a) - rankIn(formatNames, b) || byText(a, b);

/** Several cells as one place of a table. */
export function slotOf(cells: readonly MatrixCell[]): Slot {
  const bySize = [...cells].sort(
    (a, b) =>
      compareFormats(a.cell.format, b.cell.format) ||
      a.cell.width * a.cell.height - b.cell.width * b.cell.height ||
      byText(a.cell.id, b.cell.id),
  );
  // What was left out by a filter, or is only claimed, says nothing beside what ran.
  const ran = bySize.filter((entry) => !UNMEASURED.has(entry.state));
  const states = (ran.length ? ran : bySize).map((entry) => entry.state);
  return {
    cells: bySize,
    state: worst(states),
    differ: ran.length > 0 && new Set(states).size > 1,
    unexpected: bySize.filter((entry) => !entry.expected).length,
  };
}

/** Counts cells by state; every state has an entry. */
export function countCells(cells: readonly MatrixCell[]): Counts {
  const states = new Map<CellState, number>(GLYPHS.map(({ state }) => [state, 0]));
  for (const { state } of cells) states.set(state, (states.get(state) ?? 0) + 1);
  return {
    total: cells.length,
    states,
    unexpected: cells.filter((entry) => !entry.expected).length,
    measured: cells.filter((entry) => !UNMEASURED.has(entry.state)).length,
    missing: cells.reduce((sum, entry) => sum + entry.missing, 0),
  };
}

function layoutLabel(modifier: string | null): string {
  if (modifier === null) return 'own layout';
  return modifier === '0x0' ? 'linear' : modifier;
}

function rowsOf(cells: readonly MatrixCell[]): Row[] {
  const modifiers = new Map<string, Set<string | null>>();
  for (const { cell } of cells) {
    const known = modifiers.get(cell.backend) ?? new Set();
    modifiers.set(cell.backend, known.add(cell.modifier));
  }
  const several = (backend: string) => (modifiers.get(backend)?.size ?? 0) > 1;
  const rows = new Map<string, Row & { readonly modifier: string | null }>();
  for (const entry of cells) {
    const { backend, modifier } = entry.cell;
    const label =
      several(backend) || (modifier !== null && modifier !== '0x0')
        ? `${backend} (${layoutLabel(modifier)})`
        : backend;
    rows.set(rowKey(entry), { key: rowKey(entry), label, backend, modifier });
  }
  const rank = (modifier: string | null) => (modifier === '0x0' ? '' : (modifier ?? '~'));
  return [...rows.values()].sort(
    (a, b) => compareBackends(a.backend, b.backend) || byText(rank(a.modifier), rank(b.modifier)),
  );
}

function groupsOf(cells: readonly MatrixCell[]): ColumnGroup[] {
  const groups = Map.groupBy(cells, ({ cell }) => groupKey(cell.suite, importerLabel(cell)));
  return [...groups.values()]
    .flatMap((members): ColumnGroup[] => {
      const first = members[0]?.cell;
      if (!first) return [];
      const formats = [...new Set(members.map(({ cell }) => cell.format))].sort(compareFormats);
      return [{ suite: first.suite, importer: importerLabel(first), formats }];
    })
    .sort(
      (a, b) =>
        rankIn(SUITES, a.suite) - rankIn(SUITES, b.suite) ||
        compareImporters(a.importer, b.importer),
    );
}

/** One board's records as a table: rows backends, columns importers and formats. Pure. */
export function boardMatrix(run: BoardRun, label = run.board): BoardMatrix {
  const beside = standInCells(run);
  const cells = foldCells(run).map((entry) =>
    UNMEASURED.has(entry.state) ? { ...entry, standIn: beside(entry.cell) } : entry,
  );
  const slots = new Map<string, Slot>();
  const placed = Map.groupBy(cells, (entry) => {
    const { suite, format } = entry.cell;
    return [rowKey(entry), groupKey(suite, importerLabel(entry.cell)), format].join('\n');
  });
  for (const [key, members] of placed) slots.set(key, slotOf(members));
  return {
    run,
    label,
    cells,
    rows: rowsOf(cells),
    groups: groupsOf(cells),
    counts: countCells(cells),
    slot: (row, group, format) =>
      slots.get([row.key, groupKey(group.suite, group.importer), format].join('\n')),
  };
}

/**
 * What was measured on the board's stand-in, in the places of the board's own cells: only for tables
 * that say so. Null where nothing was.
 */
export function standInMatrix(board: BoardMatrix): BoardMatrix | null {
  const slot: BoardMatrix['slot'] = (row, group, format) => {
    const cells = board.slot(row, group, format)?.cells.flatMap((entry) => entry.standIn ?? []);
    return cells?.length ? { ...slotOf(cells), unexpected: 0 } : undefined;
  };
  const has = (row: Row, group: ColumnGroup) =>
    group.formats.some((format) => slot(row, group, format));
  const rows = board.rows.filter((row) => board.groups.some((group) => has(row, group)));
  const groups = board.groups.filter((group) => rows.some((row) => has(row, group)));
  return rows.length ? { ...board, rows, groups, slot } : null;
}

/** How many cells of all boards are not as expected. */
export function countUnexpected(runs: readonly BoardRun[]): number {
  return runs.reduce((sum, run) => sum + boardMatrix(run).counts.unexpected, 0);
}

/** All boards, each under a label of its own. */
export function boardMatrices(runs: readonly BoardRun[]): BoardMatrix[] {
  const times = Map.groupBy(
    runs.filter((run) => run.run),
    (run) => run.board,
  );
  return runs.map((run) => {
    if (!run.run) return boardMatrix(run, `${run.board} (claimed)`);
    const again = (times.get(run.board)?.length ?? 0) > 1;
    return boardMatrix(run, again ? `${run.board} (${run.run.id})` : run.board);
  });
}
