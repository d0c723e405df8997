import { z } from 'zod';
import type { Cell } from '../cell.ts';
import { CellRecord } from '../record.ts';
import { VARIATIONS, type Variation } from '../variation.ts';

/** What an experiment asks, as a change to a cell that failed. */
export const QUESTIONS = {
  'one-page': 'the same memory, one page of it, which is contiguous whatever it is made of',
  'two-pages': 'two pages that cannot be contiguous, so that a small size alone is no help',
  contiguous: 'the same frame in memory that is contiguous by construction',
  smaller: 'the same in half the width and height',
  'other-format': 'the same in XR24',
  stride: 'the same picture with other strides',
  offset: "the same picture with each plane at a page's start",
  padding: 'the same picture with rows and bytes to spare',
} as const satisfies Readonly<Record<string, string>>;
export type Question = keyof typeof QUESTIONS;

const isQuestion = (name: string): name is Question => name in QUESTIONS;

/** One line of experiments.ndjson: an attempt at a cell that no matrix counts, and what it was for. */
export const ExperimentRecord = CellRecord.extend({
  /** What was changed; see QUESTIONS in suites/diagnose/experiment.ts. */
  question: z.enum(Object.keys(QUESTIONS).filter(isQuestion)),
  /** How the frame lies in memory, where that is what was changed. */
  variation: z.enum(VARIATIONS).nullable(),
  /** Ids of the cells whose cause it is to tell. */
  of: z.array(z.string()),
});
export type ExperimentRecord = z.infer<typeof ExperimentRecord>;

/** An experiment that is to be made. */
export interface Experiment {
  readonly question: Question;
  /** Its id has a seventh part where there is a variation. */
  readonly cell: Cell;
  readonly variation: Variation | null;
  readonly of: readonly string[];
}
