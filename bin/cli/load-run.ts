import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import {
  type CellParts,
  claimOf,
  isExpected,
  matchExpectation,
  mesaVersionOf,
} from '../../devices/expect.ts';
import { formatProblem, UserError } from '../../devices/problem.ts';
import type { Profile } from '../../devices/profile.ts';
import { StoredProfile } from '../../devices/stored-profile.ts';
import { type BoardFacts, planIndex } from '../../policies/board.ts';
import type { BoardRun } from '../../reports/index.ts';
import { oneLine } from '../../reports/sanitize.ts';
import {
  experimentsFile,
  parseExperiments,
  parseRecords,
  parseRun,
  recordsFile,
  runFile,
} from '../../runners/host/run-files.ts';
import { changeOf, folderOfContent, type Seal, watchSeal } from '../../runners/host/seal.ts';
import type { ExperimentRecord } from '../../suites/diagnose/experiment.ts';
import { factsOf, judge } from '../../suites/judge.ts';
import { markLuck } from '../../suites/luck.ts';
import type { Plan } from '../../suites/plan.ts';
import type { CellRecord } from '../../suites/record.ts';
import type { Run, BoardRun as RunEntry } from '../../suites/run.ts';

/** A board of a run, for reports and for policies. */
export interface LoadedBoard extends BoardRun {
  readonly run: NonNullable<BoardRun['run']> & Seal;
  /** Null where the board was never reached. */
  readonly facts: BoardFacts | null;
}

/** The folder of a run that is named by its id or its content's below `out`, or by a path. */
export function folderOf(name: string, out: string): string {
  const ofContent = folderOfContent(name, out);
  if (ofContent !== null) return ofContent;
  const inside = join(resolve(out), name);
  const here = resolve(name);
  return name.includes('/') || (!existsSync(inside) && existsSync(here)) ? here : inside;
}

/** A run as it was read. */
interface Read {
  readonly run: Run;
  readonly boards: LoadedBoard[];
  readonly seal: Seal;
  /** What is wrong with its files, and what to do, in words. */
  readonly troubles: readonly string[];
}

/** Of runs that were killed in the midst of a record. */
export const CUT =
  'a record at the end was cut by a kill; it is left out, its cell counts as not run';

/** Says once each what is wrong with files that were read. */
export function warnOf(troubles: readonly string[]): void {
  for (const words of new Set(troubles)) process.stderr.write(`bufmatrix: ${oneLine(words)}\n`);
}

/**
 * A run from its folder, as reports take it: judged anew from its facts, by its own profile.
 * @param only this board of it; others' records are not looked at.
 */
export function loadRun(folder: string, only?: string): Read {
  const sealNow = watchSeal(folder);
  const run = parseRun(folder);
  const path = recordsFile(folder);
  const wanted = run.boards.filter(({ board }) => only === undefined || board === only);
  const others = new Set(run.boards.flatMap((one) => (wanted.includes(one) ? [] : [one.board])));
  const { records, cutBytes } = existsSync(path)
    ? parseRecords(path, others)
    : { records: [], cutBytes: 0 };
  const experiments = parseExperiments(experimentsFile(folder), others).records;
  const seal = sealNow();
  const told = { records, experiments, seal };
  const boards = wanted.map((entry) => boardOf(run, entry, told, runFile(folder)));
  const troubles = [
    ...(cutBytes > 0 ? [CUT] : []),
    ...(seal.changed.length ? [formatProblem(changeOf(folder, seal.changed))] : []),
  ];
  return { run, boards, seal, troubles };
}

interface Told {
  readonly records: readonly CellRecord[];
  readonly experiments: readonly ExperimentRecord[];
  readonly seal: Seal;
}

function boardOf(run: Run, entry: RunEntry, all: Told, path: string): LoadedBoard {
  const judgedAnew = <T extends CellRecord>(list: readonly T[]): T[] =>
    list
      .filter((record) => record.board === entry.board)
      .map((record) => ({ ...record, ...judge(record.suite, factsOf(record)) }));
  const records = markLuck(judgedAnew(all.records));
  const experiments = judgedAnew(all.experiments);
  const profile = profileOf(entry, path);
  const kernel = entry.inventory?.kernel.release ?? '';
  const mesa = entry.inventory ? mesaVersionOf(entry.inventory) : null;
  const expectationOf = (cell: CellParts) => matchExpectation(profile, cell, kernel, mesa);
  const { board, inventory } = entry;
  const virtual = isVirtualEntry(entry, profile);
  return {
    facts: inventory && {
      board,
      profile,
      inventory,
      records,
      virtual,
      ...planIndex(entry.plan?.cells.map(({ id }) => id) ?? []),
      runs: [run.id],
      out: null,
    },
    board,
    profileName: entry.profile,
    title: profile.title,
    run: {
      id: run.id,
      startedAt: run.startedAt,
      command: run.command,
      harness: `${run.harness.name} ${run.harness.version}`,
      filtered: Object.keys(run.options.filter).length > 0,
      ...all.seal,
    },
    virtual,
    inventory,
    plan: entry.plan ?? emptyPlan(entry),
    records,
    experiments,
    expected: (record) => {
      const expectation = expectationOf(record);
      return { ...isExpected(record, expectation), reason: expectation?.reason };
    },
    claimOf: (cell) => {
      const expectation = expectationOf(cell);
      return expectation && claimOf(expectation);
    },
    incomplete:
      entry.state === 'complete' ? null : `${entry.state}: ${entry.why ?? 'no reason given'}`,
    findings: entry.findings,
  };
}

/** Also where a virtual machine was reached over ssh: not every one has DMI that tells. */
export const isVirtualEntry = (
  { virtual }: Pick<RunEntry, 'virtual'>,
  { machine }: Pick<Profile, 'machine'>,
): boolean => virtual !== null || machine !== undefined;

/** The profile that the run was judged by, as it was then. @throws UserError where it is none. */
export function profileOf({ board, profileContent }: RunEntry, path: string): Profile {
  const parsed = StoredProfile.safeParse(profileContent);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = ['profileContent', ...(issue?.path ?? [])].map(String).join('.');
  throw new UserError({
    code: 'foreign-record',
    message: `${path}: ${where} of the board ${board}: ${issue?.message ?? 'not a profile'}`,
    hint: 'read it with the bufmatrix that wrote it, or run the board again; the file was not changed',
  });
}

/** A board that was never reached has no plan: it is shown with its reason and no cells. */
export function emptyPlan(entry: RunEntry): Plan {
  return {
    schema: 1,
    board: entry.board,
    profile: entry.profile,
    repeat: 1,
    limits: { cellMs: 1, bufferMiB: 1, modeset: false },
    yuvTolerance: 0,
    cells: [],
  };
}
