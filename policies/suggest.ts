import { isSystemHeap } from '../suites/heap-kind.ts';
import { type Errand, errandFor } from './board.ts';
import type { Chosen, Maker } from './frames.ts';
import { type Court, chosenFrames, gapsOf, tryManner } from './judge.ts';
import { absentConsumer } from './on-board.ts';
import { ProviderName } from './provider.ts';
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
  /** What would tell, where it is unknown. */
  readonly missing: readonly Errand[];
}

/** One kind of buffer of one use case on one board. */
export interface UnitName {
  readonly board: string;
  readonly useCase: string;
}

/** Where in an order a unit is decided. */
export interface Decision extends UnitName {
  readonly provider: string;
  readonly backend: string | null;
  readonly proof: readonly string[];
}

/**
 * nothing: there is no unit at all. undecided: it hangs on answers that nobody measured; `order` is
 * one that holds if they turn out well. Else what the search found, which then holds whatever the
 * missing answers are.
 */
export type Found =
  | Synthesis
  | { readonly kind: 'nothing' }
  | { readonly kind: 'undecided'; readonly order: readonly string[] | null };

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
  readonly found: Found;
  /** For each unit that the order decides, the provider that it comes to. */
  readonly decisions: readonly Decision[];
  readonly conflict: readonly (Conflict[number] & {
    readonly findings: Readonly<Record<string, Finding>>;
  })[];
  /** Units with which every order degrades, since no provider does better there. */
  readonly lossy: readonly UnitName[];
  /** Answers that nobody measured, with what would tell. */
  readonly unknown: readonly (UnitName & {
    readonly provider: string;
    readonly missing: readonly Errand[];
  })[];
  /** Where the order, walked as a whole, falls short of what its parts promise (CMA for all streams at once). */
  readonly shortfalls: readonly (UnitName & { readonly why: string })[];
}

interface Judged {
  readonly name: UnitName;
  readonly of: UseCase;
  readonly findings: ReadonlyMap<string, Finding>;
  /** Past which the program goes on. */
  readonly skipped: ReadonlySet<string>;
}

/** An order asks for linear frames of any format, one dma-buf each. */
const MAKER: Maker = {
  formats: undefined,
  layout: { fds: 'one', modifier: 'linear', seals: ['shrink'] },
};

/** The providers that come into question, preferred ones first: plentiful memory before scarce. */
export function vocabulary(courts: readonly Court[]): string[] {
  const heaps = new Set(
    courts.flatMap(({ facts }) => facts.inventory.heaps.map(({ name }) => `heap:${name}`)),
  );
  const sorted = [...heaps].filter((name) => ProviderName.safeParse(name).success).sort();
  const isSystem = (name: string) => isSystemHeap(name.slice('heap:'.length));
  return [
    'udmabuf',
    ...sorted.filter(isSystem),
    ...sorted.filter((name) => !isSystem(name)),
    'dumb',
    'gbm',
    'v4l2',
  ];
}

/**
 * The shortest order that holds on all boards for all use cases; else the fewest exceptions, or the
 * smallest set of boards and use cases that contradict one another. An order never rests on what was
 * not measured, and a contradiction neither: the search is made twice, with the unknown against every
 * provider and for it.
 */
export function suggest(
  courts: readonly Court[],
  useCases: readonly UseCase[],
  habit: Habit,
  accept: Suggestion['accept'],
): Suggestion {
  const words = vocabulary(courts);
  const judged = courts.flatMap((court) =>
    useCases.flatMap((useCase) => unitsOf(court, useCase, words, habit)),
  );
  const units = (unknown: 'good' | 'bad') => judged.map((one) => unitOf(one, accept, unknown));
  const useful = words.filter((name) =>
    units('good').some(({ classes }) => classes.get(name) === 'good'),
  );
  const found = search(units('bad'), units('good'), useful);
  const order = (board: string) => orderOn(found, board);
  return {
    habit,
    accept,
    providers: useful,
    boards: courts.map(({ facts }) => facts.board),
    useCases: useCases.map(({ name }) => name),
    found,
    decisions: units('bad').flatMap((unit, index) => {
      const provider = order(unit.board).find((name) => unit.classes.get(name) === 'good');
      const finding = provider === undefined ? undefined : judged[index]?.findings.get(provider);
      if (provider === undefined || !finding) return [];
      const { board, useCase } = unit;
      return [{ board, useCase, provider, backend: finding.backend, proof: finding.proof }];
    }),
    conflict: conflictOf(found).map((unit) => withFindings(unit, judged)),
    lossy: judged.filter(isLossy).map(({ name }) => name),
    unknown: judged.flatMap(({ name, findings }) =>
      [...findings].flatMap(([provider, { verdict, missing }]) =>
        verdict === 'unknown' ? [{ ...name, provider, missing }] : [],
      ),
    ),
    shortfalls: courts.flatMap((court) =>
      useCases.flatMap((useCase) => shortfallOf(court, useCase, order(court.facts.board), habit)),
    ),
  };
}

function search(
  against: readonly Unit[],
  inFavour: readonly Unit[],
  providers: readonly string[],
): Found {
  if (against.length === 0) return { kind: 'nothing' };
  const sure = synthesize(against, providers);
  if (sure.kind === 'order') return sure;
  const hoped = synthesize(inFavour, providers);
  if (hoped.kind === 'order') return { kind: 'undecided', order: hoped.order };
  // The conflict must stand even if all that is unknown turned out well.
  if (sure.kind === hoped.kind) return { ...sure, conflict: hoped.conflict };
  return { kind: 'undecided', order: null };
}

const conflictOf = (found: Found): Conflict => ('conflict' in found ? found.conflict : []);

function withFindings(unit: Conflict[number], judged: readonly Judged[]) {
  const one = judged.find(({ name }) => name.board === unit.board && name.useCase === unit.useCase);
  const findings = [...unit.good, ...unit.bad].flatMap((name) => {
    const finding = one?.findings.get(name);
    return finding ? [[name, finding] as const] : [];
  });
  return { ...unit, findings: Object.fromEntries(findings) };
}

/** The order that a board is given; none where there is none. */
function orderOn(found: Found, board: string): readonly string[] {
  if (found.kind === 'order') return found.order;
  if (found.kind !== 'exceptions') return [];
  return found.exceptions.find((one) => one.board === board)?.order ?? found.order;
}

/** One unit a stream: a program may come to another provider for each. */
function unitsOf(court: Court, useCase: UseCase, words: readonly string[], habit: Habit): Judged[] {
  const { board, profile } = court.facts;
  if (absentConsumer(useCase, profile)) return [];
  const streams = chosenFrames(court, useCase, MAKER) ?? [];
  return streams.map(({ stream, frame }) => {
    const ends = words.map((name) => {
      const manner = { ...habit, providers: [name] };
      return { name, end: walk(manner, stream, frame, court.world) };
    });
    const label = streams.length > 1 ? `${useCase.name} (${stream.name})` : useCase.name;
    return {
      name: { board, useCase: label },
      of: useCase,
      findings: new Map(
        ends.map(({ name, end }) => [name, findingOf({ stream, frame }, end, court)]),
      ),
      skipped: new Set(ends.flatMap(({ name, end }) => (end.ended === null ? [name] : []))),
    };
  });
}

const findingOf = (chosen: Chosen, end: Walk, court: Court): Finding => ({
  verdict: end.verdict,
  backend: end.backend,
  why: end.why,
  proof: end.proof,
  missing: gapsOf({ ...chosen, walk: end }, court).map((cell) => errandFor(court.facts, cell)),
});

/** @param unknown how a provider is counted of which too little was measured. */
function unitOf(
  { name, findings, skipped }: Judged,
  accept: Suggestion['accept'],
  unknown: ProviderClass,
): Unit {
  const all = [...findings.values()].map(({ verdict }) => verdict);
  const good: readonly VerdictName[] =
    accept === 'best' && all.includes('holds') ? ['holds'] : ['holds', 'degrades'];
  const classes = [...findings].map(([provider, { verdict }]): [string, ProviderClass] => {
    if (skipped.has(provider)) return [provider, 'skip'];
    if (verdict === 'unknown') return [provider, unknown];
    return [provider, good.includes(verdict) ? 'good' : 'bad'];
  });
  return { ...name, classes: new Map(classes) };
}

const isLossy = ({ findings }: Judged): boolean => {
  const verdicts = [...findings.values()].map(({ verdict }) => verdict);
  return (
    verdicts.includes('degrades') && !verdicts.includes('holds') && !verdicts.includes('unknown')
  );
};

function shortfallOf(
  court: Court,
  useCase: UseCase,
  order: readonly string[],
  habit: Habit,
): Suggestion['shortfalls'] {
  if (order.length === 0 || absentConsumer(useCase, court.facts.profile)) return [];
  const chosen: readonly Chosen[] | null = chosenFrames(court, useCase, MAKER);
  if (!chosen) return [];
  const { verdict, decisive } = tryManner(court, { ...habit, providers: [...order] }, chosen);
  if (verdict === 'holds' || verdict === 'degrades') return [];
  return [{ board: court.facts.board, useCase: useCase.name, why: decisive.walk.why }];
}
