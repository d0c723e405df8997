import { byText } from '../gate/fold.ts';
import { HISTORY_SCHEMA, type History, type HistoryReport, type Sighting } from './model.ts';
import { historyOf } from './stretches.ts';

/**
 * The history of all cells that were seen: by board, those with the same history as one.
 * @param sightings each cell's of each board oldest first, in any order of cells and boards.
 * @param cell what was asked for: an id or a pattern.
 */
export function historyReport(
  cell: string,
  sightings: readonly Sighting[],
  leftOut: HistoryReport['leftOut'],
): HistoryReport {
  const byCell = Map.groupBy(sightings, (one) => JSON.stringify([one.board, one.cell]));
  const folded = new Map<string, History>();
  for (const all of byCell.values()) {
    const [{ board, cell: id } = { board: '', cell: '' }] = all;
    const history = historyOf(all);
    const key = JSON.stringify([board, history]);
    const alike = folded.get(key);
    if (alike) alike.cells.push(id);
    else folded.set(key, { board, cells: [id], ...history });
  }
  const histories = [...folded.values()].map((one) => ({ ...one, cells: one.cells.sort(byText) }));
  histories.sort((a, b) => byText(a.board, b.board) || byText(a.cells[0] ?? '', b.cells[0] ?? ''));
  return { schema: HISTORY_SCHEMA, cell, histories, leftOut: [...leftOut] };
}
