import type { Cause, CauseName, Sureness } from './cause.ts';

/** Cells of one cause, told equally surely. */
export interface CauseCount<T> {
  readonly cause: CauseName;
  readonly sureness: Sureness | null;
  readonly cells: readonly T[];
}

/** Cells by cause, the most frequent first; those without a cause, and those nobody asked for, are left out. */
export function countCauses<T extends { readonly cause: Cause | null }>(
  cells: readonly T[],
): CauseCount<T>[] {
  const groups = Map.groupBy(cells, ({ cause }) =>
    cause === null || cause.cause === 'filtered' ? '' : `${cause.cause} ${cause.sureness}`,
  );
  return [...groups.entries()]
    .flatMap(([key, members]) => {
      const cause = members[0]?.cause;
      if (key === '' || !cause) return [];
      return [{ cause: cause.cause, sureness: cause.sureness, cells: members }];
    })
    .sort((a, b) => b.cells.length - a.cells.length);
}

/** `not-contiguous (proven)`, or `unknown`. */
export function causeLabel({ cause, sureness }: Pick<Cause, 'cause' | 'sureness'>): string {
  return sureness === null ? cause : `${cause} (${sureness})`;
}
