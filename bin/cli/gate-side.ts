import { existsSync, statSync } from 'node:fs';
import { isExpected, matchExpectation, mesaVersionOf } from '../../devices/expect.ts';
import { UserError } from '../../devices/problem.ts';
import { environmentOf, versionsOf } from '../../reports/gate/environment.ts';
import type { GateBoard, GateSide, Tally } from '../../reports/gate/model.ts';
import { type BoardTally, boardTally } from '../../reports/gate/tally.ts';
import { eachRecord } from '../../runners/host/lean-records.ts';
import { parseRun, recordsFile, runFile } from '../../runners/host/run-files.ts';
import type { Run, BoardRun as RunEntry } from '../../suites/run.ts';
import { readBaseline } from './gate-baseline.ts';
import { emptyPlan, folderOf, profileOf, warnOfCut } from './load-run.ts';

/** A run, by its id below `out` or by its folder, judged anew and counted as its records stream by. */
export function runSide(name: string, out: string): GateSide {
  return sideOfFolder(folderOf(name, out));
}

/** The same, or a baseline file. */
export function baselineSide(name: string, out: string): GateSide {
  const path = folderOf(name, out);
  if (!existsSync(path))
    throw new UserError({
      code: 'no-run',
      message: `${name}: no run in ${out}, no folder and no file of that name`,
      hint: 'name a run, its folder, or a file that --write-baseline wrote',
    });
  return statSync(path).isDirectory() ? sideOfFolder(path) : readBaseline(path);
}

function sideOfFolder(folder: string): GateSide {
  const counted = countFolder(folder);
  warnOfCut([counted]);
  return { name: counted.run.id, boards: counted.boards };
}

/** A run's folder, judged anew and counted. `cut`: its last record is half a line, which is left out. */
export function countFolder(folder: string): { run: Run; cut: boolean } & Pick<GateSide, 'boards'> {
  const run = parseRun(folder);
  const tallies = new Map(
    run.boards.map((entry) => [entry.board, boardTally(entry.plan ?? emptyPlan(entry))]),
  );
  const records = recordsFile(folder);
  const cutBytes = existsSync(records)
    ? eachRecord(records, (record) => tallies.get(record.board)?.add(record) ?? true)
    : 0;
  const boards = run.boards.flatMap((entry): [string, GateBoard][] => {
    const tally = tallies.get(entry.board);
    return tally ? [[entry.board, boardOf(run, entry, tally, runFile(folder))]] : [];
  });
  return { run, boards: new Map(boards), cut: cutBytes > 0 };
}

function boardOf(run: Run, entry: RunEntry, tally: BoardTally, path: string): GateBoard {
  const { board, inventory, state, why } = entry;
  return {
    board,
    environment: environmentOf({
      inventory,
      virtual: entry.virtual !== null,
      profileName: entry.profile,
      profileHash: entry.profileHash,
      harness: `${run.harness.name} ${run.harness.version}`,
    }),
    incomplete: state === 'complete' ? null : `${state}: ${why ?? 'no reason given'}`,
    cells: tally.done(),
    expects: expectationsOf(entry, path),
  };
}

/** Only an entry of the profile makes a result an expected one: what is clean by default is none. */
function expectationsOf(entry: RunEntry, path: string): GateBoard['expects'] {
  const profile = profileOf(entry, path);
  const { inventory, plan } = entry;
  const cells = new Map(plan?.cells.map((cell) => [cell.id, cell]));
  const now = {
    kernel: inventory?.kernel.release ?? '',
    mesa: inventory && mesaVersionOf(inventory),
  };
  const entryFor = (id: string, result: Tally, { kernel, mesa }: typeof now) => {
    const cell = cells.get(id);
    const found = cell ? matchExpectation(profile, cell, kernel, mesa) : null;
    return found && isExpected({ ...result, reason: null }, found).expected ? found : null;
  };
  return (id, result, before) => {
    const found = entryFor(id, result, now);
    if (!found) return null;
    const then = before ? versionsOf(before) : now;
    return { before: entryFor(id, result, then) !== null, reason: found.reason };
  };
}
