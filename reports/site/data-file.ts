import { environmentOf } from '../environment.ts';
import { GLYPHS } from '../glyphs.ts';
import { boardJson } from '../html/data.ts';
import { scriptJson } from '../html/template.ts';
import { oneLine, safeJson } from '../sanitize.ts';
import { type SiteBoard, type SiteRun, startOf } from './model.ts';

/**
 * A script that registers plain data and does nothing else: a page from disk may load scripts, and
 * nothing else. It is JSON in which no character ends a script or acts on a terminal.
 */
export const registering = (data: unknown): string => registeringJson(safeJson(data));

const registeringJson = (text: string) =>
  `(globalThis.bufmatrixSite??=[]).push(${scriptJson(text)});\n`;

/** What differs from run to run in any case, and says nothing of the board. */
const OF_THE_RUN = new Set(['Run', 'Content', 'Command', 'Boot']);

/** All of one run that its pages draw: every cell with its attempts, and the environment. */
export function runDataFile({ id, matrix }: SiteRun): string {
  const environment = environmentOf(matrix.run)
    .filter(({ name }) => !OF_THE_RUN.has(name))
    .map(({ name, value }) => [name, value]);
  const head = safeJson({ kind: 'run', id, environment });
  return registeringJson(`${head.slice(0, -1)},"data":${boardJson(matrix)}}`);
}

const STATES = GLYPHS.map(({ state }) => state);

/** What is said of a run where several are listed. */
export function runWords(run: SiteRun): { readonly when: string; readonly system: string } {
  const { inventory, run: of } = run.matrix.run;
  const system = inventory ? `kernel ${inventory.kernel.release}` : 'kernel unknown';
  return { when: oneLine(startOf(run)), system: of ? oneLine(system) : 'claimed' };
}

/** What became of each cell in each of the board's runs: a letter of the alphabet a run, by severity. */
export function historyFile(board: SiteBoard): string {
  const cells = new Map<string, string[]>();
  board.runs.forEach((run, at) => {
    for (const { cell, state } of run.matrix.cells) {
      const line = cells.get(cell.id) ?? board.runs.map(() => '-');
      line[at] = STATES.indexOf(state).toString(36);
      cells.set(cell.id, line);
    }
  });
  return registering({
    kind: 'history',
    states: STATES,
    runs: board.runs.map((run) => ({
      id: run.id,
      ...runWords(run),
      run: oneLine(run.matrix.run.run?.id ?? 'claims'),
    })),
    cells: Object.fromEntries([...cells].map(([id, line]) => [oneLine(id), line.join('')])),
  });
}
