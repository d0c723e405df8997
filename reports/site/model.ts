import type { Verdict } from '../../policies/verdict.ts';
import type { BoardMatrix } from '../matrix.ts';
import { boardMatrix } from '../matrix.ts';
import type { BoardRun } from '../model.ts';
import { contentId, slugOf } from './identity.ts';

/** Text by path, with `/` between folders, relative to the site's folder. */
export type SiteFiles = ReadonlyMap<string, string>;

/** All that a site is made of. */
export interface SiteInput {
  /** In any order; several runs a board. Those without a run are claims. */
  readonly runs: readonly BoardRun[];
  /** What policies come to on these boards; none: there is no page about it. */
  readonly verdicts: readonly Verdict[];
}

/** One run of a board, or a profile's claims. */
export interface SiteRun {
  /** The name of its frozen page: a hash of what the board said. */
  readonly id: string;
  readonly matrix: BoardMatrix;
}

/** One board with everything that is known of it. */
export interface SiteBoard {
  readonly name: string;
  /** Relative to the site's folder: `boards/desk-pi4`. */
  readonly folder: string;
  /** Newest first. */
  readonly runs: readonly SiteRun[];
  /** The one that the board's page shows: the newest of all cells; where there is none, of some. */
  readonly newest: SiteRun;
  /** Runs after that one, of some cells only. */
  readonly leftOut: readonly SiteRun[];
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Boards by name, each with its runs, newest first; claims alone are a board of their own. */
export function siteBoards(runs: readonly BoardRun[]): SiteBoard[] {
  const boards = Map.groupBy(
    runs,
    (run) => `${run.run ? 'boards' : 'claims'}/${slugOf(run.board)}`,
  );
  return [...boards]
    .flatMap(([folder, entries]): SiteBoard[] => {
      const made = new Map<string, SiteRun>();
      for (const run of entries) {
        const id = contentId(run);
        // The same run that is named twice is one run.
        const label = run.run ? run.board : `${run.board} (claimed)`;
        if (!made.has(id)) made.set(id, { id, matrix: boardMatrix(run, label) });
      }
      const newestFirst = [...made.values()].sort(
        (a, b) => byText(startOf(b), startOf(a)) || byText(a.id, b.id),
      );
      const whole = newestFirst.findIndex(({ matrix }) => !matrix.run.run?.filtered);
      const newest = newestFirst[Math.max(0, whole)];
      const leftOut = newestFirst.slice(0, Math.max(0, whole));
      return newest
        ? [{ name: newest.matrix.label, folder, runs: newestFirst, newest, leftOut }]
        : [];
    })
    .sort((a, b) => byText(a.name, b.name) || byText(a.folder, b.folder));
}

/** When it was started, ISO 8601; empty for claims. */
export const startOf = ({ matrix }: SiteRun): string => matrix.run.run?.startedAt ?? '';
