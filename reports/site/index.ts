import type { Verdict } from '../../policies/verdict.ts';
import { jsonOf } from '../json.ts';
import { safeJson } from '../sanitize.ts';
import { type Assets, siteAssets } from './assets.ts';
import { badge } from './badge.ts';
import { boardPage, frozenPage } from './board-page.ts';
import { boardChanges } from './changes.ts';
import { comparePage } from './compare-page.ts';
import { historyFile, runDataFile } from './data-file.ts';
import { type BoardDigest, digestOf } from './digest.ts';
import { feed } from './feed.ts';
import { shortHash } from './identity.ts';
import { type SiteBoard, type SiteFiles, type SiteInput, siteBoards } from './model.ts';
import { overviewJson } from './overview-json.ts';
import { overviewPage, sectionsOf } from './overview-page.ts';
import { verdictsPath } from './policies-json.ts';
import { type BoardPolicies, boardPolicies, policyFiles } from './policy-page.ts';
import { searchFile } from './search-file.ts';

export { BoardDigest } from './digest.ts';
export { slugOf } from './identity.ts';
export { MANIFEST, SiteManifest } from './manifest.ts';
export { type SiteBoard, type SiteFiles, type SiteInput, siteBoards } from './model.ts';
export { BoardPolicies } from './policy-page.ts';

/** What the pages of all boards together need of one of them. */
export interface BoardPart {
  readonly digest: BoardDigest;
  readonly policies: BoardPolicies | null;
}

/** One board's own files, and its part of the others. Pure, and of other boards it knows nothing. */
export function boardFiles(
  board: SiteBoard,
  verdicts: readonly Verdict[],
): BoardPart & { readonly files: SiteFiles } {
  const assets = siteAssets();
  const digest = digestOf(board);
  const files = filesOf(board, assets);
  if (verdicts.length) files.set(verdictsPath(digest.folder), `${safeJson(verdicts)}\n`);
  return {
    files,
    digest,
    policies: boardPolicies(verdicts, digest),
  };
}

function filesOf(board: SiteBoard, assets: Assets): Map<string, string> {
  const files = new Map<string, string>();
  const { folder, newest } = board;
  for (const run of board.runs) {
    const json = jsonOf([run.matrix]);
    files.set(`${folder}/${run.id}.html`, frozenPage(board, run, assets));
    files.set(`${folder}/${run.id}.js`, runDataFile(run));
    files.set(`${folder}/${run.id}.json`, json);
    if (run === newest) files.set(`${folder}/index.json`, json);
  }
  files.set(`${folder}/history.js`, historyFile(board));
  const changes = boardChanges(board);
  files.set(`${folder}/index.html`, boardPage(board, assets, changes));
  files.set(`${folder}/badge.svg`, badge(board));
  if (newest.matrix.run.run) files.set(`${folder}/feed.xml`, feed(board, changes));
  if (board.runs.length > 1) files.set(`${folder}/compare.html`, comparePage(board, assets));
  return files;
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The files of all boards together. Boards come in any order. */
export function frontFiles(parts: readonly BoardPart[]): SiteFiles {
  const assets = siteAssets();
  const sorted = [...parts].sort(
    ({ digest: a }, { digest: b }) => byText(a.label, b.label) || byText(a.folder, b.folder),
  );
  const boards = sorted.map(({ digest }) => digest);
  const policies = sorted.flatMap((part) => part.policies ?? []);
  const pages = policies.length ? [['policies.html', 'Allocation policies'] as const] : [];
  const links = [...pages, ['index.json', 'JSON'] as const];
  const sections = sectionsOf(boards);
  const cells = searchFile(sections);
  // By its content: a page that a browser has kept finds the rows that it was written for.
  const search = `assets/cells-${shortHash(cells)}.js`;
  return new Map([
    ...assets.files,
    [search, cells],
    ['index.html', overviewPage(boards, sections, assets, search, links)],
    ['index.json', overviewJson(boards)],
    ...(policies.length ? policyFiles(policies, assets) : []),
  ]);
}

/** A whole site in memory: the same runs make the same files, in whatever order they come. */
export function siteFiles({ runs, verdicts }: SiteInput): SiteFiles {
  const parts = siteBoards(runs).map((board) => {
    const { run, board: name } = board.newest.matrix.run;
    const basis = run ? 'measured' : 'claimed';
    return boardFiles(
      board,
      verdicts.filter((one) => one.board === name && one.basis === basis),
    );
  });
  return new Map([...frontFiles(parts), ...parts.flatMap(({ files }) => [...files])]);
}
