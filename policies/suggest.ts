import { isSystemHeap } from '../suites/heap-kind.ts';
import type { Chosen } from './frames.ts';
import { type Court, chosenFrames, tryManner } from './judge.ts';
import { absentConsumer } from './measured-world.ts';
import { synthesize } from './synthesis/synthesize.ts';
import type { Conflict, ProviderClass, Synthesis, Unit } from './synthesis/types.ts';
import type { UseCase } from './use-case.ts';
import { type Manner, type VerdictName, type Walk, walk } from './walk.ts';

/** How the program that the order is for decides, and what it falls back on. */
export type Habit = Pick<Manner, 'select' | 'fallbackOn'>;

/** What one provider comes to on one unit, alone, and which cells say so. */
export interface Finding {
  readonly verdict: VerdictName;
  readonly backend: string | null;
  readonly why: string;
  readonly proof: readonly string[];
  /** Cells that would tell, where it is unknown. */
  readonly missing: readonly string[];
}

/** Where in an order a unit is decided. */
export interface Decision {
  readonly board: string;
  readonly useCase: string;
  readonly provider: string;
  readonly backend: string | null;
  readonly proof: readonly string[];
}

interface UnitName {
  readonly board: string;
  readonly useCase: string;
}

/** The order that would hold, or why there is none, with the cells that show it. */
export interface Suggestion {
  readonly habit: Habit;
  /**
   * What counts as good for a unit. best: what no other provider betters there, so that a plane that a
   * display does not have at all speaks against none. degrades: whatever does not break.
   */
  readonly accept: 'best' | 'degrades';
  readonly providers: readonly string[];
  readonly boards: readonly string[];
  readonly useCases: readonly string[];
  readonly found: Synthesis;
  /** For each unit that the order decides, the provider that it comes to. */
  readonly decisions: readonly Decision[];
  readonly conflict: readonly (Conflict[number] & {
    readonly findings: Readonly<Record<string, Finding>>;
  })[];
  /** Units with which every order degrades, since no provider does better there. */
  readonly lossy: readonly UnitName[];
  /** Units of which too little was measured to say anything; no order speaks for them. */
  readonly left: readonly (UnitName & { readonly missing: readonly string[] })[];
  /** Answers that nobody measured, and that were counted against a provider. */
  readonly unknown: readonly (UnitName & {
    readonly provider: string;
    readonly missing: readonly string[];
  })[];
  /** Where the order, walked as a whole, falls short of what its parts promise (CMA for all streams at once). */
  readonly shortfalls: readonly {
    readonly board: string;
    readonly useCase: string;
    readonly why: string;
  }[];
}

interface Judged {
  readonly unit: Unit;
  readonly of: UseCase;
  readonly findings: ReadonlyMap<string, Finding>;
}

/** The providers that come into question, preferred ones first: plentiful memory before scarce. */
export function vocabulary(courts: readonly Court[]): string[] {
  const heaps = new Set(
    courts.flatMap(({ facts }) => facts.inventory.heaps.map(({ name }) => name)),
  );
  const sorted = [...heaps].sort();
  return [
    'udmabuf',
    ...sorted.filter(isSystemHeap).map((name) => `heap:${name}`),
    ...sorted.filter((name) => !isSystemHeap(name)).map((name) => `heap:${name}`),
    'dumb',
    'gbm',
    'v4l2',
  ];
}

/**
 * The shortest order that holds on all boards for all use cases; else the fewest exceptions, or the
 * smallest set of boards and use cases that contradict one another. What was not measured counts
 * against a provider, so that no order rests on it.
 */
export function suggest(
  courts: readonly Court[],
  useCases: readonly UseCase[],
  habit: Habit,
  accept: Suggestion['accept'],
): Suggestion {
  const words = vocabulary(courts);
  const tried = courts.flatMap((court) =>
    useCases.flatMap((useCase) => unitsOf(court, useCase, words, habit, accept)),
  );
  const [left, judged] = [tried.filter(isUnjudged), tried.filter((one) => !isUnjudged(one))];
  const useful = words.filter((name) =>
    judged.some(({ unit }) => unit.classes.get(name) === 'good'),
  );
  const found = synthesize(
    judged.map(({ unit }) => unit),
    useful,
  );
  const key = (board: string, useCase: string) => `${board}\n${useCase}`;
  const byUnit = new Map(judged.map((one) => [key(one.unit.board, one.unit.useCase), one]));
  return {
    habit,
    accept,
    providers: useful,
    boards: courts.map(({ facts }) => facts.board),
    useCases: useCases.map(({ name }) => name),
    found,
    decisions: judged.flatMap((one) => decisionOf(one, orderOn(found, one.unit.board))),
    conflict: conflictOf(found).map((unit) => {
      const one = byUnit.get(key(unit.board, unit.useCase));
      const names = [...unit.good, ...unit.bad];
      const findings = names.flatMap((name) => {
        const finding = one?.findings.get(name);
        return finding ? [[name, finding] as const] : [];
      });
      return { ...unit, findings: Object.fromEntries(findings) };
    }),
    lossy: judged.filter(isLossy).map(nameOf),
    left: left.map((one) => ({ ...nameOf(one), missing: missingOf(one) })),
    unknown: judged.flatMap((one) =>
      [...one.findings].flatMap(([provider, { verdict, missing }]) =>
        verdict === 'unknown' ? [{ ...nameOf(one), provider, missing }] : [],
      ),
    ),
    shortfalls: courts.flatMap((court) =>
      useCases.flatMap((useCase) => {
        const { board } = court.facts;
        const whole = judged.some(
          ({ unit, of }) =>
            unit.board === board &&
            of === useCase &&
            !left.some((one) => one.of === useCase && one.unit.board === board),
        );
        return whole ? shortfallOf(court, useCase, orderOn(found, board), habit) : [];
      }),
    ),
  };
}

const conflictOf = (found: Synthesis): Conflict => (found.kind === 'order' ? [] : found.conflict);

/** The order that a board is given; none where there is none. */
function orderOn(found: Synthesis, board: string): readonly string[] {
  if (found.kind === 'none') return [];
  const own = found.kind === 'exceptions' && found.exceptions.find((one) => one.board === board);
  return own ? own.order : found.order;
}

const nameOf = ({ unit: { board, useCase } }: Judged): UnitName => ({ board, useCase });

const missingOf = ({ findings }: Judged): string[] => [
  ...new Set([...findings.values()].flatMap(({ missing }) => missing)),
];

/** No provider is known to be good, and of some it is not known. */
const isUnjudged = ({ unit: { classes }, findings }: Judged): boolean =>
  ![...classes.values()].includes('good') &&
  [...findings.values()].some(({ verdict }) => verdict === 'unknown');

const isLossy = ({ unit: { classes }, findings }: Judged): boolean =>
  [...classes].some(
    ([name, kind]) => kind === 'good' && findings.get(name)?.verdict === 'degrades',
  ) && ![...findings.values()].some(({ verdict }) => verdict === 'holds');

/** The verdicts that are good enough where these are to be had. */
function goodAmong(
  found: readonly VerdictName[],
  accept: Suggestion['accept'],
): readonly VerdictName[] {
  if (accept === 'degrades') return ['holds', 'degrades'];
  return found.includes('holds') ? ['holds'] : ['degrades'];
}

/** One unit a stream: a program may come to another provider for each. */
function unitsOf(
  court: Court,
  useCase: UseCase,
  words: readonly string[],
  habit: Habit,
  accept: Suggestion['accept'],
): Judged[] {
  if (absentConsumer(useCase, court.facts.profile)) return [];
  const streams = chosenFrames(court, useCase, 'linear');
  return streams.map((chosen) => {
    const ends = words.map((name) => {
      const manner = { ...habit, providers: [name] };
      return { name, end: walk(manner, chosen.stream, chosen.frame, court.world) };
    });
    const good = goodAmong(
      ends.map(({ end }) => end.verdict),
      accept,
    );
    const classOf = ({ ended, verdict }: Walk): ProviderClass =>
      ended === null ? 'skip' : good.includes(verdict) ? 'good' : 'bad';
    const classes = new Map(ends.map(({ name, end }) => [name, classOf(end)]));
    const findings = new Map(ends.map(({ name, end }) => [name, findingOf(end)]));
    const label = streams.length > 1 ? `${useCase.name} (${chosen.stream.name})` : useCase.name;
    return { unit: { board: court.facts.board, useCase: label, classes }, of: useCase, findings };
  });
}

const findingOf = ({ verdict, backend, why, proof, missing }: Walk): Finding => ({
  verdict,
  backend,
  why,
  proof,
  missing,
});

function decisionOf({ unit, findings }: Judged, order: readonly string[]): Decision[] {
  const { board, useCase, classes } = unit;
  const provider = order.find((name) => classes.get(name) === 'good');
  const finding = provider === undefined ? undefined : findings.get(provider);
  if (provider === undefined || !finding) return [];
  return [{ board, useCase, provider, backend: finding.backend, proof: finding.proof }];
}

function shortfallOf(
  court: Court,
  useCase: UseCase,
  order: readonly string[],
  habit: Habit,
): Suggestion['shortfalls'] {
  if (order.length === 0) return [];
  const chosen: readonly Chosen[] = chosenFrames(court, useCase, 'linear');
  const { verdict, decisive } = tryManner(court, { ...habit, providers: [...order] }, chosen);
  if (verdict === 'holds' || verdict === 'degrades') return [];
  return [{ board: court.facts.board, useCase: useCase.name, why: decisive.walk.why }];
}
