import { planInput } from '../devices/planning.ts';
import type { Profile } from '../devices/profile.ts';
import type { Inventory } from '../suites/inventory.ts';
import { plan } from '../suites/plan.ts';
import type { CellRecord } from '../suites/record.ts';

/** What is known of one board on one system (kernel, command line, Mesa): what policies are judged by. */
export interface BoardFacts {
  readonly board: string;
  readonly profile: Profile;
  /** The environment that was recorded with the newest of its runs. */
  readonly inventory: Inventory;
  /** Of all its runs on that system, each cell from the newest that has it; judged and marked for luck. */
  readonly records: readonly CellRecord[];
  /** QEMU with a real kernel and real drivers, and not the hardware that it stands in for. */
  readonly virtual: boolean;
  /** Ids of the runs, newest first. */
  readonly runs: readonly string[];
}

/** `6.12.117, Mesa 26.1.6`: what tells one system of a board from another, for people. */
export function systemLabel({ inventory }: Pick<BoardFacts, 'inventory'>): string {
  return `kernel ${inventory.kernel.release}`;
}

/** What has to be done to have a cell measured. */
export interface Errand {
  readonly cell: string;
  /** The command, as a shell takes it; null where the profile plans no such cell. */
  readonly command: string | null;
  /** What stands in the way of the command. */
  readonly note: string | null;
}

/** What has to be done for a cell of this board. */
export function errandFor({ board, profile, inventory }: BoardFacts): (cell: string) => Errand {
  let planned: ReadonlySet<string> | null = null;
  return (cell) => {
    // A plan takes milliseconds, and most boards are never asked.
    planned ??= new Set(plan(planInput(profile, inventory, { board })).cells.map(({ id }) => id));
    if (planned.has(cell))
      return { cell, command: `bufmatrix run ${board} --cell '${cell}'`, note: null };
    const [suite, backend, , format, size] = cell.split('/');
    const note = `the profile ${profile.name} does not try ${format} ${size} from ${backend} in ${suite}; add it there`;
    return { cell, command: null, note };
  };
}
