import type { Profile } from '../../devices/profile.ts';
import { slugOf } from '../../reports/site/index.ts';
import type { BoardWork, RunsOfBoard } from './board-work.ts';
import type { RunHead } from './run-heads.ts';

/** What is the same for all boards of a site. */
export type SiteOptions = Pick<BoardWork, 'user' | 'library'>;

/** The work of each board that the runs have, and of each profile that is claimed and nobody has run. */
export function planWork(
  heads: readonly RunHead[],
  claims: readonly Profile[],
  options: SiteOptions,
): BoardWork[] {
  const boards = new Set(heads.flatMap((head) => head.boards.map(({ board }) => board)));
  const measured = [...boards].map((board): BoardWork => {
    const own = runsOf(heads, board);
    const names = profilesOf(heads, board);
    const concerned = claims.filter(({ name }) => names.has(name));
    const folder = `boards/${slugOf(board)}`;
    return { ...options, ...own, ...claimsFor(concerned, heads), folder, claimed: false };
  });
  const known = new Set(heads.flatMap((head) => head.boards.map(({ profile }) => profile)));
  const claimed = claims
    .filter(({ name }) => !known.has(name))
    .map((profile): BoardWork => {
      const folder = `claims/${slugOf(profile.name)}`;
      const own = { board: profile.name, runs: [] };
      return { ...options, ...own, ...claimsFor([profile], heads), folder, claimed: true };
    });
  return [...measured, ...claimed];
}

function runsOf(heads: readonly RunHead[], board: string): RunsOfBoard {
  const runs = heads.filter((head) => head.boards.some((one) => one.board === board));
  return { board, runs: runs.map(({ folder, stamp }) => ({ folder, stamp })) };
}

const profilesOf = (heads: readonly RunHead[], board: string): ReadonlySet<string> =>
  new Set(
    heads.flatMap((head) => head.boards.flatMap((one) => (one.board === board ? one.profile : []))),
  );

/** Those profiles, and the boards that may stand in for theirs. */
function claimsFor(
  claims: readonly Profile[],
  heads: readonly RunHead[],
): Pick<BoardWork, 'claims' | 'standIns'> {
  const wanted = new Set(claims.flatMap(({ standIn }) => standIn?.profile ?? []));
  const boards = new Set(
    heads.flatMap((head) =>
      head.boards.flatMap(({ board, profile }) => (wanted.has(profile) ? board : [])),
    ),
  );
  return { claims, standIns: [...boards].map((board) => runsOf(heads, board)) };
}
