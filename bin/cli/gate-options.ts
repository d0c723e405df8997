import { InvalidArgumentError, Option } from 'commander';
import { AXES, type Axis, type Kind, STOPPING_KINDS } from '../../reports/gate/model.ts';
import { positiveInt } from './options.ts';

/** What `bufmatrix gate` takes. */
export interface GateFlags {
  readonly candidate: string;
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly varies: readonly Axis[];
  readonly failOn: readonly Kind[];
  readonly alpha: number;
  readonly anyway?: true;
  readonly json?: true;
  readonly bisect?: true;
  /** How often cells are tried again; true: as often as it takes. */
  readonly confirm?: number | true;
  readonly baselineLab?: string;
  readonly candidateLab?: string;
  /** Seconds. */
  readonly wait?: number;
  readonly out: string;
}

/** What stops a merge where nothing else is asked for: whatever is worse, and is not likely chance. */
const FAIL_ON: readonly Kind[] = [
  'new-failure',
  'unconfirmed',
  'missing',
  'missing-attempts',
  'changed',
  'lucky',
];

export const gateOptions = () => [
  new Option('--candidate <run>', 'the run that is judged: its id or folder').makeOptionMandatory(),
  new Option('--baseline <run|file>', 'what it is held against: a run, or a baseline file'),
  new Option(
    '--write-baseline <file>',
    'write the candidate as a baseline file, and compare nothing',
  ).conflicts('baseline'),
  new Option(
    '--varies <what>',
    `what is under test, and so may differ: ${AXES.join(', ')} (repeatable)`,
  )
    .argParser(several<Axis>(AXES))
    .default([], 'nothing'),
  new Option('--fail-on <kind>', `what exits 1: ${STOPPING_KINDS.join(', ')}, or none (repeatable)`)
    .argParser(failOn)
    .default(FAIL_ON, FAIL_ON.join(',')),
  new Option('--alpha <p>', 'significance level of all tests together')
    .argParser(probability)
    .default(0.05),
  new Option('--anyway', 'compare though something else differs than what is under test'),
  new Option(
    '--confirm [attempts]',
    'try cells whose change may be chance again on both sides, and judge by that (default: as often as it takes)',
  )
    .argParser(positiveInt)
    .conflicts('writeBaseline'),
  new Option(
    '--baseline-lab <file>',
    'the lab file by which --confirm reaches the baseline (default: the one that its run was made with)',
  ).implies({ confirm: true }),
  new Option('--candidate-lab <file>', 'the same for the candidate').implies({ confirm: true }),
  new Option(
    '--wait <seconds>',
    'with --confirm: wait for a board that another run has, that long at most',
  ).argParser(positiveInt),
  new Option('--json', 'print JSON'),
  new Option('--bisect', 'exit as git bisect run wants it: 0 good, 1 bad, 125 cannot tell'),
  new Option('--out <dir>', 'the folder that holds the runs').default('results'),
];

/** Several at once, or the option several times. */
function several<T extends string>(known: readonly T[]) {
  return (value: string, previous: readonly T[] | undefined): T[] => {
    const found = value.split(',').map((name) => {
      const one = known.find((each) => each === name);
      if (!one) throw new InvalidArgumentError(`it is one of ${known.join(', ')}.`);
      return one;
    });
    return [...new Set([...(previous ?? []), ...found])];
  };
}

function failOn(value: string, previous: readonly Kind[] | undefined): readonly Kind[] {
  // What is asked for replaces the default, and adds to what was asked for before.
  const before = previous === FAIL_ON ? [] : previous;
  return value === 'none' ? [] : several<Kind>(STOPPING_KINDS)(value, before);
}

function probability(value: string): number {
  const number = /^(0?\.\d+|\d+(\.\d+)?e-\d+)$/.test(value) ? Number(value) : Number.NaN;
  if (!(number > 0 && number < 1))
    throw new InvalidArgumentError('it takes a number between 0 and 1, such as 0.05.');
  return number;
}
