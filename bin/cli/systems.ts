import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nextName } from '../../devices/closest.ts';
import { mesaVersionOf } from '../../devices/expect.ts';
import { UserError } from '../../devices/problem.ts';
import type { BoardFacts } from '../../policies/board.ts';
import type { BoardHistory } from '../../policies/check.ts';
import { runFile } from '../../runners/host/run-files.ts';
import type { Inventory } from '../../suites/inventory.ts';
import type { CellRecord } from '../../suites/record.ts';
import { type LoadedBoard, loadRun } from './load-run.ts';

/** Which runs: those that are named, else all of the folder. */
export interface RunChoice {
  readonly out: string;
  readonly run?: readonly string[] | undefined;
}

/**
 * What is known of every board that the runs have: its newest system first. Runs of one board on one
 * system (kernel, command line, Mesa) are put together, so that a cell that was missing can be
 * measured later; of each cell its newest run counts.
 */
export function boardHistories(choice: RunChoice): BoardHistory[] {
  const newestFirst = foldersOf(choice)
    .flatMap((folder) => loadRun(folder).boards)
    .filter(({ facts }) => facts !== null)
    .sort((a, b) => (a.run.startedAt < b.run.startedAt ? 1 : -1));
  const boards = Map.groupBy(newestFirst, ({ board }) => board);
  return [...boards.values()]
    .flatMap((entries) => historyOf(entries) ?? [])
    .sort((a, b) => (a.now.board < b.now.board ? -1 : 1));
}

function historyOf(entries: readonly LoadedBoard[]): BoardHistory | null {
  const facts = entries.flatMap((entry) => entry.facts ?? []);
  const systems = [...Map.groupBy(facts, ({ inventory }) => systemKey(inventory)).values()];
  const [now, ...before] = systems.flatMap((system) => together(system) ?? []);
  return now ? { now, before } : null;
}

/** Records of two systems cannot stand for one another. */
function systemKey(inventory: Inventory): string {
  const { release, version, cmdline, machine } = inventory.kernel;
  return [release, version, cmdline, machine, mesaVersionOf(inventory)].join('\n');
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
  const runs = system.flatMap((facts) => facts.runs);
  return { ...newest, records: [...records.values()].flat(), runs };
}

function foldersOf({ out, run }: RunChoice): string[] {
  if (run?.length)
    return run.map((name) => (name.includes('/') ? resolve(name) : join(resolve(out), name)));
  const folder = resolve(out);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const found = names.map((name) => join(folder, name)).filter((path) => existsSync(runFile(path)));
  if (found.length) return found;
  throw new UserError({
    code: 'no-run',
    message: `${out} holds no run, so nothing is measured`,
    hint: 'bufmatrix run BOARD, or name the folder that holds the runs with --out',
  });
}

/** Those boards that are named; all where none is. */
export function chosenBoards(
  histories: readonly BoardHistory[],
  names: readonly string[],
): readonly BoardHistory[] {
  if (names.length === 0) return histories;
  const known = histories.map(({ now }) => now.board);
  return [...new Set(names)].map((name) => {
    const found = histories.find(({ now }) => now.board === name);
    if (found) return found;
    throw new UserError({
      code: 'unknown-name',
      message: `no run has a board ${name}; measured: ${known.join(', ')}`,
      hint: `${nextName(name, known)}, or measure it: bufmatrix run ${name}`,
    });
  });
}
