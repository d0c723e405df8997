import type { Unit } from '../types.ts';

/** All orders of all subsets, the shortest first, and by preference among those of one length. */
export function allOrders(providers: readonly string[]): string[][] {
  const orders: string[][] = [[]];
  for (const order of orders) {
    for (const name of providers) if (!order.includes(name)) orders.push([...order, name]);
  }
  return orders;
}

/** The definition, word for word: the first provider that is not skipped is good. */
export function holds(order: readonly string[], { classes }: Unit): boolean {
  const end = order.find((name) => (classes.get(name) ?? 'skip') !== 'skip');
  return end !== undefined && classes.get(end) === 'good';
}

export const holdsForAll = (order: readonly string[], units: readonly Unit[]): boolean =>
  units.every((unit) => holds(order, unit));

/** The fewest boards that an order fails, over all orders. */
export function fewestFailed(units: readonly Unit[], providers: readonly string[]): number {
  const boards = [...Map.groupBy(units, ({ board }) => board).values()];
  const failed = allOrders(providers).map(
    (order) => boards.filter((own) => !holdsForAll(order, own)).length,
  );
  return Math.min(...failed);
}

/** The first of the smallest sets of units that no order holds for, trying all sets. */
export function firstConflict(units: readonly Unit[], providers: readonly string[]): Unit[] | null {
  const orders = allOrders(providers);
  /** Sets of so many more units, the first ones first; `left` holds for what was chosen. */
  const search = (from: number, more: number, left: readonly string[][]): Unit[] | null => {
    if (left.length === 0) return [];
    if (more === 0) return null;
    for (const [index, unit] of units.entries()) {
      if (index < from) continue;
      const rest = search(
        index + 1,
        more - 1,
        left.filter((order) => holds(order, unit)),
      );
      if (rest) return [unit, ...rest];
    }
    return null;
  };
  for (let size = 1; size <= units.length; size++) {
    const found = search(0, size, orders);
    if (found) return found;
  }
  return null;
}
