import { tellCell } from './causes.ts';
import { alikeLabel, foldAlike, rerunCommand, ruleOf, verdictOfAll } from './describe.ts';
import { kindOf } from './environment.ts';
import { type BoardMatrix, boardMatrices, countCells } from './matrix.ts';
import type { BoardRun, MatrixCell } from './model.ts';
import { oneLine } from './sanitize.ts';

type Level = 'error' | 'warning';

interface Annotation {
  readonly level: Level;
  readonly title: string;
  readonly lines: readonly string[];
  /** How many cells it speaks for. */
  readonly cells: number;
}

/** A step of a workflow shows ten of each level; the last place is for `+N more`. */
const MOST = 9;

/** What the lab did not get tried is a warning: the device has not shown anything. */
const OF_THE_LAB = new Set<MatrixCell['state']>(['not-run', 'blocked']);

const escapeData = (text: string) =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text: string) =>
  escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** `::error title=TITLE::TEXT`, on one line whatever the texts hold. */
function command(level: Level | 'notice', title: string, lines: readonly string[]): string {
  const text = lines.map(oneLine).join('\n');
  return `::${level} title=${escapeProperty(oneLine(title))}::${escapeData(text)}`;
}

function annotationsOf(board: BoardMatrix): Annotation[] {
  const { run, label, cells } = board;
  const unexpected = cells.filter((entry) => !entry.expected);
  const incomplete: Annotation[] = run.incomplete
    ? [{ level: 'error', title: label, lines: [`not complete: ${run.incomplete}`], cells: 0 }]
    : [];
  const folded = foldAlike(unexpected).map((one): Annotation => {
    const { first } = one;
    const others = alikeLabel(one);
    const again = rerunCommand(run, first);
    return {
      level: OF_THE_LAB.has(first.state) ? 'warning' : 'error',
      title: `${label}: ${first.cell.id}`,
      lines: [
        `${tellCell(first)}; ${ruleOf(first)}`,
        kindOf(run),
        ...(others ? [others] : []),
        ...(again === null ? [] : [`again: ${again}`]),
      ],
      cells: one.cells.length,
    };
  });
  return [...incomplete, ...folded];
}

function bounded(all: readonly Annotation[], level: Level): string[] {
  const own = all.filter((one) => one.level === level);
  const shown = own.length > MOST + 1 ? own.slice(0, MOST) : own;
  const rest = own.slice(shown.length);
  const cells = rest.reduce((sum, one) => sum + one.cells, 0);
  const more = `+${rest.length} more, ${cells} cells: see the report in another format`;
  return [
    ...shown.map(({ title, lines }) => command(level, title, lines)),
    ...(rest.length ? [command(level, 'bufmatrix', [more])] : []),
  ];
}

/**
 * Workflow commands of GitHub Actions, to be printed in a step: what is not as expected, at most ten
 * errors and ten warnings, and one notice with the counts. What is only claimed is not annotated.
 */
export function annotationsReport(runs: readonly BoardRun[]): string {
  const boards = boardMatrices(runs);
  const all = boards.flatMap(annotationsOf);
  const counts = countCells(boards.flatMap(({ cells }) => cells));
  const verdict = `${counts.measured} cells of ${boards.length} boards: ${verdictOfAll(counts, runs)}`;
  const lines = [
    ...bounded(all, 'error'),
    ...bounded(all, 'warning'),
    command('notice', 'bufmatrix', [verdict]),
  ];
  return `${lines.join('\n')}\n`;
}
