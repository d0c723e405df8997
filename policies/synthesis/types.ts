/**
 * How a program that walks an order of providers fares when it comes to one of them. `skip`: it goes
 * on past it, since it is not there, cannot be opened, or is refused where the program falls back.
 * `good`: it ends there, and all is well. `bad`: it ends there, and something breaks.
 */
export type ProviderClass = 'good' | 'bad' | 'skip';

/**
 * One use case on one board. An order holds for it when the first provider that is not skipped is
 * good, so an order with nothing but skips does not.
 */
export interface Unit {
  readonly board: string;
  readonly useCase: string;
  /** By provider, such as `udmabuf` or `heap:linux,cma`. One that is not there is skipped. */
  readonly classes: ReadonlyMap<string, ProviderClass>;
}

export interface BoardOrder {
  readonly board: string;
  readonly order: readonly string[];
}

/** The part of a unit that a conflict rests on; the most preferred providers first. */
export interface ConflictUnit {
  readonly board: string;
  readonly useCase: string;
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

/**
 * The fewest units for which no order holds: whatever is good for one of them is bad for another. Of
 * several such sets the first by board and use case, in which order its units are.
 */
export type Conflict = readonly ConflictUnit[];

export interface ImpossibleBoard {
  readonly board: string;
  /** Among the board's own units. */
  readonly conflict: Conflict;
}

/** What `synthesize` found. Boards are in the order of their names. */
export type Synthesis =
  /** It holds for all units and is the shortest; of several the first by preference. */
  | { readonly kind: 'order'; readonly order: readonly string[] }
  /**
   * No order holds for all. These boards, the fewest that will do, need an order of their own, and
   * `order` holds for the rest; all are shortest. Where other boards are as few, which ones are named
   * is not told by a rule, but it is always the same ones.
   */
  | {
      readonly kind: 'exceptions';
      readonly order: readonly string[];
      readonly exceptions: readonly BoardOrder[];
      readonly conflict: Conflict;
    }
  /** These boards have no order even for themselves. `conflict` is among all units. */
  | {
      readonly kind: 'none';
      readonly impossible: readonly ImpossibleBoard[];
      readonly conflict: Conflict;
    };
