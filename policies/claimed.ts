import type { Profile } from '../devices/profile.ts';
import { withoutBackend } from './board.ts';
import { type BoardHistory, checkPolicies } from './check.ts';
import { type ClaimedWorld, claimedWorld } from './claimed-world.ts';
import { type Chosen, formatsOf, frameIn } from './frames.ts';
import { lackWords, noFormatWords } from './judge.ts';
import { absentConsumer, cellOf } from './on-board.ts';
import type { Policy } from './policy.ts';
import type { Stream, UseCase } from './use-case.ts';
import type { User } from './user.ts';
import { NOTHING_JUDGED, type Verdict } from './verdict.ts';
import { VERDICTS, walk } from './walk.ts';
import type { Frame } from './world.ts';

/** A board of the lab that nobody has run, and what its profile claims. */
export interface UnmeasuredBoard {
  readonly board: string;
  readonly profile: Profile;
  /** False: it is a profile's name, and no board of the lab has it. */
  readonly inLab: boolean;
}

/**
 * What is claimed of policies on boards that nobody has run. The verdicts themselves are unknown: a
 * claim is never shown as a measurement.
 * @param measured boards that were run, among which their stand-ins may be.
 */
export function claimedVerdicts(
  boards: readonly UnmeasuredBoard[],
  measured: readonly BoardHistory[],
  policies: readonly Policy[],
  useCases: readonly UseCase[],
  user: User | null,
): Verdict[] {
  return boards.flatMap((board) => {
    const world = claimedWorld(board.profile);
    const standIn = measured.find(({ now }) => now.profile.name === board.profile.standIn?.profile);
    const seen = standIn ? checkPolicies([standIn], policies, useCases, user) : [];
    return policies.flatMap((policy) =>
      useCases.map((useCase) => {
        const beside = seen.find(
          (one) => one.policy === policy.name && one.useCase === useCase.name,
        );
        return verdictOf(board, policy, useCase, world, beside);
      }),
    );
  });
}

function verdictOf(
  { board, profile, inLab }: UnmeasuredBoard,
  policy: Policy,
  useCase: UseCase,
  world: ClaimedWorld,
  beside: Verdict | undefined,
): Verdict {
  const absent = absentConsumer(useCase, profile);
  const frames = useCase.buffers.flatMap(
    (stream) => frameOf(stream, useCase, policy, world, profile) ?? [],
  );
  const applies = absent === undefined && frames.length === useCase.buffers.length;
  return {
    ...NOTHING_JUDGED,
    board,
    policy: policy.name,
    useCase: useCase.name,
    why: absent
      ? `the profile lists ${lackWords(absent)}`
      : applies
        ? 'nobody has run this board'
        : noFormatWords(policy),
    applies,
    basis: 'claimed',
    virtual: false,
    kernel: null,
    runs: [],
    user: { uid: 0, groups: [], measured: false },
    missing: applies ? [errandOf(board, inLab)] : [],
    claimed: applies ? claimOf(profile, policy, frames, world, beside) : null,
  };
}

const errandOf = (board: string, inLab: boolean) =>
  inLab
    ? { cell: '*', command: `bufmatrix run ${board}`, note: null }
    : {
        cell: '*',
        command: null,
        note: `name a board with the profile ${board} in lab.yaml, and run it`,
      };

function claimOf(
  { standIn }: Profile,
  policy: Policy,
  frames: readonly Chosen[],
  world: ClaimedWorld,
  beside: Verdict | undefined,
): NonNullable<Verdict['claimed']> {
  const walks = frames.map(({ stream, frame }) => walk(policy, stream, frame, world));
  const rank = (one: (typeof walks)[number]) => VERDICTS.indexOf(one.verdict);
  const worst = walks.reduce((a, b) => (rank(b) > rank(a) ? b : a));
  return {
    verdict: worst.verdict,
    provider: worst.backend,
    why: worst.why,
    sources: world.sourcesOf(worst.proof),
    standIn:
      standIn && beside
        ? {
            board: beside.board,
            verdict: beside.verdict,
            provider: beside.provider,
            differs: standIn.differs,
          }
        : null,
  };
}

/**
 * The first frame of which every consumer's cells are claimed for some backend, else the first of all;
 * null where the program makes none of the formats.
 */
function frameOf(
  stream: Stream,
  { sizes }: UseCase,
  policy: Policy,
  { claims }: ClaimedWorld,
  profile: Profile,
): Chosen | null {
  const frames = formatsOf(stream, policy).flatMap((format) =>
    sizes.map((size) => frameIn(format, size, stream, policy)),
  );
  const [first] = frames;
  if (!first) return null;
  const known = new Set(
    [...claims]
      .filter(([, { outcome }]) => outcome.includes('pass'))
      .map(([id]) => withoutBackend(id)),
  );
  const isKnown = (frame: Frame) =>
    stream.consumers.every(({ suite }) => {
      const id = cellOf(suite, '*', frame, profile);
      return suite === 'cpu' || (id !== null && known.has(withoutBackend(id)));
    });
  return { stream, frame: frames.find(isKnown) ?? first };
}
