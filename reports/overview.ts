import { SUITES, type SuiteName } from '../suites/cell.ts';
import { UNMEASURED } from './glyphs.ts';
import {
  type BoardMatrix,
  compareBackends,
  compareImporters,
  type Row,
  type Slot,
  slotOf,
} from './matrix.ts';

/** One importer of one board: all its formats and sizes of a suite in one place a backend. */
export interface OverviewLine {
  readonly board: BoardMatrix;
  readonly importer: string;
  /** By the row's label. */
  readonly slots: ReadonlyMap<string, Slot>;
}

/** One suite across all boards. */
export interface OverviewSection {
  readonly suite: SuiteName;
  readonly lines: readonly OverviewLine[];
}

/** All boards beside one another. */
export interface Overview {
  /** Backends of any board, those of all sections alike. */
  readonly rows: readonly Row[];
  readonly sections: readonly OverviewSection[];
}

function lineOf(board: BoardMatrix, suite: SuiteName, importer: string): OverviewLine {
  const slots = new Map<string, Slot>();
  for (const row of board.rows) {
    const cells = board.groups
      .filter((group) => group.suite === suite && group.importer === importer)
      .flatMap((group) => group.formats.map((format) => board.slot(row, group, format)))
      .flatMap((slot) => slot?.cells ?? []);
    if (cells.length) slots.set(row.label, slotOf(cells));
  }
  return { board, importer, slots };
}

/** Boards by suite, importer and backend, so that two boards' answers stand under one another. */
export function overviewOf(boards: readonly BoardMatrix[]): Overview {
  const rows = new Map<string, Row>();
  for (const board of boards) for (const row of board.rows) rows.set(row.label, row);
  const sections = SUITES.map((suite) => ({
    suite,
    lines: boards
      .flatMap((board) =>
        board.groups
          .filter((group) => group.suite === suite)
          .map((group) => lineOf(board, suite, group.importer)),
      )
      // The sort is stable: boards keep their order below one importer.
      .sort((a, b) => compareImporters(a.importer, b.importer)),
  }));
  return {
    rows: [...rows.values()].sort(
      (a, b) => compareBackends(a.backend, b.backend) || (a.label < b.label ? -1 : 1),
    ),
    sections: sections.filter((section) => section.lines.length > 0),
  };
}

/** `4/6` where a place holds several cells that came out differently; else empty. */
export function passShare(slot: Slot): string {
  if (!slot.differ) return '';
  const ran = slot.cells.filter((entry) => !UNMEASURED.has(entry.state));
  if (!ran.length) return '';
  const passed = ran.filter((entry) => entry.state === 'pass' || entry.state === 'lucky');
  return `${passed.length}/${ran.length}`;
}
