import type { VerifyFacts } from '../record.ts';

/** Rows in memory that must equal rows of a table. All in bytes, `rows` in lines. */
export interface Rows {
  readonly table: Buffer;
  /** Where row `y` begins in the table. */
  readonly start: (y: number) => number;
  /** Whether the table's rows follow one another without gap or repetition. */
  readonly solid: boolean;
  readonly rows: number;
  readonly rowBytes: number;
  readonly offset: number;
  readonly stride: number;
  /** Bytes that are counted and shown as one: a pixel, a U+V pair. */
  readonly group: number;
  /** Which pixel the n-th group of a row belongs to, to name the place of a wrong one. */
  readonly place: (index: number, y: number) => { x: number; y: number };
  /** Words before the value of a wrong group: `plane 1: `. */
  readonly label: string;
}

/** What still counts as equal. */
export interface Leniency {
  /** Largest difference of a byte. */
  readonly tolerance: number;
  /** The byte of each group that means nothing (XR24's X), or null. */
  readonly ignored: number | null;
  /** Rows that are not looked at. */
  readonly skip: (y: number) => boolean;
}

export const EXACT: Leniency = { tolerance: 0, ignored: null, skip: () => false };

/** Copies the table's rows to where they belong in `target`. Bytes between rows are not touched. */
export function writeRows(rows: Rows, target: Buffer): void {
  const { table, start, stride, rowBytes, offset } = rows;
  if (rows.solid && stride === rowBytes) {
    table.copy(target, offset, start(0), start(0) + rowBytes * rows.rows);
    return;
  }
  for (let y = 0; y < rows.rows; y++)
    table.copy(target, offset + y * stride, start(y), start(y) + rowBytes);
}

/** Compares by memcmp, and looks at single groups only in rows that differ. */
export function compareRows(
  all: readonly Rows[],
  source: Buffer,
  leniency: Leniency = EXACT,
): VerifyFacts {
  const tally: Tally = { compared: 0, wrong: 0, first: undefined };
  for (const rows of all) {
    if (isWhole(rows, leniency) && sameWhole(rows, source))
      tally.compared += (rows.rows * rows.rowBytes) / rows.group;
    else compareEach(rows, source, leniency, tally);
  }
  const { compared, wrong, first } = tally;
  const facts = { compared, wrong, tolerance: leniency.tolerance, control: 'none' as const };
  return first ? { ...facts, first } : facts;
}

interface Tally {
  compared: number;
  wrong: number;
  first: VerifyFacts['first'];
}

const isWhole = (rows: Rows, leniency: Leniency) =>
  rows.solid && rows.stride === rows.rowBytes && leniency.skip === EXACT.skip;

function sameWhole({ table, start, offset, rows, rowBytes }: Rows, source: Buffer): boolean {
  const bytes = rows * rowBytes;
  return source.compare(table, start(0), start(0) + bytes, offset, offset + bytes) === 0;
}

function compareEach(rows: Rows, source: Buffer, leniency: Leniency, tally: Tally): void {
  const { table, rowBytes } = rows;
  for (let y = 0; y < rows.rows; y++) {
    if (leniency.skip(y)) continue;
    tally.compared += rowBytes / rows.group;
    const expected = rows.start(y);
    const got = rows.offset + y * rows.stride;
    if (source.compare(table, expected, expected + rowBytes, got, got + rowBytes) === 0) continue;
    compareGroups(rows, source, leniency, tally, y);
  }
}

function compareGroups(
  rows: Rows,
  source: Buffer,
  leniency: Leniency,
  tally: Tally,
  y: number,
): void {
  const { table, group, rowBytes, label } = rows;
  const expected = rows.start(y);
  const got = rows.offset + y * rows.stride;
  for (let at = 0; at < rowBytes; at += group) {
    if (sameGroup(table, expected + at, source, got + at, group, leniency)) continue;
    tally.wrong++;
    if (tally.first) continue;
    const hex = (bytes: Buffer, from: number) =>
      label + bytes.toString('hex', from + at, from + at + group);
    tally.first = {
      ...rows.place(at / group, y),
      expected: hex(table, expected),
      got: hex(source, got),
    };
  }
}

function sameGroup(
  a: Buffer,
  atA: number,
  b: Buffer,
  atB: number,
  group: number,
  { tolerance, ignored }: Leniency,
): boolean {
  for (let i = 0; i < group; i++) {
    if (i === ignored) continue;
    const difference = (a[atA + i] ?? 0) - (b[atB + i] ?? 0);
    if (difference > tolerance || -difference > tolerance) return false;
  }
  return true;
}
