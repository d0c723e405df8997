import { cmaOf } from './allocation.ts';
import { type BoardFacts, errandFor } from './board.ts';
import { caveatsOf } from './caveats.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { type Chosen, framesOf, type Maker } from './frames.ts';
import { measuredWorld } from './measured-world.ts';
import { absentConsumer, cellOf, vocabularyOf } from './on-board.ts';
import type { Policy } from './policy.ts';
import { priceOf } from './price.ts';
import type { Consumer, UseCase } from './use-case.ts';
import { type Judged, judgedOn, type User } from './user.ts';
import { NOTHING_JUDGED, type Verdict } from './verdict.ts';
import { type Manner, VERDICTS, type VerdictName, type Walk, walk } from './walk.ts';
import type { World } from './world.ts';

/** A board that is ready to be asked: what its records say, found once for many questions. */
export interface Court {
  readonly facts: BoardFacts;
  readonly user: Judged;
  readonly evidence: Evidence;
  readonly world: World;
}

/** @param user null: the one as whom the board was measured. */
export function courtOf(facts: BoardFacts, user: User | null = null): Court {
  const judged = judgedOn(facts.inventory, user);
  const evidence = evidenceOf(facts.records);
  return { facts, user: judged, evidence, world: measuredWorld(facts, judged, evidence) };
}

/** What a policy comes to in a use case, stream by stream. */
export interface Trial {
  readonly verdict: VerdictName;
  readonly streams: readonly (Chosen & { readonly walk: Walk })[];
  /** The stream on which the verdict rests: the worst, the first of several. */
  readonly decisive: Chosen & { readonly walk: Walk };
}

/** The frames of a use case on a board, for what a program makes; null where it makes none of them. */
export const chosenFrames = ({ facts, evidence }: Court, useCase: UseCase, maker: Maker) =>
  framesOf(useCase, maker, facts, evidence);

/** Walks a policy for every stream of a use case; CMA that one stream holds is gone for the next. */
export function tryManner(court: Court, manner: Manner, chosen: readonly Chosen[]): Trial {
  let held = 0;
  const streams = chosen.map(({ stream, frame }) => {
    const done = walk(manner, stream, frame, court.world, held);
    held += cmaOf(done.backend, frame, court.facts, court.evidence);
    return { stream, frame, walk: done };
  });
  const rank = (one: { walk: Walk }) => VERDICTS.indexOf(one.walk.verdict);
  const decisive = streams.reduce((worst, one) => (rank(one) > rank(worst) ? one : worst));
  return { verdict: decisive.walk.verdict, streams, decisive };
}

/** The same order, if the program tried an import first and went on after every failure. */
export const probing = ({ providers }: Manner): Manner => ({
  select: 'first-importable',
  fallbackOn: ['open', 'allocation', 'import'],
  providers,
});

/** Whether a policy holds on a board for a use case, with all that belongs to the answer. */
export function judgePolicy(court: Court, policy: Policy, useCase: UseCase): Verdict {
  const { facts, evidence } = court;
  const absent = absentConsumer(useCase, facts.profile);
  if (absent) return nothingToJudge(court, policy, useCase, `the board has ${lackWords(absent)}`);
  const chosen = chosenFrames(court, useCase, policy);
  if (!chosen) return nothingToJudge(court, policy, useCase, noFormatWords(policy));
  const trial = tryManner(court, policy, chosen);
  const { verdict, streams, decisive } = trial;
  const walks = streams.map((one) => one.walk);
  const proof = unique(
    verdict === 'breaks' ? decisive.walk.proof : walks.flatMap((one) => one.proof),
  );
  const missing = verdict === 'unknown' ? unique(streams.flatMap((one) => gapsOf(one, court))) : [];
  const probed = probing(policy);
  const again = verdict === 'holds' ? null : tryManner(court, probed, chosen);
  return {
    board: facts.board,
    policy: policy.name,
    useCase: useCase.name,
    verdict,
    provider: decisive.walk.backend,
    proof,
    why: streams.length > 1 ? `${decisive.stream.name}: ${decisive.walk.why}` : decisive.walk.why,
    ...groundsOf(court),
    applies: true,
    streams: streams.map(({ stream, frame, walk: { verdict, backend, why } }) => {
      const { format, width, height, count } = frame;
      return { stream: stream.name, format, width, height, count, verdict, provider: backend, why };
    }),
    lost: streams.flatMap(({ frame, walk: { lost, backend } }) =>
      lost.map(({ consumer, price, text }) => ({
        consumer,
        price,
        text,
        measured: priceOf(price, backend, frame, evidence),
      })),
    ),
    missing: missing.map((cell) => errandFor(facts, cell)),
    luck: walks.some((one) => one.luck),
    better: betterThan(court, policy, chosen, verdict, decisive.walk.backend),
    probing:
      again && VERDICTS.indexOf(again.verdict) < VERDICTS.indexOf(verdict)
        ? { verdict: again.verdict, provider: again.decisive.walk.backend }
        : null,
    findings: [],
    caveats: unique(
      streams.flatMap(({ frame, walk: { proof: cells } }) =>
        caveatsOf(
          policy,
          frame,
          cells.flatMap((cell) => evidence.of(cell).slice(0, 1)),
          facts,
          court.user,
        ),
      ),
    ),
    claimed: null,
    steps: streams.flatMap(({ stream, walk: { steps } }) =>
      steps.map((step) => ({ ...step, stream: stream.name, proof: [...step.proof] })),
    ),
  };
}

/** Why a use case does not concern a board. */
export const lackWords = ({ name, suite }: Consumer): string =>
  `no ${name} (no device for the suite ${suite}), so there is nothing to judge`;

/** Why a use case does not concern a policy. */
export const noFormatWords = ({ program }: Policy): string =>
  `${program} makes none of the formats of this use case, so there is nothing to judge`;

/** On what a verdict rests, whatever it is. */
const groundsOf = ({ facts, user }: Court) => ({
  basis: 'measured' as const,
  virtual: facts.virtual,
  kernel: facts.inventory.kernel.release,
  runs: [...facts.runs],
  user: { uid: user.uid, groups: [...user.groups], measured: user.measured },
});

/** Cells that were not measured and that a verdict hangs on: those asked for, and what comes after them. */
export function gapsOf(
  { stream, frame, walk: done }: Chosen & { readonly walk: Walk },
  { facts, evidence }: Court,
): string[] {
  const { backend, missing } = done;
  if (done.verdict !== 'unknown' || backend === null) return [...missing];
  const later = stream.consumers.flatMap(
    ({ suite }) => cellOf(suite, backend, frame, facts.profile) ?? [],
  );
  return [...missing, ...later.filter((cell) => evidence.of(cell).length === 0)];
}

function nothingToJudge(court: Court, policy: Policy, useCase: UseCase, why: string): Verdict {
  return {
    ...NOTHING_JUDGED,
    board: court.facts.board,
    policy: policy.name,
    useCase: useCase.name,
    why,
    applies: false,
    ...groundsOf(court),
  };
}

/** Providers of the board, in the program's order and then in ours, with which it would fare better. */
function betterThan(
  court: Court,
  policy: Policy,
  chosen: readonly Chosen[],
  verdict: VerdictName,
  current: string | null,
): Verdict['better'] {
  if (verdict === 'holds' || verdict === 'unknown') return [];
  const seen = new Set<string>(current === null ? [] : [current]);
  const better = vocabularyOf(policy.providers, court.facts).flatMap((item) => {
    const alone = tryManner(
      court,
      { select: 'first-openable', fallbackOn: [], providers: [item] },
      chosen,
    );
    const provider = alone.decisive.walk.backend;
    const isBetter =
      alone.verdict === 'holds' || (alone.verdict === 'degrades' && verdict === 'breaks');
    if (!isBetter || provider === null || provider === 'memory' || seen.has(provider)) return [];
    seen.add(provider);
    const proof = unique(alone.streams.flatMap(({ walk: one }) => one.proof));
    return [{ provider, verdict: alone.verdict, proof }];
  });
  return better.sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));
}

const unique = (list: readonly string[]): string[] => [...new Set(list)];
