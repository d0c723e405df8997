import type { z } from 'zod';

/** What attempts at one cell of one board came to in one run. `R` is what attempts come to. */
export interface CellDigest<R> {
  readonly cell: string;
  /** Empty where it was not tried. */
  readonly results: readonly R[];
  /** Why there are none, where there are none. */
  readonly why: string | null;
}

/** What history needs of one board of a run. `E` is a board's environment. */
export interface BoardDigest<R, E> {
  readonly board: string;
  /** Null where the board was never reached. */
  readonly environment: E | null;
  readonly cells: readonly CellDigest<R>[];
}

/** What history needs of one run. */
export interface RunDigest<R, E> {
  readonly id: string;
  /** `sha256:...` of its files; null where it has not said what they are. */
  readonly content: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly boards: readonly BoardDigest<R, E>[];
}

/** One cell of one board, seen in one run. */
export interface Sighting<R, E> extends CellDigest<R> {
  readonly run: string;
  readonly content: string | null;
  readonly startedAt: string;
  readonly board: string;
  readonly environment: E | null;
}

/** A folder that holds no run that can be read, and why. */
export interface LeftOut {
  readonly folder: string;
  readonly why: string;
}

/** Reads runs for an index, and what it keeps of them back from its file. */
export interface DigestSource<R, E> {
  /** Changes with whatever makes the same files read otherwise: an index of another is made anew. */
  readonly version: string;
  readonly results: z.ZodType<readonly R[]>;
  readonly environment: z.ZodType<E | null>;
  /** @throws Error where the folder holds no run, or a broken one. */
  read(folder: string): RunDigest<R, E>;
}
