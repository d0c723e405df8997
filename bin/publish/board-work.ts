import type { Profile } from '../../devices/profile.ts';
import { type BoardHistory, checkPolicies } from '../../policies/check.ts';
import { claimedVerdicts } from '../../policies/claimed.ts';
import type { Library } from '../../policies/load.ts';
import type { User } from '../../policies/user.ts';
import type { Verdict } from '../../policies/verdict.ts';
import { type BoardPart, boardFiles, siteBoards } from '../../reports/site/index.ts';
import { withClaims } from '../cli/claims.ts';
import { type LoadedBoard, loadRun } from '../cli/load-run.ts';
import { historiesOf } from '../cli/systems.ts';
import { sha256 } from './sealed-file.ts';

/** One board of some runs. */
export interface RunsOfBoard {
  readonly board: string;
  /** Folders, each with what changes when its files do. */
  readonly runs: readonly { readonly folder: string; readonly stamp: string }[];
}

/** All that the files of one board hang on. Plain data: it is sent to threads, and keyed by its hash. */
export interface BoardWork extends RunsOfBoard {
  /** Relative to the site's folder; no other board has it. */
  readonly folder: string;
  /** Nobody has run it: what is shown are the claims of the profile of its name. */
  readonly claimed: boolean;
  /** Profiles whose claims are shown where nobody has measured, as far as the board is concerned. */
  readonly claims: readonly Profile[];
  /** Boards that may stand in for those of the profiles. */
  readonly standIns: readonly RunsOfBoard[];
  readonly user: User | null;
  readonly library: Library;
}

/** A file of the site. */
export interface MadeFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256 of it in hex. */
  readonly sum: string;
}

/** What became of a board. */
export interface MadeBoard extends BoardPart {
  readonly files: readonly MadeFile[];
  /** What is wrong with files of its runs, in words. */
  readonly troubles: readonly string[];
}

/** Makes all files of one board, from its runs alone. @throws UserError of a run that is broken. */
export function makeBoard(work: BoardWork): MadeBoard {
  const own = load(work);
  const beside = work.standIns.flatMap((one) => load(one).boards);
  const runs = withClaims([...own.boards, ...beside], work.claims).filter(({ run, board }) =>
    work.claimed ? run === null && board === work.board : run !== null && board === work.board,
  );
  const [board] = siteBoards(runs);
  if (!board) throw new Error(`nothing is known of the board ${work.board}`);
  const { files, digest, policies } = boardFiles(board, verdictsOf(work, own.boards, beside));
  return {
    files: [...files].map(([path, text]) => madeFile(path, text)),
    digest,
    policies,
    troubles: own.troubles,
  };
}

export function madeFile(path: string, text: string): MadeFile {
  const bytes = new TextEncoder().encode(text);
  return { path, bytes, sum: sha256(bytes) };
}

function load({ runs, board }: RunsOfBoard): { boards: LoadedBoard[]; troubles: string[] } {
  const loaded = runs.map(({ folder }) => loadRun(folder, board));
  return {
    boards: loaded.flatMap(({ boards }) => boards),
    troubles: loaded.flatMap(({ troubles }) => troubles),
  };
}

function verdictsOf(
  { claimed, claims, user, library }: BoardWork,
  own: readonly LoadedBoard[],
  beside: readonly LoadedBoard[],
): Verdict[] {
  const { policies, useCases } = library;
  const histories = (loaded: readonly LoadedBoard[]): BoardHistory[] => historiesOf(loaded);
  if (!claimed) return checkPolicies(histories(own), policies, useCases, user);
  const boards = claims.map((profile) => ({ board: profile.name, profile, inLab: false }));
  return claimedVerdicts(boards, histories(beside), policies, useCases, user);
}
