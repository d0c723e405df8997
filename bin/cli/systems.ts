import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nextName } from '../../devices/closest.ts';
import { UserError } from '../../devices/problem.ts';
import { type BoardFacts, planIndex, systemsOf } from '../../policies/board.ts';
import type { BoardHistory } from '../../policies/check.ts';
import type { UnmeasuredBoard } from '../../policies/claimed.ts';
import { runFile } from '../../runners/host/run-files.ts';
import type { Inventory } from '../../suites/inventory.ts';
import { markLuck } from '../../suites/luck.ts';
import type { CellRecord } from '../../suites/record.ts';
import { folderOf, type LoadedBoard, loadRun, warnOf } from './load-run.ts';

/** The folder of runs that `run` writes to where it is told nothing else. */
const DEFAULT_OUT = 'results';

/** Which runs: those that are named, else all of the folder. */
export interface RunChoice {
  readonly out: string;
  readonly run?: readonly string[] | undefined;
}

/**
 * What is known of every board that the runs have: its newest system first. Runs of one board on one
 * system (kernel, command line, Mesa, user) are put together, so that a cell that was missing can be
 * measured later; of each cell its newest run counts.
 * @param needed whether it is an error that there is no run at all.
 */
export function boardHistories(choice: RunChoice, needed = true): BoardHistory[] {
  const runs = runFolders(choice, needed).map((folder) => loadRun(folder));
  warnOf(runs.flatMap(({ troubles }) => troubles));
  return historiesOf(
    runs.flatMap(({ boards }) => boards),
    choice.out,
  );
}

/**
 * The same of runs that are loaded already.
 * @param out the folder that they are in; left out where readers are elsewhere, and have another.
 */
export function historiesOf(loaded: readonly LoadedBoard[], out = DEFAULT_OUT): BoardHistory[] {
  const newestFirst = loaded
    .filter(({ facts }) => facts !== null)
    .sort((a, b) => (a.run.startedAt < b.run.startedAt ? 1 : -1));
  const boards = Map.groupBy(newestFirst, ({ board }) => board);
  return [...boards.values()]
    .flatMap((entries) => historyOf(entries, out === DEFAULT_OUT ? null : out) ?? [])
    .sort((a, b) => (a.now.board < b.now.board ? -1 : 1));
}

function historyOf(entries: readonly LoadedBoard[], out: string | null): BoardHistory | null {
  const facts = entries.flatMap((entry) => (entry.facts ? [{ ...entry.facts, out }] : []));
  const [now, ...before] = systemsOf(facts).flatMap((system) => together(system) ?? []);
  return now ? { now, before } : null;
}

/** @param system one system's runs, newest first. */
function together(system: readonly BoardFacts[]): BoardFacts | null {
  const [newest] = system;
  if (!newest) return null;
  const records = new Map<string, readonly CellRecord[]>();
  for (const { records: all } of system) {
    const cells = Map.groupBy(
      all.filter(({ outcome }) => outcome !== 'not-run'),
      ({ cell }) => cell,
    );
    for (const [cell, attempts] of cells) if (!records.has(cell)) records.set(cell, attempts);
  }
  return {
    ...newest,
    inventory: filledUp(newest.inventory, system),
    ...planIndex(system.flatMap(({ cells }) => [...cells])),
    // Anew: a witness may stand in another run than what it testifies to.
    records: markLuck([...records.values()].flat()),
    runs: system.flatMap((facts) => facts.runs),
  };
}

/** A run that a filter left few cells of did not ask for Mesa, or for heaps' regions: others did. */
function filledUp(newest: Inventory, system: readonly BoardFacts[]): Inventory {
  const all = system.map(({ inventory }) => inventory);
  const withMesa = all.find(({ egl }) => egl.length > 0);
  const withRegions = all.find(({ heaps }) => heaps.some(({ region }) => region !== null));
  return { ...newest, egl: (withMesa ?? newest).egl, heaps: (withRegions ?? newest).heaps };
}

/** The folders of those runs. @throws UserError where some are needed and there is none. */
export function runFolders({ out, run }: RunChoice, needed: boolean): string[] {
  if (run?.length) return run.map((name) => folderOf(name, out));
  const folder = resolve(out);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const found = names.map((name) => join(folder, name)).filter((path) => existsSync(runFile(path)));
  if (found.length || !needed) return found;
  throw new UserError({
    code: 'no-run',
    message: `${out} holds no run, so nothing is measured`,
    hint: 'bufmatrix run BOARD, or name the folder that holds the runs with --out',
  });
}

/** The boards that are asked about: those that were measured, and those of which there are only claims. */
export interface AskedBoards {
  readonly measured: readonly BoardHistory[];
  readonly unmeasured: readonly UnmeasuredBoard[];
}

/**
 * Those boards that are named; all that were measured where none is. One that no run has is looked
 * up among the boards of the lab and the profiles: of it there are only claims.
 */
export function askedBoards(
  histories: readonly BoardHistory[],
  names: readonly string[],
  known: () => readonly UnmeasuredBoard[],
): AskedBoards {
  if (names.length === 0) return { measured: histories, unmeasured: [] };
  const measured: BoardHistory[] = [];
  const unmeasured: UnmeasuredBoard[] = [];
  for (const name of new Set(names)) {
    const found = histories.find(({ now }) => now.board === name);
    const other = found ? undefined : known().find(({ board }) => board === name);
    if (found) measured.push(found);
    else if (other) unmeasured.push(other);
    else
      throw unknownBoard(name, [
        ...histories.map(({ now }) => now.board),
        ...known().map(({ board }) => board),
      ]);
  }
  return { measured, unmeasured };
}

function unknownBoard(name: string, all: readonly string[]): UserError {
  const known = [...new Set(all)].sort();
  return new UserError({
    code: 'unknown-name',
    message: `unknown board ${name}; known: ${known.join(', ')}`,
    hint: nextName(name, known),
  });
}
