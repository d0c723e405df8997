import { parseSize } from '../devices/planning.ts';
import type { Profile } from '../devices/profile.ts';
import { withoutBackend } from './board.ts';
import { type ClaimedWorld, claimedWorld } from './claimed-world.ts';
import { absentConsumer, cellOf } from './on-board.ts';
import type { Policy } from './policy.ts';
import type { Stream, UseCase } from './use-case.ts';
import type { Verdict } from './verdict.ts';
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
 * What is claimed of a policy on a board that nobody has run. The verdict itself is unknown: a claim
 * is never shown as a measurement.
 * @param measured verdicts of boards that were run, among which its stand-in may be.
 */
export function claimedVerdict(
  { board, profile, inLab }: UnmeasuredBoard,
  policy: Policy,
  useCase: UseCase,
  measured: readonly Verdict[],
): Verdict {
  const absent = absentConsumer(useCase, profile);
  return {
    board,
    policy: policy.name,
    useCase: useCase.name,
    verdict: 'unknown',
    provider: null,
    proof: [],
    why: absent
      ? `the profile lists no ${absent.name} (no device for the suite ${absent.suite}), so there is nothing to judge`
      : 'nobody has run this board',
    applies: absent === undefined,
    basis: 'claimed',
    virtual: false,
    kernel: null,
    runs: [],
    user: { uid: 0, groups: [], measured: false },
    streams: [],
    lost: [],
    missing: absent ? [] : [errandOf(board, inLab)],
    luck: false,
    better: [],
    probing: null,
    findings: [],
    caveats: [],
    claimed: absent ? null : claimOf(profile, policy, useCase, measured),
    steps: [],
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
  profile: Profile,
  policy: Policy,
  useCase: UseCase,
  measured: readonly Verdict[],
): NonNullable<Verdict['claimed']> {
  const world = claimedWorld(profile);
  const walks = useCase.buffers.map((stream) =>
    walk(policy, stream, frameOf(stream, useCase, policy, world, profile), world),
  );
  const rank = (one: (typeof walks)[number]) => VERDICTS.indexOf(one.verdict);
  const worst = walks.reduce((a, b) => (rank(b) > rank(a) ? b : a));
  const standIn = measured.find(
    (one) =>
      one.board === profile.standIn?.profile &&
      one.policy === policy.name &&
      one.useCase === useCase.name,
  );
  return {
    verdict: worst.verdict,
    provider: worst.backend,
    why: worst.why,
    sources: world.sourcesOf(worst.proof),
    standIn: standIn
      ? {
          board: standIn.board,
          verdict: standIn.verdict,
          provider: standIn.provider,
          differs: profile.standIn?.differs ?? '',
        }
      : null,
  };
}

/** The first frame of which every consumer's cells are claimed for some backend; else the first of all. */
function frameOf(
  { formats, count, consumers }: Stream,
  { sizes }: UseCase,
  { layout }: Policy,
  { claims }: ClaimedWorld,
  profile: Profile,
): Frame {
  const frames = formats.flatMap((format) =>
    sizes.map((size) => ({
      format,
      ...parseSize(size),
      count,
      modifier: layout.modifier,
      seals: layout.seals,
    })),
  );
  const known = new Set(
    [...claims]
      .filter(([, { outcome }]) => outcome.includes('pass'))
      .map(([id]) => withoutBackend(id)),
  );
  const [first] = frames;
  if (!first) throw new RangeError('a use case has a format and a size');
  const isKnown = (frame: Frame) =>
    consumers.every(({ suite }) => {
      const id = cellOf(suite, '*', frame, profile);
      return suite === 'cpu' || (id !== null && known.has(withoutBackend(id)));
    });
  return frames.find(isKnown) ?? first;
}
