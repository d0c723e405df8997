import { AXES, type Axis, type Environment, type Tally } from '../gate/model.ts';
import { byResult } from '../gate/tally.ts';
import type { Change, History, Sighting, Stretch } from './model.ts';

/** What is known of an environment, by axis: a run that did not look at one says nothing of it. */
type Known = Map<Axis, string>;

interface Open {
  readonly key: string;
  readonly results: Map<string, Tally>;
  readonly from: Sighting;
  to: Sighting;
  runs: number;
  untried: number;
  readonly kernels: Set<string>;
  readonly changes: readonly Change[] | null;
}

/**
 * One cell's history on one board.
 * @param sightings of that cell on that board, oldest first.
 */
export function historyOf(sightings: readonly Sighting[]): Omit<History, 'board' | 'cells'> {
  const stretches: Open[] = [];
  const known: Known = new Map();
  let gap: Sighting[] = [];
  for (const sighting of sightings) {
    if (sighting.results.length === 0) {
      gap.push(sighting);
      continue;
    }
    const key = sighting.results.map(keyOf).sort().join('\n');
    const last = stretches.at(-1);
    const open = last?.key === key ? last : begun(key, sighting, last ? known : null);
    if (open === last) open.untried += gap.length;
    else stretches.push(open);
    gap = [];
    see(open, sighting);
    learn(known, sighting.environment);
  }
  const newest = gap.at(-1);
  return {
    stretches: stretches.map(closed).reverse(),
    untriedSince: newest ? { runs: gap.length, why: newest.why ?? 'no reason given' } : null,
  };
}

/** All that tells one result from another but how often it was seen. */
const keyOf = ({ outcome, stage, errno, lucky }: Tally) => `${outcome} ${stage} ${errno} ${lucky}`;

function begun(key: string, from: Sighting, known: Known | null): Open {
  const changes = known && from.environment && changesTo(known, from.environment);
  const counts = { runs: 0, untried: 0 };
  return { key, results: new Map(), from, to: from, ...counts, kernels: new Set(), changes };
}

function changesTo(known: Known, now: Environment): Change[] | null {
  if (known.size === 0) return null;
  return AXES.flatMap((axis) => {
    const [before, after] = [known.get(axis), now[axis]];
    return before === undefined || after === null || before === after
      ? []
      : [{ axis, before, after }];
  });
}

function learn(known: Known, environment: Environment | null): void {
  if (!environment) return;
  for (const axis of AXES) {
    const value = environment[axis];
    if (value !== null) known.set(axis, value);
  }
}

function see(open: Open, sighting: Sighting): void {
  open.to = sighting;
  open.runs += 1;
  const kernel = sighting.environment?.kernel;
  if (kernel) open.kernels.add(kernel);
  for (const result of sighting.results) {
    const before = open.results.get(keyOf(result));
    const attempts = result.attempts + (before?.attempts ?? 0);
    open.results.set(keyOf(result), { ...result, attempts });
  }
}

const moment = ({ run, content, startedAt }: Sighting) => ({ run, content, at: startedAt });

function closed({ results, from, to, runs, untried, kernels, changes }: Open): Stretch {
  return {
    results: [...results.values()].sort(byResult),
    from: moment(from),
    to: moment(to),
    runs,
    untried,
    kernels: [...kernels],
    changes: changes && [...changes],
  };
}
