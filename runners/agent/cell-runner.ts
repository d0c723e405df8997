import { exporterFor } from '../../suites/backends/index.ts';
import type { BoardContext, Importer, Ladder } from '../../suites/board.ts';
import { formatNamed } from '../../suites/formats.ts';
import { importerFor } from '../../suites/importers/index.ts';
import { frameLayout } from '../../suites/layout.ts';
import { varied } from '../../suites/variation.ts';
import type { TriedCell } from './job.ts';
import type { CellLadder } from './ladder.ts';

/** A ladder that knows whose rung is climbed, and which exceptions are a rung's own. */
export type SidedLadder = Ladder & Pick<CellLadder, 'as' | 'explains'>;

/**
 * Tries cells on this board: one exporter's frame, given to one importer. A rung that fails ends the
 * cell and is in its ladder; any other exception is a bug of ours and is thrown.
 */
export function cellRunner(board: BoardContext): (cell: TriedCell, ladder: SidedLadder) => void {
  return (cell, ladder) => {
    try {
      climb(board, cell, ladder);
    } catch (error) {
      if (!ladder.explains(error)) throw error;
    }
  };
}

function climb(board: BoardContext, cell: TriedCell, ladder: SidedLadder): void {
  const importer: Importer | null = cell.suite === 'allocate' ? null : importerFor(cell, board);
  const wish = importer?.layout(cell, ladder) ?? null;
  const usual = wish ?? frameLayout(formatNamed(cell.format), cell.width, cell.height);
  const layout = cell.variation === undefined ? usual : varied(usual, cell.variation);
  const frame = ladder.as('exporter', () =>
    exporterFor(cell.backend, board).allocate(cell, layout, ladder),
  );
  importer?.take(cell, frame, ladder);
}
