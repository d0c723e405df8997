import { test } from '@japa/runner';
import fc from 'fast-check';
import { FAILURES, SELECTIONS } from './policy.ts';
import { providerOf } from './provider.ts';
import type { Stream } from './use-case.ts';
import { type Manner, VERDICTS, type VerdictName, walk } from './walk.ts';
import type { Answer, Frame, World } from './world.ts';

/** A world small enough to be gone through in every way: an answer a question. */
interface SmallWorld {
  readonly present: readonly Answer['kind'][];
  readonly opens: readonly Answer['kind'][];
  readonly allocates: readonly Answer['kind'][];
  /** By provider, then by consumer. */
  readonly takes: readonly (readonly Answer['kind'][])[];
  readonly hasDrm: boolean;
}

const NAMES: readonly string[] = ['heap:a', 'heap:b', 'udmabuf'];
const FRAME: Frame = {
  format: 'NV12',
  width: 640,
  height: 480,
  count: 4,
  modifier: 'linear',
  seals: [],
};

const nodes = fc.constantFrom<Answer['kind'][]>('yes', 'yes', 'yes', 'no');
const made = fc.constantFrom<Answer['kind'][]>('yes', 'yes', 'yes', 'no', 'sometimes', 'fatal');
const taken = fc.constantFrom<Answer['kind'][]>('yes', 'yes', 'no', 'sometimes', 'wrong', 'fatal');
const three = <T>(one: fc.Arbitrary<T>) => fc.tuple(one, one, one);

const worlds: fc.Arbitrary<SmallWorld> = fc.record({
  present: three(nodes),
  opens: three(nodes),
  allocates: three(made),
  takes: three(three(taken)),
  hasDrm: fc.boolean(),
});

const manners: fc.Arbitrary<Manner> = fc.record({
  select: fc.constantFrom(...SELECTIONS),
  fallbackOn: fc.subarray([...FAILURES]),
  providers: fc.shuffledSubarray([...NAMES], { minLength: 1 }).chain((order) =>
    fc.tuple(
      ...order.map((from) =>
        fc.record({
          from: fc.constant(from),
          open: fc.constant('rw' as const),
          ifClosed: fc.constantFrom('next' as const, 'stop' as const),
          when: fc.constantFrom('always' as const, 'always' as const, 'no-drm' as const),
          copied: fc.boolean(),
        }),
      ),
    ),
  ),
});

const streams: fc.Arbitrary<Stream> = fc
  .array(fc.boolean(), { minLength: 1, maxLength: 3 })
  .map((required) => ({
    name: 'frame',
    formats: ['NV12'],
    count: 4,
    consumers: required.map((vital, index) => ({
      name: `consumer${index}`,
      suite: 'cpu' as const,
      required: vital,
      ...(vital ? {} : { fallback: { price: 'copy' as const, text: 'a copy' } }),
    })),
  }));

function worldOf(small: SmallWorld, stream: Stream): World {
  const at = (from: string) => NAMES.indexOf(from);
  const answer = (kind: Answer['kind'] | undefined): Answer =>
    kind === 'unknown' || kind === undefined
      ? { kind: 'unknown', why: 'not measured', proof: [], missing: ['a cell'] }
      : { kind, why: kind, proof: [] };
  return {
    backendOf: ({ from }) => from,
    hasDrm: small.hasDrm,
    present: ({ from }) => answer(small.present[at(from)]),
    opens: ({ from }) => answer(small.opens[at(from)]),
    allocates: ({ from }) => answer(small.allocates[at(from)]),
    takes: ({ from }, consumer) =>
      answer(small.takes[at(from)]?.[stream.consumers.indexOf(consumer)]),
  };
}

/**
 * The program itself, written down once more as a program: it meets its world once, and each time
 * that luck is asked it draws from `draws`.
 */
function perform(manner: Manner, stream: Stream, world: World, draw: () => boolean): VerdictName {
  const rank = SELECTIONS.indexOf(manner.select);
  const falls = (what: 'open' | 'allocation' | 'import') => manner.fallbackOn.includes(what);
  for (const provider of manner.providers.map(providerOf)) {
    if (provider.when === 'no-drm' && world.hasDrm) continue;
    if (world.present(provider).kind === 'no') {
      if (rank >= 1 || falls('open')) continue;
      return 'breaks';
    }
    if (world.opens(provider).kind === 'no') {
      if (provider.ifClosed === 'next' && (rank >= 1 || falls('open'))) continue;
      return 'breaks';
    }
    const asked = world.allocates(provider, FRAME, 0).kind;
    const made = asked === 'sometimes' ? (draw() ? 'yes' : 'no') : asked;
    if (made === 'fatal') return 'breaks';
    if (made === 'no') {
      if (rank >= 2 || falls('allocation')) continue;
      return 'breaks';
    }
    const offer = (index: number): string => {
      const consumer = stream.consumers[index];
      if (!consumer) throw new RangeError();
      const { kind } = world.takes(provider, consumer, FRAME);
      return kind === 'sometimes' ? (draw() ? 'yes' : 'no') : kind;
    };
    const everybody = stream.consumers.map((_, index) => index);
    const vital = everybody.filter((index) => stream.consumers[index]?.required);
    let dead = false;
    let refused = false;
    if (rank === 3)
      for (const index of vital.length ? vital : [0]) {
        const answer = offer(index);
        dead = answer === 'fatal';
        refused = answer === 'no';
        if (dead || refused) break;
      }
    if (dead) return 'breaks';
    if (refused) continue;
    let wrong = false;
    let lost = provider.copied;
    for (const index of everybody) {
      const answer = offer(index);
      if (answer === 'fatal') return 'breaks';
      wrong ||= answer === 'wrong';
      if (answer !== 'no') continue;
      if (!vital.includes(index)) lost = true;
      else if (falls('import')) refused = true;
      else return 'breaks';
      if (refused) break;
    }
    if (refused) continue;
    if (wrong) return 'breaks';
    return lost ? 'degrades' : 'holds';
  }
  return 'breaks';
}

/** The worst that can come, over all draws of luck. */
function worstOf(manner: Manner, stream: Stream, world: World): VerdictName {
  let worst: VerdictName = 'holds';
  const open: boolean[][] = [[]];
  for (let fixed = open.pop(); fixed; fixed = open.pop()) {
    const draws = fixed;
    let used = 0;
    const verdict = perform(manner, stream, world, () => {
      const now = draws[used++];
      if (now !== undefined) return now;
      open.push([...draws, ...Array(used - 1 - draws.length).fill(true), false]);
      return true;
    });
    if (VERDICTS.indexOf(verdict) > VERDICTS.indexOf(worst)) worst = verdict;
  }
  return worst;
}

/** Every way in which the unknown answers of a world could be filled in. */
function completions(small: SmallWorld): SmallWorld[] {
  const text = JSON.stringify(small);
  const at = text.indexOf('"unknown"');
  if (at < 0) return [small];
  const fill = ['yes', 'no', 'wrong', 'fatal', 'sometimes'];
  return fill.flatMap((kind) => completions(JSON.parse(text.replace('"unknown"', `"${kind}"`))));
}

test.group('a walk through a policy', () => {
  test('comes to the worst that the program can come to', ({ assert }) => {
    fc.assert(
      fc.property(manners, streams, worlds, (manner, stream, small) => {
        const world = worldOf(small, stream);
        assert.equal(
          walk(manner, stream, FRAME, world).verdict,
          worstOf(manner, stream, world),
          JSON.stringify({ manner, stream, small }),
        );
      }),
      { numRuns: 5000 },
    );
  });

  test('is unknown unless every answer that is missing would come to the same', ({ assert }) => {
    const gaps = fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { minLength: 1, maxLength: 2 });
    let decided = 0;
    let unknown = 0;
    fc.assert(
      fc.property(manners, streams, worlds, gaps, (manner, stream, full, holes) => {
        const takes = full.takes.map((row, provider) =>
          row.map((kind, consumer) =>
            holes.some(([p, c]) => p === provider && c === consumer) ? ('unknown' as const) : kind,
          ),
        );
        const small = { ...full, takes };
        const { verdict, missing } = walk(manner, stream, FRAME, worldOf(small, stream));
        if (verdict === 'unknown') {
          unknown++;
          assert.isNotEmpty(missing);
          return;
        }
        decided++;
        for (const whole of completions(small))
          assert.equal(
            worstOf(manner, stream, worldOf(whole, stream)),
            verdict,
            JSON.stringify({ manner, stream, small, whole }),
          );
      }),
      { numRuns: 3000 },
    );
    assert.isAbove(decided, 100);
    assert.isAbove(unknown, 100);
  });

  test('tells every step, and what the program does about it', ({ assert }) => {
    const stream: Stream = {
      name: 'frame',
      formats: ['NV12'],
      count: 4,
      consumers: [{ name: 'display', suite: 'kms-primary', required: true }],
    };
    const world = worldOf(
      {
        present: ['no', 'yes', 'yes'],
        opens: ['yes', 'no', 'yes'],
        allocates: ['yes', 'yes', 'yes'],
        takes: [['yes'], ['yes'], ['no']],
        hasDrm: true,
      },
      stream,
    );
    const manner: Manner = { select: 'first-openable', fallbackOn: [], providers: [...NAMES] };
    const { verdict, backend, steps, why } = walk(manner, stream, FRAME, world);
    assert.equal(verdict, 'breaks');
    assert.equal(backend, 'udmabuf');
    assert.equal(why, 'display: no');
    assert.deepEqual(
      steps.map(({ provider, what, answer, does }) => [provider, what, answer, does].join(' ')),
      [
        'heap:a node no next provider',
        'heap:b node yes goes on',
        'heap:b open no next provider',
        'udmabuf node yes goes on',
        'udmabuf open yes goes on',
        'udmabuf allocate yes goes on',
        'udmabuf use no gives up',
      ],
    );
  });
});
