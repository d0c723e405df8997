import type { ExperimentRecord } from '../../suites/diagnose/experiment.ts';
import { experimentRecord, planExperiments } from '../../suites/diagnose/experiments.ts';
import type { Inventory } from '../../suites/inventory.ts';
import { toRecord } from '../../suites/judge.ts';
import type { Plan } from '../../suites/plan.ts';
import type { CellRecord } from '../../suites/record.ts';
import { TransportError } from '../transports/session.ts';
import type { Link } from './link.ts';

/** What the experiments of one board hang on. */
export interface Laboratory {
  readonly board: string;
  readonly agent: Link;
  readonly plan: Plan;
  readonly inventory: Inventory;
  /** All attempts at the plan's cells. */
  readonly records: readonly CellRecord[];
  /** Experiments that an earlier part of the run has made. */
  readonly earlier: readonly ExperimentRecord[];
  readonly markers: boolean;
  readonly budgetMs: number;
  readonly signal: AbortSignal;
}

/** Where they are told. */
export interface LabJournal {
  finding(what: 'taint' | 'warning' | 'lost', text: string): void;
  /** How many there are to be made. */
  experiments(count: number): void;
  experiment(record: ExperimentRecord): void;
}

/** Rounds: what one shows may ask for another (a contiguous frame, where a page has passed). */
const ROUNDS = 2;

/**
 * Makes the experiments that tell the causes of failed cells apart, the most telling first, until the
 * budget is over. They run as the plan's cells do, within its limits; a crash in one is a fact. The
 * matrix is complete by now: a board that goes away here has lost nothing but answers.
 */
export async function runExperiments(lab: Laboratory, journal: LabJournal): Promise<void> {
  const until = Date.now() + lab.budgetMs;
  const made = [...lab.earlier];
  for (let round = 0; round < ROUNDS; round++) {
    const left = until - Date.now();
    if (left <= 0) return;
    const count = await oneRound(lab, made, left, journal);
    if (count === 0) return;
  }
}

/** @returns how many there were to be made. */
async function oneRound(
  lab: Laboratory,
  made: ExperimentRecord[],
  budgetMs: number,
  journal: LabJournal,
): Promise<number> {
  const { board, plan, inventory, records, markers, agent, signal } = lab;
  const planned = planExperiments({ records, experiments: made, inventory }, plan);
  if (planned.length === 0) return 0;
  journal.experiments(planned.length);
  const byId = new Map(planned.map((experiment) => [experiment.cell.id, experiment]));
  const cells = planned.map(({ cell, variation }) => ({
    ...cell,
    skip: null,
    ...(variation === null ? {} : { variation }),
  }));
  const asked = { ...plan, repeat: 1, cells };
  for await (const reply of agent.run(asked, {}, markers, budgetMs)) {
    signal.throwIfAborted();
    if (reply.type === 'finding') journal.finding(reply.what, reply.text);
    if (reply.type !== 'facts') continue;
    const experiment = byId.get(reply.facts.cell);
    if (!experiment)
      throw new TransportError(
        `the agent reported ${reply.facts.cell}, which was not asked`,
        false,
      );
    const record = toRecord(board, experiment.cell, reply.facts, new Date());
    const line = experimentRecord(record, experiment);
    made.push(line);
    journal.experiment(line);
  }
  return planned.length;
}
