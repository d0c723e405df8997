import { globMatches } from '../../devices/glob.ts';
import { UserError } from '../../devices/problem.ts';
import { type Cell, importerName } from '../../suites/cell.ts';
import type { Plan } from '../../suites/plan.ts';
import type { FilterValues } from './options.ts';

function fits(patterns: readonly string[] | undefined, value: string): boolean {
  return patterns === undefined || patterns.some((pattern) => globMatches(pattern, value));
}

/** Whether the command line wants a cell. */
export async function wantedBy(filter: FilterValues): Promise<(cell: Cell) => boolean> {
  const byTags = filter.tags ? await tagged(filter.tags) : () => true;
  return (cell) =>
    fits(filter.suite, cell.suite) &&
    fits(filter.backend, cell.backend) &&
    fits(filter.importer, cell.importer ? importerName(cell.importer) : '-') &&
    fits(filter.format, cell.format) &&
    fits(filter.cell, cell.id) &&
    byTags(cell);
}

/** Tags are japa's, which takes a while to load. */
async function tagged(tags: readonly string[]): Promise<(cell: Cell) => boolean> {
  const { tagFilter } = await import('../../runners/host/cell-tests.ts');
  return tagFilter(tags);
}

/** A filter that leaves nothing is a mistake, and no run is a good run. */
export function refuseEmpty(plan: Plan, filter: FilterValues): void {
  if (plan.cells.some((cell) => cell.skip === null)) return;
  const given = Object.entries(filter)
    .filter(([, values]) => Array.isArray(values))
    .map(([name, values]) => `--${name} ${values.join(` --${name} `)}`);
  throw new UserError({
    code: 'usage',
    message: `${plan.board} has no cell that fits ${given.join(' ') || 'its profile'}`,
    hint: `bufmatrix run ${plan.board} --dry-run lists its ${plan.cells.length} cells`,
  });
}
