import { existsSync, statSync } from 'node:fs';
import { claimOf, matchExpectation, mesaVersionOf } from '../../devices/expect.ts';
import { UserError } from '../../devices/problem.ts';
import type { Profile } from '../../devices/profile.ts';
import { environmentOf } from '../../reports/gate/environment.ts';
import type { GateBoard, GateSide, Versions } from '../../reports/gate/model.ts';
import { type BoardTally, boardTally } from '../../reports/gate/tally.ts';
import { parseRun, recordsFile, runFile } from '../../runners/host/run-files.ts';
import { refuseChanged, type Seal, watchSeal } from '../../runners/host/seal.ts';
import type { Run, BoardRun as RunEntry } from '../../suites/run.ts';
import { countRecords } from './count-records.ts';
import { readBaseline } from './gate-baseline.ts';
import { CUT, emptyPlan, folderOf, isVirtualEntry, profileOf, warnOf } from './load-run.ts';

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
  if (counted.cut) warnOf([CUT]);
  const { run, boards, content } = counted;
  return { name: run.id, content, lab: run.options.lab, boards };
}

/**
 * A run's folder, judged anew and counted. `cut`: its last record is half a line, which is left out.
 * @throws UserError also where its files are not what it has left.
 */
export function countFolder(
  folder: string,
): { run: Run; cut: boolean } & Pick<GateSide, 'boards' | 'content'> {
  const sealNow = watchSeal(folder);
  const run = parseRun(folder);
  let seal: Seal | null = null;
  const hash = () => {
    seal = sealNow();
  };
  const empty = () =>
    new Map(run.boards.map((entry) => [entry.board, boardTally(entry.plan ?? emptyPlan(entry))]));
  const records = recordsFile(folder);
  const { tallies, cut } = existsSync(records)
    ? countRecords(records, empty, { meanwhile: hash })
    : { tallies: empty(), cut: 0 };
  const { content, changed } = seal ?? sealNow();
  refuseChanged(folder, changed);
  const boards = run.boards.flatMap((entry): [string, GateBoard][] => {
    const tally = tallies.get(entry.board);
    return tally ? [[entry.board, boardOf(run, entry, tally, runFile(folder))]] : [];
  });
  return { run, content, boards: new Map(boards), cut: cut > 0 };
}

function boardOf(run: Run, entry: RunEntry, tally: BoardTally, path: string): GateBoard {
  const { board, inventory, state, why } = entry;
  const profile = profileOf(entry, path);
  return {
    board,
    environment: environmentOf({
      inventory,
      virtual: isVirtualEntry(entry, profile),
      profileName: entry.profile,
      profileHash: entry.profileHash,
      harness: `${run.harness.name} ${run.harness.version}`,
    }),
    incomplete: state === 'complete' ? null : `${state}: ${why ?? 'no reason given'}`,
    cells: tally.done(),
    claimOf: claimsOf(entry, profile),
    rated: profile.expect.some(({ rate }) => rate !== undefined),
  };
}

/** Only an entry of the profile makes a result a known one: what is clean by default is no expectation. */
function claimsOf({ inventory, plan }: RunEntry, profile: Profile): GateBoard['claimOf'] {
  const cells = new Map(plan?.cells.map((cell) => [cell.id, cell]));
  const own: Versions = {
    kernel: inventory?.kernel.release ?? '',
    mesa: inventory && mesaVersionOf(inventory),
  };
  return (id, { kernel, mesa } = own) => {
    const cell = cells.get(id);
    const expectation = cell ? matchExpectation(profile, cell, kernel, mesa) : null;
    return expectation && claimOf(expectation);
  };
}
