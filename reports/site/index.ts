import { jsonReport } from '../json.ts';
import { safeJson } from '../sanitize.ts';
import { siteAssets } from './assets.ts';
import { badge } from './badge.ts';
import { boardPage, frozenPage } from './board-page.ts';
import { boardChanges } from './changes.ts';
import { comparePage } from './compare-page.ts';
import { historyFile, runDataFile } from './data-file.ts';
import { feed } from './feed.ts';
import { type SiteFiles, type SiteInput, siteBoards } from './model.ts';
import { overviewJson, overviewPage } from './overview-page.ts';
import { policyPage } from './policy-page.ts';

export type { SiteFiles, SiteInput } from './model.ts';

/**
 * A static site of all boards and runs: every file by its path. Pure: the same runs make the same
 * files, in whatever order they come.
 */
export function siteFiles({ runs, verdicts }: SiteInput): SiteFiles {
  const boards = siteBoards(runs);
  const assets = siteAssets();
  const files = new Map(assets.files);
  const policies = verdicts.length ? [['policies.html', 'Allocation policies'] as const] : [];
  files.set('index.html', overviewPage(boards, assets, [...policies, ['index.json', 'JSON']]));
  files.set('index.json', overviewJson(boards));
  if (verdicts.length) {
    files.set('policies.html', policyPage(verdicts, boards, assets));
    files.set('policies.json', `${safeJson(verdicts)}\n`);
  }
  for (const board of boards) {
    const { folder, newest } = board;
    for (const run of board.runs) {
      files.set(`${folder}/${run.id}.html`, frozenPage(board, run, assets));
      files.set(`${folder}/${run.id}.js`, runDataFile(run));
      files.set(`${folder}/${run.id}.json`, jsonReport([run.matrix.run]));
    }
    files.set(`${folder}/history.js`, historyFile(board));
    const changes = boardChanges(board);
    files.set(`${folder}/index.html`, boardPage(board, assets, changes));
    files.set(`${folder}/badge.svg`, badge(board));
    if (newest.matrix.run.run) files.set(`${folder}/feed.xml`, feed(board, changes));
    if (board.runs.length > 1) files.set(`${folder}/compare.html`, comparePage(board, assets));
    files.set(`${folder}/index.json`, jsonReport([newest.matrix.run]));
  }
  return files;
}
