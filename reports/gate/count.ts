import type { Cell } from '../../suites/cell.ts';
import type { Tally } from './model.ts';

/** What an attempt came to. `unearned`: this pass is luck if the witness was refused. */
export interface Result extends Omit<Tally, 'lucky' | 'attempts'> {
  /** The same for results that are the same. */
  readonly key: string;
  readonly unearned: boolean;
}

/** A cell while its records come: plain data, which one thread can send to another. */
export interface CellCount {
  readonly cell: Cell;
  readonly attempts: Attempts;
  readonly results: { readonly result: Result; count: number }[];
  notRun: number;
  why: string | null;
}

export function emptyCount(cell: Cell): CellCount {
  return { cell, attempts: { low: 0, rest: null }, results: [], notRun: 0, why: null };
}

export function addResult({ results }: CellCount, result: Result, count: number): void {
  const seen = results.find((one) => one.result.key === result.key);
  if (seen) seen.count += count;
  else results.push({ result, count });
}

/** Adds what later records of the cell came to. @returns false where an attempt is in both. */
export function joinCount(own: CellCount, more: CellCount): boolean {
  for (const { result, count } of more.results) addResult(own, result, count);
  own.notRun += more.notRun;
  own.why ??= more.why;
  return joinAttempts(own.attempts, more.attempts);
}

/** The attempts that a cell has had: a set of small numbers, of which there may be a million. */
interface Attempts {
  /** Bit n is attempt n, below 31. */
  low: number;
  rest: Set<number> | null;
}

/** @returns false where it was there. */
export function addAttempt(attempts: Attempts, attempt: number): boolean {
  if (attempt < 31) {
    const bit = 1 << attempt;
    const isNew = (attempts.low & bit) === 0;
    attempts.low |= bit;
    return isNew;
  }
  attempts.rest ??= new Set();
  const { size } = attempts.rest;
  return attempts.rest.add(attempt).size > size;
}

function joinAttempts(own: Attempts, more: Attempts): boolean {
  const apart = (own.low & more.low) === 0;
  own.low |= more.low;
  return [...(more.rest ?? [])].every((attempt) => addAttempt(own, attempt)) && apart;
}
