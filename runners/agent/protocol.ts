import { z } from 'zod';
import { Inventory } from '../../suites/inventory.ts';
import { Plan } from '../../suites/plan.ts';
import { CellFacts } from '../../suites/record.ts';

/**
 * What host and agent say to each other: one JSON value a line, requests on the agent's stdin,
 * replies on its stdout. The agent ends when its stdin does, so a lost connection ends it too; one
 * that is lost without a word ends it by the host's silence.
 *
 *   agent: hello      (at once; with who holds the board when it is locked)
 *   host:  inventory  -> agent: inventory; asked again, EGL is looked at and the rest is as before
 *   host:  run        -> agent: start, facts, start, facts, ... done
 *   host:  heaps      -> agent: heaps; memory is allocated for it, so never beside a run's cells
 *   host:  ping       every few seconds; nothing is said to it
 */
export const Request = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('inventory'),
    /** Drivers whose EGL is to be tried (`swrast`, `vgem`). */
    egl: z.array(z.string()),
  }),
  z.strictObject({
    type: z.literal('run'),
    plan: Plan,
    /** Ids already recorded, with the attempts that they have. */
    done: z.record(z.string(), z.int()),
    /** A line for the board's kernel log before each cell, as IGT does; off where not permitted. */
    kmsgMarkers: z.boolean(),
    /** Milliseconds after which no other cell is begun; not there: all of them are tried. */
    budgetMs: z.int().positive().optional(),
  }),
  z.strictObject({
    type: z.literal('heaps'),
    /** Whether a CMA heap may be used up for a moment where nothing else tells heaps apart. */
    exhaustCma: z.boolean(),
  }),
  z.strictObject({ type: z.literal('ping') }),
]);
export type Request = z.infer<typeof Request>;

export const Reply = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    version: z.string(),
    pid: z.int(),
    /** Null: the lock is ours. Else who has the board: `user@host, run 2026…, since 10:31`. */
    lockedBy: z.string().nullable(),
  }),
  z.strictObject({ type: z.literal('inventory'), inventory: Inventory }),
  /** The inventory's heaps, each with its region. */
  z.strictObject({ type: z.literal('heaps'), heaps: Inventory.shape.heaps }),
  z.strictObject({ type: z.literal('start'), cell: z.string(), attempt: z.int() }),
  z.strictObject({ type: z.literal('facts'), facts: CellFacts }),
  /** A taint or something else that is not one cell's own. */
  z.strictObject({
    type: z.literal('finding'),
    what: z.enum(['taint', 'warning']),
    text: z.string(),
  }),
  z.strictObject({ type: z.literal('done') }),
  z.strictObject({ type: z.literal('error'), message: z.string() }),
]);
export type Reply = z.infer<typeof Reply>;
