import type { DeskBoard } from '../../bin/testing/board.ts';
import type { Session } from '../../runners/transports/session.ts';
import { receivedBytes } from './bytes.ts';
import { type Selection, selectCells } from './cells.ts';
import { fillGuestFolder } from './guest-folder.ts';
import { runHarness } from './harness.ts';
import { measurePass, type Pass } from './speed.ts';
import { bareNodeMs, FIRST_CELL, firstRecordMs, sshCommandMs } from './start.ts';

/** How often things are measured. */
export interface Counts {
  readonly passes: number;
  readonly starts: number;
  readonly coldStarts: number;
}

/** Milliseconds of four things one after another, so that a busy minute of this machine is in all of them. */
export interface Start {
  /** To the first record, of a run of one cell and of one of everything. */
  readonly oneMs: number;
  readonly allMs: number;
  readonly nodeMs: number;
  readonly sshMs: number;
}

/** Everything that was measured, sample by sample. */
export interface Figures {
  readonly coldMs: readonly number[];
  readonly starts: readonly Start[];
  readonly receivedBytes: readonly number[];
  readonly selection: Selection;
  readonly passes: readonly Pass[];
}

/**
 * Takes all measurements.
 * @param lab the lab file that knows the board.
 * @param cProgram its file on this machine.
 */
export async function measure(
  board: DeskBoard,
  session: Session,
  { lab, cProgram }: { lab: string; cProgram: string },
  counts: Counts,
  say: (text: string) => void,
): Promise<Figures> {
  const times = async <T>(count: number, what: string, body: () => Promise<T>): Promise<T[]> => {
    const samples: T[] = [];
    for (let n = 1; n <= count; n++) {
      say(`${what}, ${n} of ${count}`);
      samples.push(await body());
    }
    return samples;
  };
  const oneCell = ['--cell', FIRST_CELL];

  const coldMs = await times(counts.coldStarts, 'cold start', async () => {
    await runHarness(lab, [...oneCell, '--clean']);
    return firstRecordMs(lab, oneCell);
  });
  await fillGuestFolder(session, cProgram);
  const starts = await times(counts.starts, 'warm start', async () => ({
    oneMs: await firstRecordMs(lab, oneCell),
    allMs: await firstRecordMs(lab, []),
    nodeMs: await bareNodeMs(session),
    sshMs: await sshCommandMs(board),
  }));
  const bytes = await times(counts.starts, 'bytes', () =>
    receivedBytes(session, () => runHarness(lab, oneCell)),
  );
  say('which cells both programs agree on');
  const selection = await selectCells(session, lab);
  for (const [why, { count, example }] of selection.leftOut)
    say(`left out: ${count} cells, ${why} (${example})`);
  const passes = await times(counts.passes, `${selection.ids.length} cells`, () =>
    measurePass(session, lab, selection),
  );
  return { coldMs, starts, receivedBytes: bytes, selection, passes };
}
