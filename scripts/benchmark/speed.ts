import type { Session } from '../../runners/transports/session.ts';
import type { Plan } from '../../suites/plan.ts';
import { runCProgram } from './c-program.ts';
import type { Selection } from './cells.ts';
import { GUEST_FOLDER, NODE } from './guest-folder.ts';
import { arrivals, runHarness } from './harness.ts';
import type { LoopResult } from './loop-on-board.ts';
import { mean } from './samples.ts';
import { shell } from './shell.ts';

/** How often each cell is tried, and how many of its first attempts do not count. */
export const REPEAT = 8;
export const WARM_UP = 2;

/** Microseconds of a warm attempt, the mean over some cells. */
export interface Times {
  /** From record to record. */
  readonly harness: number;
  /** What the records themselves say: from a cell's begin to the end of its clean-up. */
  readonly inCells: number;
  readonly loop: number;
  readonly c: number;
}

/** The same cells in the harness, in the tight loop and in C, one right after the other. */
export interface Pass {
  readonly all: Times;
  readonly suites: ReadonlyMap<string, Times>;
}

export async function measurePass(
  session: Session,
  lab: string,
  selection: Selection,
): Promise<Pass> {
  const { ids } = selection;
  const cells = ids.flatMap((id) => ['--cell', id]);
  const { plan, records, findings } = await runHarness(lab, ['--repeat', `${REPEAT}`, ...cells]);
  if (findings.length > 0) throw new Error(`the run was disturbed:\n${findings.join('\n')}`);
  if (records.length !== ids.length * REPEAT)
    throw new Error(`${records.length} records of ${ids.length} cells`);
  const us = {
    harness: arrivals(records),
    inCells: records.map((record) => record.us),
    c: (await runCProgram(session, ids, REPEAT)).map((line) => line.us),
    loop: await runLoop(session, plan, selection),
  };
  const warm = records.map((_, index) => index).filter((index) => index % REPEAT >= WARM_UP);
  const timesOf = (attempts: readonly number[]): Times => {
    const meanOf = (all: readonly number[]) => mean(attempts.map((at) => all[at] ?? Number.NaN));
    return {
      harness: meanOf(us.harness),
      inCells: meanOf(us.inCells),
      loop: meanOf(us.loop),
      c: meanOf(us.c),
    };
  };
  const bySuite = Map.groupBy(warm, (index) => records[index]?.suite ?? '');
  return {
    all: timesOf(warm),
    suites: new Map([...bySuite].map(([suite, attempts]) => [suite, timesOf(attempts)])),
  };
}

async function runLoop(session: Session, plan: Plan, selection: Selection) {
  const cells = plan.cells.filter(({ skip }) => skip === null);
  const content = Buffer.from(JSON.stringify({ ...plan, cells }));
  await session.put([{ path: 'plan', content, executable: false }], GUEST_FOLDER);
  // It ends by SIGKILL, which is not a failure: what it has said tells.
  const script = `cd ${GUEST_FOLDER}; ${NODE} loop.cjs < plan > said 2> noise; cat said`;
  const text = await shell(session, script);
  if (text === '') throw new Error(await shell(session, `cat ${GUEST_FOLDER}/noise`));
  const { us, failed }: LoopResult = JSON.parse(text);
  const strange = selection.ids.filter((id) => selection.passing.has(id) === failed.includes(id));
  if (strange.length > 0)
    throw new Error(`the loop found something else than the harness:\n${strange.join('\n')}`);
  return us;
}
