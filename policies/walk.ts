import type { Failure, Policy, Selection } from './policy.ts';
import { type Provider, providerOf } from './provider.ts';
import type { Consumer, Price, Stream } from './use-case.ts';
import type { Answer, Frame, World } from './world.ts';

/** The verdicts, best first. */
export const VERDICTS = ['holds', 'degrades', 'unknown', 'breaks'] as const;
export type VerdictName = (typeof VERDICTS)[number];

/** One step of a program through its policy. */
export interface Step {
  readonly provider: string;
  /** What the provider comes to on this board; null where it has no such device. */
  readonly backend: string | null;
  readonly what: 'condition' | 'node' | 'open' | 'allocate' | 'probe' | 'use';
  /** Who takes the buffer, of probe and use. */
  readonly consumer: string | null;
  readonly answer: Answer['kind'];
  readonly why: string;
  readonly proof: readonly string[];
  /** What the program does about it. */
  readonly does:
    | 'goes on'
    | 'next provider'
    | 'gives up'
    | 'does without'
    | 'does not notice'
    | 'cannot be told';
}

/** Something that is lost though nothing breaks. */
export interface Loss {
  readonly consumer: string;
  readonly price: Price;
  readonly text: string;
  readonly proof: readonly string[];
}

/** What came of a policy for one kind of buffer. */
export interface Walk {
  readonly verdict: VerdictName;
  /** The provider that the program ended with; null where it ran out of them. */
  readonly ended: Provider | null;
  readonly backend: string | null;
  readonly why: string;
  readonly proof: readonly string[];
  readonly missing: readonly string[];
  readonly lost: readonly Loss[];
  readonly steps: readonly Step[];
  /** Whether luck had a say: buffers of one kind are taken at one time and refused at another. */
  readonly luck: boolean;
}

/** What a program does by: the policy without its texts. */
export type Manner = Pick<Policy, 'select' | 'fallbackOn' | 'providers'>;

/**
 * Goes through a policy as the program does, for one kind of buffer, and says what comes of it.
 * Where luck decides, the worse of the two ways counts. What was not measured makes it unknown,
 * unless it breaks whatever the answer would be.
 * @param held KiB of CMA that the program holds already.
 */
export function walk(manner: Manner, stream: Stream, frame: Frame, world: World, held = 0): Walk {
  const providers = manner.providers.map(providerOf);
  return new Program({ manner, providers, stream, frame, world, held }).from(0, []);
}

/** The worse of two ends; the first where they are alike: give it the unlucky one. */
const worse = (a: Walk, b: Walk): Walk =>
  VERDICTS.indexOf(b.verdict) > VERDICTS.indexOf(a.verdict) ? b : a;

const RANK: Readonly<Record<Selection, number>> = {
  'first-listed': 0,
  'first-openable': 1,
  'first-allocatable': 2,
  'first-importable': 3,
};

interface Setting {
  readonly manner: Manner;
  readonly providers: readonly Provider[];
  readonly stream: Stream;
  readonly frame: Frame;
  readonly world: World;
  readonly held: number;
}

/** The program at one provider, with the steps that led there. */
interface Place {
  readonly index: number;
  readonly provider: Provider;
  readonly steps: readonly Step[];
}

class Program {
  readonly #it: Setting;

  constructor(setting: Setting) {
    this.#it = setting;
  }

  /** From the provider at that place in the order to the end. */
  from(index: number, steps: readonly Step[]): Walk {
    const provider = this.#it.providers[index];
    if (!provider) return ranOut(steps);
    const place = { index, provider, steps };
    if (provider.when !== 'no-drm' || !this.#it.world.hasDrm) return this.#reach(place);
    const why = 'it is tried only where there is no DRM device, and there is one';
    return this.#next(place, 'condition', { kind: 'no', why, proof: [] });
  }

  #asks = (selection: Selection) => RANK[this.#it.manner.select] >= RANK[selection];

  #falls = (failure: Failure) => this.#it.manner.fallbackOn.includes(failure);

  #step(
    { provider, steps }: Place,
    what: Step['what'],
    { kind, why, proof }: Answer,
    does: Step['does'],
    consumer: Consumer | null = null,
  ): readonly Step[] {
    const step: Step = {
      provider: provider.from,
      backend: this.#it.world.backendOf(provider),
      what,
      consumer: consumer?.name ?? null,
      answer: kind,
      why,
      proof,
      does,
    };
    return [...steps, step];
  }

  #next(place: Place, what: Step['what'], answer: Answer, consumer: Consumer | null = null): Walk {
    return this.from(place.index + 1, this.#step(place, what, answer, 'next provider', consumer));
  }

  #giveUp(
    place: Place,
    what: Step['what'],
    answer: Answer,
    consumer: Consumer | null = null,
  ): Walk {
    const { kind, why, proof, missing = [] } = answer;
    const { provider } = place;
    // What is not there, or does not open, has not been come to.
    const got = what !== 'node' && what !== 'open';
    const who = consumer?.name ?? (got ? null : provider.from);
    return {
      verdict: kind === 'unknown' ? 'unknown' : 'breaks',
      ended: provider,
      backend: got ? this.#it.world.backendOf(provider) : null,
      why: who === null ? why : `${who}: ${why}`,
      proof,
      missing,
      lost: [],
      steps: this.#step(place, what, answer, 'gives up', consumer),
      luck: kind === 'sometimes',
    };
  }

  /** Its node: there, and open to the user? */
  #reach(place: Place): Walk {
    const { world } = this.#it;
    let { steps } = place;
    for (const what of ['node', 'open'] as const) {
      const here = { ...place, steps };
      const answer = what === 'node' ? world.present(place.provider) : world.opens(place.provider);
      if (answer.kind !== 'yes') {
        const stops = what === 'open' && place.provider.ifClosed === 'stop';
        const goesOn = answer.kind === 'no' && !stops && this.#passesClosed();
        return goesOn ? this.#next(here, what, answer) : this.#giveUp(here, what, answer);
      }
      steps = this.#step(here, what, answer, 'goes on');
    }
    return this.#allocate({ ...place, steps });
  }

  #passesClosed = () => this.#asks('first-openable') || this.#falls('open');

  #allocate(place: Place): Walk {
    const answer = this.#it.world.allocates(place.provider, this.#it.frame, this.#it.held);
    const { kind } = answer;
    if (kind !== 'yes') {
      const refused = kind === 'no' || kind === 'sometimes';
      const goesOn = refused && (this.#asks('first-allocatable') || this.#falls('allocation'));
      const without = goesOn
        ? this.#next(place, 'allocate', answer)
        : this.#giveUp(place, 'allocate', answer);
      if (kind !== 'sometimes') return without;
      const got = { ...place, steps: this.#step(place, 'allocate', answer, 'goes on') };
      return { ...worse(without, this.#allocated(got)), luck: true };
    }
    const here = { ...place, steps: this.#step(place, 'allocate', answer, 'goes on') };
    return this.#allocated(here);
  }

  #allocated = (place: Place): Walk =>
    this.#asks('first-importable') ? this.#probe(place, probed(this.#it.stream)) : this.#use(place);

  /** Tries an import with each of those that it cannot do without, before it decides. */
  #probe(place: Place, [consumer, ...rest]: readonly Consumer[]): Walk {
    if (!consumer) return this.#use(place);
    const answer = this.#it.world.takes(place.provider, consumer, this.#it.frame);
    const on = (does: Step['does']): Walk =>
      this.#probe({ ...place, steps: this.#step(place, 'probe', answer, does, consumer) }, rest);
    switch (answer.kind) {
      case 'yes':
        return on('goes on');
      case 'wrong':
        return on('does not notice');
      case 'no':
        return this.#next(place, 'probe', answer, consumer);
      case 'sometimes':
        // One buffer was tried, and luck said yes or no to it: either may come.
        return {
          ...worse(this.#next(place, 'probe', answer, consumer), on('goes on')),
          luck: true,
        };
      default:
        return this.#giveUp(place, 'probe', answer, consumer);
    }
  }

  /** The decision is made: every consumer is given the buffer. */
  #use(place: Place): Walk {
    const { stream, frame, world, manner } = this.#it;
    const use = new Use(place.provider, manner.fallbackOn.includes('import'));
    let { steps } = place;
    for (const consumer of stream.consumers) {
      const here = { ...place, steps };
      const answer = world.takes(place.provider, consumer, frame);
      const refused = answer.kind === 'no' || answer.kind === 'sometimes';
      const vital = refused && !consumer.fallback;
      if (vital && manner.fallbackOn.includes('import')) {
        const rest = this.#next(here, 'use', answer, consumer);
        if (answer.kind === 'no') return use.refused(rest);
        use.fallback(rest);
      } else if (vital || answer.kind === 'fatal')
        return use.over(this.#giveUp(here, 'use', answer, consumer));
      const does = use.take(consumer, answer);
      steps = this.#step(here, 'use', answer, does, consumer);
    }
    return use.end(world.backendOf(place.provider), steps);
  }
}

/** Whose import a program tries out: those that it cannot do without, else the first. */
function probed({ consumers }: Stream): readonly Consumer[] {
  const required = consumers.filter((consumer) => consumer.required);
  return required.length ? required : consumers.slice(0, 1);
}

/** What comes of one provider's buffers, consumer by consumer. */
class Use {
  readonly #provider: Provider;
  readonly #fallsBack: boolean;
  readonly #lost: Loss[];
  readonly #proof: string[] = [];
  readonly #gaps: Answer[] = [];
  /** Whether one of the gaps may yet send the program on to the next provider. */
  #mayGoOn = false;
  #wrong: Answer | null = null;
  #luck = false;
  /** Where buffers go that were refused by bad luck. */
  #otherwise: Walk | null = null;

  constructor(provider: Provider, fallsBack: boolean) {
    this.#provider = provider;
    this.#fallsBack = fallsBack;
    this.#lost = isCopied(provider) ? [copyOf(provider)] : [];
  }

  take(consumer: Consumer, answer: Answer): Step['does'] {
    switch (answer.kind) {
      case 'yes':
        this.#proof.push(...answer.proof);
        return 'goes on';
      case 'unknown':
        this.#gaps.push(answer);
        this.#mayGoOn ||= this.#fallsBack && !consumer.fallback;
        return 'cannot be told';
      case 'wrong':
        this.#wrong ??= {
          ...answer,
          why: `${consumer.name}: ${answer.why}, which no program notices`,
        };
        return 'does not notice';
      default:
        this.#luck ||= answer.kind === 'sometimes';
        if (!consumer.fallback) return 'next provider';
        this.#lost.push({ consumer: consumer.name, ...consumer.fallback, proof: answer.proof });
        return 'does without';
    }
  }

  fallback(rest: Walk): void {
    this.#otherwise = this.#otherwise ? worse(this.#otherwise, rest) : rest;
  }

  /** The next provider's end, after a refusal that every answer before it would have led to. */
  refused(rest: Walk): Walk {
    return this.#unsure(this.#worst(rest), false);
  }

  /** An end at this provider. */
  over(here: Walk): Walk {
    return this.#unsure(this.#worst(here), this.#mayGoOn);
  }

  #worst(one: Walk): Walk {
    const luck = one.luck || this.#luck || this.#otherwise !== null;
    return { ...(this.#otherwise ? worse(this.#otherwise, one) : one), luck };
  }

  /** The same, unknown where an answer is missing that could make it another. */
  #unsure(rest: Walk, mayHold: boolean): Walk {
    const [gap] = this.#gaps;
    if (!gap || (rest.verdict === 'breaks' && !mayHold)) return rest;
    const missing = [...this.#gaps.flatMap((one) => one.missing ?? []), ...rest.missing];
    return { ...rest, verdict: 'unknown', why: gap.why, missing };
  }

  end(backend: string | null, steps: readonly Step[]): Walk {
    const lost = this.#lost;
    const base = { ended: this.#provider, backend, lost, steps, missing: [], luck: this.#luck };
    const wrong = this.#wrong;
    if (wrong) return this.over({ ...base, verdict: 'breaks', why: wrong.why, proof: wrong.proof });
    const proof = this.#proof;
    if (lost.length === 0)
      return this.over({ ...base, verdict: 'holds', why: 'every consumer takes it', proof });
    const why = lost.map(({ text }) => text).join('; ');
    const all = [...proof, ...lost.flatMap((loss) => loss.proof)];
    return this.over({ ...base, verdict: 'degrades', why, proof: all });
  }
}

const isCopied = ({ from, copied }: Provider) => copied || from === 'memory';

const copyOf = ({ from }: Provider): Loss => ({
  consumer: 'cpu',
  price: 'copy',
  text:
    from === 'memory'
      ? 'every frame is copied from plain memory'
      : `the program copies every frame into ${from}`,
  proof: [],
});

function ranOut(steps: readonly Step[]): Walk {
  const passed = steps.filter(({ does }) => does === 'next provider');
  const last = passed.at(-1);
  const why = last
    ? `no provider is left; the last was ${last.provider}: ${last.why}`
    : 'no provider';
  return {
    verdict: 'breaks',
    ended: null,
    backend: null,
    why,
    proof: [...new Set(passed.flatMap(({ proof }) => proof))],
    missing: [],
    lost: [],
    steps,
    luck: false,
  };
}
