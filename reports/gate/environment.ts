import type { Inventory } from '../../suites/inventory.ts';
import { firmwareWords, mesaVersions } from '../environment.ts';
import {
  AXES,
  type Axis,
  type Difference,
  type Environment,
  type GateBoard,
  type Versions,
} from './model.ts';

/** What of a run a board's environment is told from. */
export interface EnvironmentSource {
  readonly inventory: Inventory | null;
  readonly virtual: boolean;
  readonly profileName: string;
  /** SHA-256 of the profile's file; null where the run does not say. */
  readonly profileHash: string | null;
  /** `bufmatrix 0.1.0`; null where the run does not say. */
  readonly harness: string | null;
}

/** Everything that results may hang on beside the board's drivers. Null without an inventory. */
export function environmentOf(source: EnvironmentSource): Environment | null {
  const { inventory, profileName, profileHash, harness } = source;
  if (!inventory) return null;
  const { kernel, memory, user } = inventory;
  return {
    board: boardLine(inventory, source.virtual),
    firmware: firmwareWords(inventory),
    kernel: `${kernel.release} ${kernel.version} ${kernel.machine}`,
    cmdline: cmdlineOf(kernel.cmdline),
    cma: `${memory.cmaTotalKiB} KiB`,
    heaps: inventory.heaps
      .map(({ name }) => name)
      .sort()
      .join(' '),
    udmabuf: udmabufLine(inventory),
    // A run without cells of Mesa's does not start it.
    mesa: inventory.egl.length ? mesaVersions(inventory).join(', ') || 'none' : null,
    user: `uid ${user.uid}, groups ${[...user.groups].sort().join(' ')}`,
    profile: profileHash && `${profileName} ${profileHash}`,
    harness,
  };
}

/** The kernel's release and Mesa's version in an environment; null where it does not say. */
export function versionsOf({ kernel, mesa }: Environment): Versions {
  const [release = ''] = (kernel ?? '').split(' ');
  return { kernel: release, mesa: /\bMesa (\d+\.\d+\S*)/.exec(mesa ?? '')?.[1] ?? null };
}

function boardLine({ identity: { compatible, model, dmi } }: Inventory, virtual: boolean): string {
  const names = [...compatible, model, dmi.sysVendor, dmi.productName, dmi.boardName];
  return [...names.filter(Boolean), virtual ? '(virtual)' : ''].filter(Boolean).join(', ');
}

/** Without the boot loader's name of the kernel's file, which says nothing that the kernel does not. */
const cmdlineOf = (cmdline: string) =>
  cmdline
    .trim()
    .split(/\s+/)
    .filter((word) => !word.startsWith('BOOT_IMAGE='))
    .join(' ');

function udmabufLine({ udmabuf: { node, listLimit, sizeLimitMiB } }: Inventory): string {
  if (!node) return 'none';
  const unknown = (limit: number | null) => limit ?? 'unknown';
  return `list_limit ${unknown(listLimit)}, size_limit_mb ${unknown(sizeLimitMiB)}`;
}

/**
 * What may come with a change of something else: a new kernel renames and adds heaps, and has other
 * defaults (udmabuf's size_limit_mb is 64 in 6.12 and without a limit in 7.3).
 */
const FOLLOWS: Partial<Record<Axis, readonly Axis[]>> = { kernel: ['heaps', 'udmabuf'] };

/**
 * All in which a board's two environments differ. A candidate that was never reached has none, which
 * is a missing board and no difference.
 * @param varies what is under test, and so may differ.
 */
export function differencesOf(
  baseline: GateBoard,
  candidate: GateBoard,
  varies: readonly Axis[],
): Difference[] {
  const { board } = baseline;
  const [before, after] = [baseline.environment, candidate.environment];
  if (!before || !after) {
    if (!after && candidate.incomplete !== null) return [];
    const known = (there: Environment | null) => (there ? 'has one' : null);
    return [
      {
        board,
        axis: null,
        baseline: known(before),
        candidate: known(after),
        role: 'unwanted',
      },
    ];
  }
  const following = new Set(varies.flatMap((axis) => FOLLOWS[axis] ?? []));
  return AXES.filter((axis) => before[axis] !== after[axis]).map((axis) => ({
    board,
    axis,
    baseline: before[axis],
    candidate: after[axis],
    role: varies.includes(axis) ? 'under-test' : following.has(axis) ? 'follows' : 'unwanted',
  }));
}
