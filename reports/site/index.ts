import { jsonReport } from '../json.ts';
import { siteAssets } from './assets.ts';
import { boardPage, frozenPage } from './board-page.ts';
import { boardChanges } from './changes.ts';
import { historyFile, runDataFile } from './data-file.ts';
import { type SiteFiles, type SiteInput, siteBoards } from './model.ts';
import { overviewJson, overviewPage } from './overview-page.ts';

export type { SiteFiles, SiteInput } from './model.ts';

/**
 * A static site of all boards and runs: every file by its path. Pure: the same runs make the same
 * files, in whatever order they come.
 */
export function siteFiles({ runs }: SiteInput): SiteFiles {
  const boards = siteBoards(runs);
  const assets = siteAssets();
  const files = new Map(assets.files);
  files.set('index.html', overviewPage(boards, assets, [['index.json', 'JSON']]));
  files.set('index.json', overviewJson(boards));
  for (const board of boards) {
    const { folder, newest } = board;
    for (const run of board.runs) {
      files.set(`${folder}/${run.id}.html`, frozenPage(board, run, assets));
      files.set(`${folder}/${run.id}.js`, runDataFile(run));
      files.set(`${folder}/${run.id}.json`, jsonReport([run.matrix.run]));
    }
    files.set(`${folder}/history.js`, historyFile(board));
    files.set(`${folder}/index.html`, boardPage(board, assets, boardChanges(board)));
    files.set(`${folder}/index.json`, jsonReport([newest.matrix.run]));
  }
  return files;
}
