import { existsSync } from 'node:fs';
import { type Board, boardNamed } from '../../devices/boards.ts';
import { planInput } from '../../devices/planning.ts';
import { WITNESS_WORDS } from '../../reports/describe.ts';
import { parseRecords, parseRun, recordsFile } from '../../runners/host/run-files.ts';
import { type PlannedCell, plan } from '../../suites/plan.ts';
import { filterFor, type RunOptions } from '../../suites/run.ts';
import { refuseEmpty, wantedBy } from './filter.ts';
import { openLab } from './lab.ts';

/** Lists the cells that a run still lacks, for boards that it has reached; touches nothing. */
export async function listMissingCells(
  folder: string,
  flags: { readonly lab?: string; readonly json?: true },
): Promise<void> {
  const run = parseRun(folder);
  const records = existsSync(recordsFile(folder)) ? parseRecords(recordsFile(folder)).records : [];
  const lab = openLab(flags.lab ?? run.options.lab ?? undefined);
  for (const { board, plan: planned } of run.boards.filter(({ state }) => state !== 'complete')) {
    if (planned === null) {
      await listCells([boardNamed(board, lab)], run.options, flags.json === true);
      continue;
    }
    const done = Map.groupBy(
      records.filter((record) => record.board === board),
      ({ cell }) => cell,
    );
    for (const cell of planned.cells)
      if (cell.skip === null && (done.get(cell.id)?.length ?? 0) < planned.repeat)
        process.stdout.write(lineOf(board, cell));
  }
}

/** A cell that would run; one that no filter asked for says why it does. */
function lineOf(board: string, { id, witness }: PlannedCell): string {
  return `${board} ${id}${witness ? ` (${WITNESS_WORDS})` : ''}\n`;
}

/** Lists the cells that a run would try on boards that nobody has asked yet. @param json prints whole plans. */
export async function listCells(
  entries: readonly Board[],
  options: RunOptions,
  json: boolean,
): Promise<void> {
  const { repeat } = options;
  for (const { name: board, profile } of entries) {
    const filter = filterFor(options, board);
    const wanted = await wantedBy(filter);
    const planned = plan(planInput(profile.profile, null, { board, repeat, wanted }));
    refuseEmpty(planned, filter);
    const cells = planned.cells.filter((cell) => cell.skip === null);
    if (json) process.stdout.write(`${JSON.stringify(planned)}\n`);
    else {
      for (const cell of cells) process.stdout.write(lineOf(board, cell));
      process.stderr.write(
        `${board}: ${cells.length} of ${planned.cells.length} cells; a run also takes heaps that the profile does not name\n`,
      );
    }
  }
}
