import { type Spread, spreadOf } from './samples.ts';

/** What is aimed at, and whether a median reaches it. */
export interface Aim {
  readonly words: string;
  readonly met: (median: number) => boolean;
}

/** A line of the table. */
export interface Row {
  readonly what: string;
  readonly values: readonly number[];
  /** Digits after the point. */
  readonly digits: number;
  readonly aim?: Aim;
}

const WHAT = 34;
const NUMBER = 8;

const line = (what: string, n: string, numbers: readonly string[], aim: string, met: string) =>
  [
    what.padEnd(WHAT),
    n.padStart(2),
    ...numbers.map((number) => number.padStart(NUMBER)),
    `  ${aim.padEnd(8)}`,
    met,
  ]
    .join(' ')
    .trimEnd();

/** The rows in 80 columns, each with its number of samples. */
export function tableOf(rows: readonly Row[]): string {
  return [
    line('', 'n', ['min', 'median', 'max'], 'aim', 'met'),
    ...rows.map((row) => lineOf(row, spreadOf(row.values))),
  ].join('\n');
}

function lineOf({ what, values, digits, aim }: Row, { min, median, max }: Spread): string {
  const numbers = [min, median, max].map((value) => value.toFixed(digits));
  const met = aim === undefined ? '' : aim.met(median) ? 'yes' : 'NO';
  return line(what, String(values.length), numbers, aim?.words ?? '', met);
}
