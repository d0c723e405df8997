import { resolve } from 'node:path';
import { UserError } from '../../devices/problem.ts';
import type { Profile } from '../../devices/profile.ts';
import { type Again, attemptsAgain, type CellOfBoard } from '../../reports/gate/confirm.ts';
import { environmentOf } from '../../reports/gate/environment.ts';
import type { Environment, GateSide } from '../../reports/gate/model.ts';
import { contradictions } from '../../reports/gate/same-environment.ts';
import type { RunBoard } from '../../runners/host/run.ts';
import { execution, newRun, rethrow } from './execution.ts';
import { runSide } from './gate-side.ts';
import { chooseBoards, openLab } from './lab.ts';
import { isVirtualEntry } from './load-run.ts';
import { version } from './version.ts';

/** One side of a comparison, and how its boards are reached again. */
interface SideAgain {
  readonly role: 'baseline' | 'candidate';
  readonly side: GateSide;
  /** The lab file that was given for it. */
  readonly lab: string | undefined;
}

/** What of the command line counts here. */
export interface ConfirmFlags {
  readonly baselineLab?: string;
  readonly candidateLab?: string;
  readonly confirm: number | true;
  readonly alpha: number;
  readonly wait?: number;
  readonly out: string;
}

/**
 * Tries cells again on both sides, each on its boards as they were then.
 * @returns null when somebody stopped it.
 * @throws UserError where a board is not as it was.
 */
export async function tryAgain(
  sides: { readonly baseline: GateSide; readonly candidate: GateSide },
  cells: readonly CellOfBoard[],
  flags: ConfirmFlags,
): Promise<Again | null> {
  const { confirm, alpha } = flags;
  const attempts = confirm === true ? attemptsAgain(alpha, cells.length) : confirm;
  const again = (role: SideAgain['role'], lab: string | undefined) =>
    runAgain({ role, side: sides[role], lab }, cells, attempts, flags);
  const baseline = await again('baseline', flags.baselineLab);
  const candidate = baseline && (await again('candidate', flags.candidateLab));
  return baseline && candidate && { baseline, candidate, cells, attempts };
}

async function runAgain(
  again: SideAgain,
  cells: readonly CellOfBoard[],
  repeat: number,
  { out, wait = 0 }: ConfirmFlags,
): Promise<GateSide | null> {
  const { role } = again;
  const ofBoard = Map.groupBy(cells, ({ board }) => board);
  const filter = (own: readonly CellOfBoard[]) => ({
    cell: [...new Set(own.map(({ cell }) => cell))],
  });
  // A baseline file does not say how its boards are reached.
  const lab = again.lab === undefined ? (again.side.lab ?? undefined) : resolve(again.lab);
  const boards = chooseBoards(openLab(lab), [...ofBoard.keys()], false);
  const options = {
    repeat,
    lab: lab ?? null,
    diagnoseSeconds: 0,
    filter: filter(cells),
    filterOf: Object.fromEntries([...ofBoard].map(([board, own]) => [board, filter(own)])),
  };
  const { run, store } = newRun(options, resolve(out));
  try {
    process.stderr.write(`the ${role} again: ${cells.length} cells, ${repeat} attempts each\n`);
    const { summary, interrupted } = await execution(boards, run, store, {
      jobs: 1,
      clean: false,
      waitMs: wait * 1000,
      live: true,
      adapt: (board, { profile }) => onlyAsBefore(board, profile.profile, again),
    });
    if (interrupted) return null;
    rethrow(summary.failures);
  } finally {
    store.close();
  }
  const fresh = runSide(store.folder, out);
  for (const { board, environment } of fresh.boards.values())
    if (environment) refuseOther(board, again, environment);
  return fresh;
}

/** No cell is tried on a board that is not as it was. */
function onlyAsBefore(board: RunBoard, profile: Profile, again: SideAgain): RunBoard {
  return {
    ...board,
    planFor: (inventory) => {
      const { profileHash, virtual } = board.entry;
      const now = environmentOf({
        inventory,
        virtual: isVirtualEntry({ virtual }, profile),
        profileName: profile.name,
        profileHash,
        harness: `bufmatrix ${version}`,
      });
      if (now) refuseOther(board.board, again, now);
      return board.planFor(inventory);
    },
  };
}

function refuseOther(board: string, { role, side }: SideAgain, now: Environment): void {
  const before = side.boards.get(board)?.environment;
  if (!before) return;
  const [first, ...more] = contradictions(before, now).map(({ axis, was, is }) => ({
    message: `${board} is not as it was in the ${role}: its ${axis} is ${is}, and was ${was}`,
    hint: `bring it back, or name a lab file with --${role}-lab whose prepare: does`,
  }));
  if (first) throw new UserError({ code: 'unfit-board', ...first, more });
}
