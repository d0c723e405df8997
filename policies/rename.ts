import { memoryGroups, sameMemory } from '../suites/heap-identity.ts';
import { type Court, courtOf, judgePolicy } from './judge.ts';
import type { Policy } from './policy.ts';
import { providerOf } from './provider.ts';
import type { UseCase } from './use-case.ts';
import type { Verdict } from './verdict.ts';

/**
 * The name under which the kernel shows its default CMA region since 6.17, whatever older names it
 * keeps beside it (CONFIG_DMABUF_HEAPS_CMA_LEGACY; Documentation/userspace-api/dma-buf-heaps.rst).
 */
const STABLE = 'default_cma_region';

/**
 * A policy that knows a region by its old names only: what it comes to where the kernel no longer has
 * them. Told only where the names were found to be one memory on the board itself. Null: nothing changes.
 */
export function renameFinding(
  { facts, user }: Court,
  policy: Policy,
  useCase: UseCase,
  now: Verdict,
): string | null {
  const { inventory } = facts;
  const group = memoryGroups(inventory).find(({ names }) => names.includes(STABLE));
  const old = group?.names.filter((name) => name !== STABLE) ?? [];
  const known = policy.providers.map((item) => providerOf(item).from);
  if (!now.applies || old.length === 0 || known.includes(`heap:${STABLE}`)) return null;
  const heaps = inventory.heaps.filter(({ name }) => !old.includes(name));
  const later = courtOf({ ...facts, inventory: { ...inventory, heaps } }, user);
  const { provider, verdict } = judgePolicy(later, policy, useCase);
  if (provider === now.provider) return null;
  return `${policy.name} knows ${STABLE} only as ${old.join(', ')}; on a kernel without the old name it silently comes to ${provider ?? 'no provider'} and ${verdict}`;
}

/** `, the same memory under another name` of two heaps that were found to be one. */
export function sameMemoryWords({ facts }: Court, a: string | null, b: string | null): string {
  const names = [a, b].map((backend) => /^heap:(.*)$/.exec(backend ?? '')?.[1]);
  const [one, other] = names;
  if (one === undefined || other === undefined) return '';
  return sameMemory(facts.inventory, one, other) === 'yes'
    ? ', the same memory under another name'
    : '';
}
