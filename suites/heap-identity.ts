import { isSystemHeap } from './heap-kind.ts';
import type { HeapRegion, Inventory } from './inventory.ts';

type Heaps = Pick<Inventory, 'heaps'>;

/** Heaps that hand out one memory, in the inventory's order; most often one alone. */
export interface HeapGroup {
  readonly names: readonly string[];
  /** Whether that memory comes from CMA; unknown where nobody asked, or nothing said so. */
  readonly memory: HeapRegion['memory'];
  /** The kernel's name of the CMA region, and its size in KiB, where the kernel says. */
  readonly region: string | null;
  readonly sizeKiB: number | null;
  /** Groups of this inventory that are other memory for certain, by one of their names. */
  readonly differsFrom: readonly string[];
  /** What keeps more from being known; each once. */
  readonly why: readonly string[];
}

/** The heaps of a board, those of one memory together, as far as it was found on the board itself. */
export function memoryGroups({ heaps }: Heaps): HeapGroup[] {
  const groups: (readonly Heaps['heaps'][number][])[] = [];
  for (const heap of heaps) {
    const own = groups.filter((group) => group.some((other) => isOne(heap, other)));
    const rest = groups.filter((group) => !own.includes(group));
    groups.splice(0, groups.length, ...rest, [...own.flat(), heap]);
  }
  const order = (group: readonly Heaps['heaps'][number][]) =>
    Math.min(...group.map((heap) => heaps.indexOf(heap)));
  return groups
    .sort((a, b) => order(a) - order(b))
    .map((group) => {
      const names = heaps.filter((heap) => group.includes(heap)).map(({ name }) => name);
      const regions = group.flatMap(({ region }) => region ?? []);
      const known = regions.find(({ name }) => name !== null);
      return {
        names,
        memory: regions.find(({ memory }) => memory !== 'unknown')?.memory ?? 'unknown',
        region: known?.name ?? null,
        sizeKiB: known?.sizeKiB ?? null,
        differsFrom: [...new Set(regions.flatMap(({ differsFrom }) => differsFrom))],
        why: [...new Set(regions.flatMap(({ why }) => why ?? []))],
      };
    });
}

type HeapOf = Heaps['heaps'][number];

/** Whether two heaps were found to be one memory, by the word of either. */
function isOne(a: HeapOf, b: HeapOf): boolean {
  const name = a.region?.name ?? null;
  return (
    (name !== null && name === b.region?.name) ||
    a.region?.sameAs.includes(b.name) === true ||
    b.region?.sameAs.includes(a.name) === true
  );
}

/**
 * Whether two heaps hand out the same memory: `yes` and `no` only where that was found on the board,
 * never by their names. Two heaps that are both not CMA may be one allocator or two: unknown.
 */
export function sameMemory(inventory: Heaps, a: string, b: string): 'yes' | 'no' | 'unknown' {
  const groups = memoryGroups(inventory);
  const [own, other] = [a, b].map((name) => groups.find(({ names }) => names.includes(name)));
  if (!own || !other) return 'unknown';
  if (own === other) return 'yes';
  if (own.region !== null && other.region !== null) return 'no';
  if (own.memory !== 'unknown' && other.memory !== 'unknown' && own.memory !== other.memory)
    return 'no';
  const differ = (one: HeapGroup, two: HeapGroup) =>
    one.differsFrom.some((name) => two.names.includes(name));
  return differ(own, other) || differ(other, own) ? 'no' : 'unknown';
}

/**
 * The heaps in words, names of one memory together: `linux,cma = reserved (one CMA region, 64 MiB)`.
 * @param label how a name is written.
 */
export function heapWords(inventory: Heaps, label = (name: string) => name): string[] {
  return memoryGroups(inventory).map((group) => {
    const names = group.names.map(label).join(' = ');
    const words = memoryWords(inventory, group);
    return words === null ? names : `${names} (${words})`;
  });
}

/** What is known of a group's memory. Null where nobody asked. */
export function memoryWords(inventory: Heaps, group: HeapGroup): string | null {
  const { names, memory, why } = group;
  const asked = inventory.heaps.some(({ name, region }) => names.includes(name) && region !== null);
  if (!asked) return null;
  const words = memory === 'unknown' ? ['memory unknown'] : [kindWords(group), ...surprises(group)];
  return [...words, ...why].join('; ');
}

function kindWords({ names, memory, region, sizeKiB }: HeapGroup): string {
  if (memory === 'not-cma') return 'not CMA';
  const called = region !== null && !names.includes(region) ? ` ${region}` : '';
  const size = sizeKiB === null ? '' : `, ${Math.round(sizeKiB / 1024)} MiB`;
  return `${names.length > 1 ? 'one ' : ''}CMA region${called}${size}`;
}

/** Where the memory is not what the heap's name makes one think (see ./heap-kind.ts). */
function surprises({ names, memory }: HeapGroup): string[] {
  const system = names.filter(isSystemHeap);
  if (memory === 'cma' && system.length)
    return [`${system.join(', ')} is named as a heap of the page allocator`];
  if (memory === 'not-cma' && system.length === 0) return ['the page allocator or a carve-out'];
  return [];
}
