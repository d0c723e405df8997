import { mesaVersionOf } from '../devices/expect.ts';
import type { Profile } from '../devices/profile.ts';
import type { Inventory } from '../suites/inventory.ts';
import type { CellRecord } from '../suites/record.ts';

/** What is known of one board on one system (kernel, command line, Mesa): what policies are judged by. */
export interface BoardFacts {
  readonly board: string;
  readonly profile: Profile;
  /** The environment that was recorded with the newest of its runs, Mesa and heap regions with the newest that has them. */
  readonly inventory: Inventory;
  /** Ids of the cells that its runs planned, filtered ones among them. */
  readonly cells: ReadonlySet<string>;
  /** How many of them there are by suite, importer, format and size: see `withoutBackend`. */
  readonly planned: ReadonlyMap<string, number>;
  /** Of all its runs on that system, each cell from the newest that has it; judged and marked for luck. */
  readonly records: readonly CellRecord[];
  /** QEMU with a real kernel and real drivers, and not the hardware that it stands in for. */
  readonly virtual: boolean;
  /** Ids of the runs, newest first. */
  readonly runs: readonly string[];
  /** The folder that holds them, where it is not the one that is taken anyway. */
  readonly out: string | null;
}

/** `kms-primary/kms:vc4/NV12/1920x1080` of a cell's id: all but its backend and modifier. */
export function withoutBackend(id: string): string {
  const [suite, , importer, format, size] = id.split('/');
  return [suite, importer, format, size].join('/');
}

/** The two indexes of a plan's cells that are wanted here. */
export function planIndex(ids: Iterable<string>): Pick<BoardFacts, 'cells' | 'planned'> {
  const cells = new Set(ids);
  const planned = new Map<string, number>();
  for (const id of cells) {
    const question = withoutBackend(id);
    planned.set(question, (planned.get(question) ?? 0) + 1);
  }
  return { cells, planned };
}

/** What of a system a policy may hang on, by name. */
const SYSTEM: Readonly<Record<string, (inventory: Inventory) => string>> = {
  kernel: ({ kernel }) => kernel.release,
  build: ({ kernel }) => kernel.version,
  cmdline: ({ kernel }) => kernel.cmdline,
  Mesa: (inventory) => mesaVersionOf(inventory) ?? 'none',
  user: ({ user }) => `uid ${user.uid} (${user.groups.join(', ')})`,
};

const systemKey = (inventory: Inventory, names: readonly string[]): string =>
  names.map((name) => SYSTEM[name]?.(inventory)).join('\n');

/**
 * Puts runs of one system together: records of two, or of two users, cannot stand for one another. A
 * run without cells of Mesa's does not say which Mesa there was, and holds nothing that hangs on it, so
 * it goes with the newest that does.
 * @param newestFirst runs of one board; each system comes in that order, and so do its runs.
 */
export function systemsOf<T extends { readonly inventory: Inventory }>(
  newestFirst: readonly T[],
): (readonly T[])[] {
  const names = Object.keys(SYSTEM);
  const withoutMesa = names.filter((name) => name !== 'Mesa');
  const newest = new Map<string, string>();
  for (const { inventory } of newestFirst.filter(saysMesa)) {
    const rest = systemKey(inventory, withoutMesa);
    if (!newest.has(rest)) newest.set(rest, systemKey(inventory, names));
  }
  const keyOf = (one: T) => {
    const own = systemKey(one.inventory, names);
    return saysMesa(one) ? own : (newest.get(systemKey(one.inventory, withoutMesa)) ?? own);
  };
  return [...Map.groupBy(newestFirst, keyOf).values()];
}

const saysMesa = ({ inventory }: { readonly inventory: Inventory }) => inventory.egl.length > 0;

/** `kernel 6.12.94 then, 7.3.4 now`: what differs between two systems of one board. */
export function systemChange(then: Inventory, now: Inventory): string {
  const changes = Object.entries(SYSTEM).flatMap(([name, of]) =>
    of(then) === of(now) ? [] : [`${name} ${of(then)} then, ${of(now)} now`],
  );
  return changes.join('; ');
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
export function errandFor({ board, profile, cells, out }: BoardFacts, cell: string): Errand {
  const where = out === null ? '' : ` --out '${out}'`;
  if (cells.has(cell))
    return { cell, command: `bufmatrix run ${board} --cell '${cell}'${where}`, note: null };
  const [suite, backend, , format, size] = cell.split('/');
  const note = `the profile ${profile.name} does not try ${format} ${size} from ${backend} in ${suite}; add it there`;
  return { cell, command: null, note };
}
