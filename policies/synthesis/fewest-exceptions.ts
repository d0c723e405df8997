import { addBoard, type BoardSet, countBoards, hasBoard, noBoards } from './board-set.ts';
import { contradictions, rivals } from './contradictions.ts';
import { bitsOf, isOpen, type Rule, safeSet, strongest, usefulFor } from './rule.ts';

/** An order's beginning: what it tried, in whatever order, and the boards it is given up for. */
interface Beginning {
  readonly tried: number;
  readonly lost: BoardSet;
  readonly losses: number;
}

/** What can become of each board once some providers were tried, and broke none of its rules. */
interface Outlook {
  /** By bit: the boards with an open rule that the provider breaks. */
  readonly harmed: ReadonlyMap<number, BoardSet>;
  /** The boards with an open rule. */
  readonly open: BoardSet;
}

/**
 * The fewest boards without which one order keeps the rules of all others, as rising indices. Each
 * board must have an order of its own.
 *
 * Branch and bound over the beginnings of orders. A board is lost once, however many of its rules
 * are broken, so which boards are lost belongs to the state. What keeps it small and exact:
 * - A provider that harms no board that is left is tried at once: it only closes rules (`safeSet`).
 * - A board that contradicts so many others that an order for it is no better than the best one
 *   known is given up at once.
 * - Of boards that contradict each other, two by two, an order holds for one at most.
 * - Two beginnings that tried the same, and lost the same of the boards that still have open rules,
 *   have the same before them; only the one with fewer losses goes on.
 * Of several answers it is the first found, trying what costs the fewest boards first, and what is
 * preferred before what is not.
 */
export function fewestExceptions(boards: readonly (readonly Rule[])[]): readonly number[] {
  const useful = usefulFor(boards.flat());
  const safe = safeSet(boards.flat());
  const rules = boards.map((own) => strongest(own.filter((rule) => isOpen(rule, safe))));
  const outlookAfter = outlooks(rules);
  const contradicted = contradictions(rules);
  const groups = rivals(contradicted);
  const none = noBoards(boards.length);

  let best: Beginning = { tried: safe, lost: none, losses: Number.POSITIVE_INFINITY };
  const visited = new Map<string, number>();

  const giveUpHopeless = (start: Beginning): Beginning => {
    const lost = start.lost.slice();
    let { losses } = start;
    for (const [board, others] of contradicted.entries()) {
      if (hasBoard(lost, board) || losses + countBoards(others, lost) < best.losses) continue;
      addBoard(lost, board);
      losses++;
    }
    return losses === start.losses ? start : { ...start, lost, losses };
  };

  const visit = (start: Beginning): void => {
    const { tried, lost, losses } = giveUpHopeless(start);
    if (losses >= best.losses) return;
    const survivors = groups.filter((group) => countBoards(group, lost) > 0).length;
    if (boards.length - survivors >= best.losses) return;

    const { harmed, open } = outlookAfter(tried);
    const steps = bitsOf(useful & ~tried).map((bit) => {
      const victims = harmed.get(bit) ?? none;
      return { bit, victims, cost: countBoards(victims, lost) };
    });
    if (steps.length === 0) {
      best = { tried, lost, losses };
      return;
    }
    const free = steps.filter(({ cost }) => cost === 0);
    if (free.length > 0) {
      visit({ tried: free.reduce((set, { bit }) => set | (1 << bit), tried), lost, losses });
      return;
    }
    const state = `${tried}:${lost.map((word, index) => word & (open[index] ?? 0))}`;
    if ((visited.get(state) ?? Number.POSITIVE_INFINITY) <= losses) return;
    visited.set(state, losses);
    for (const { bit, victims, cost } of steps.sort((a, b) => a.cost - b.cost)) {
      if (losses + cost >= best.losses) return;
      const lostThen = lost.map((word, index) => word | (victims[index] ?? 0));
      visit({ tried: tried | (1 << bit), lost: lostThen, losses: losses + cost });
    }
  };
  visit({ tried: safe, lost: none, losses: 0 });
  return [...boards.keys()].filter((board) => hasBoard(best.lost, board));
}

function outlooks(boards: readonly (readonly Rule[])[]): (tried: number) => Outlook {
  const known = new Map<number, Outlook>();
  const outlookAfter = (tried: number): Outlook => {
    const before = known.get(tried);
    if (before) return before;
    const open = noBoards(boards.length);
    const harmed = new Map<number, BoardSet>();
    for (const [board, rules] of boards.entries()) {
      let harmful = 0;
      for (const rule of rules) {
        if (!isOpen(rule, tried)) continue;
        addBoard(open, board);
        harmful |= rule.bad;
      }
      for (const bit of bitsOf(harmful)) {
        const victims = harmed.get(bit) ?? noBoards(boards.length);
        addBoard(victims, board);
        harmed.set(bit, victims);
      }
    }
    const outlook = { open, harmed };
    known.set(tried, outlook);
    return outlook;
  };
  return outlookAfter;
}
