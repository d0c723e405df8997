import { z } from 'zod';
import { PRICES } from './use-case.ts';
import { VERDICTS } from './walk.ts';

const Verdicts = z.enum(VERDICTS);

/** Something that is lost, and what it costs where that was measured. */
const Lost = z.strictObject({
  consumer: z.string(),
  price: z.enum(PRICES),
  text: z.string(),
  /** The nearest thing to a measured price: a rung of a cell of this board, in microseconds. */
  measured: z.strictObject({ cell: z.string(), stage: z.string(), us: z.int() }).nullable(),
});

/** One kind of buffer of the use case. */
const StreamVerdict = z.strictObject({
  stream: z.string(),
  format: z.string(),
  width: z.int(),
  height: z.int(),
  count: z.int(),
  verdict: Verdicts,
  provider: z.string().nullable(),
  why: z.string(),
});

const Step = z.strictObject({
  stream: z.string(),
  provider: z.string(),
  backend: z.string().nullable(),
  what: z.enum(['condition', 'node', 'open', 'allocate', 'probe', 'use']),
  consumer: z.string().nullable(),
  answer: z.enum(['yes', 'no', 'sometimes', 'wrong', 'fatal', 'unknown']),
  why: z.string(),
  proof: z.array(z.string()),
  does: z.enum([
    'goes on',
    'next provider',
    'gives up',
    'does without',
    'does not notice',
    'cannot be told',
  ]),
});

/** Whether an allocation policy holds on a board for a use case, with what proves it. */
export const Verdict = z.strictObject({
  board: z.string(),
  policy: z.string(),
  useCase: z.string(),
  verdict: Verdicts,
  /** The backend that the policy comes to (`heap:reserved`); null where it finds none. */
  provider: z.string().nullable(),
  /** Ids of the cells that show it. */
  proof: z.array(z.string()),
  why: z.string(),
  /** False: the board has no device of a kind that the use case needs, so there is nothing to judge. */
  applies: z.boolean(),
  /**
   * measured: by cells that ran on this board. claimed: nobody has run it, and what sources say of
   * it is in `claimed`; the verdict is then unknown.
   */
  basis: z.enum(['measured', 'claimed']),
  /** A virtual board is never the hardware that it stands in for. */
  virtual: z.boolean(),
  /** The system that was measured: `uname -r`. Null where none was. */
  kernel: z.string().nullable(),
  runs: z.array(z.string()),
  user: z.strictObject({ uid: z.int(), groups: z.array(z.string()), measured: z.boolean() }),
  streams: z.array(StreamVerdict),
  lost: z.array(Lost),
  /** What would tell, where the verdict is unknown. */
  missing: z.array(
    z.strictObject({
      cell: z.string(),
      /** The command that measures it; null where the profile does not try such a cell, see `note`. */
      command: z.string().nullable(),
      note: z.string().nullable(),
    }),
  ),
  /** Luck has a say in it: the worse of its ways is what the verdict is. */
  luck: z.boolean(),
  /** Providers on the board with which the same program would fare better. */
  better: z.array(
    z.strictObject({ provider: z.string(), verdict: Verdicts, proof: z.array(z.string()) }),
  ),
  /** What the same order would come to if the program tried an import before it decides. */
  probing: z.strictObject({ verdict: Verdicts, provider: z.string().nullable() }).nullable(),
  /** A finding of its own: on another system of this board the policy comes to another provider. */
  findings: z.array(z.string()),
  /** Where the measured buffers differ from the program's own. */
  caveats: z.array(z.string()),
  claimed: z
    .strictObject({
      verdict: Verdicts,
      provider: z.string().nullable(),
      why: z.string(),
      sources: z.array(z.string()),
      /** What was measured on the virtual board in the same situation: never this board's own. */
      standIn: z
        .strictObject({
          board: z.string(),
          verdict: Verdicts,
          provider: z.string().nullable(),
          differs: z.string(),
        })
        .nullable(),
    })
    .nullable(),
  steps: z.array(Step),
});
export type Verdict = z.infer<typeof Verdict>;

/** What a verdict has where nothing was judged. */
export const NOTHING_JUDGED = {
  verdict: 'unknown',
  provider: null,
  proof: [],
  streams: [],
  lost: [],
  missing: [],
  luck: false,
  better: [],
  probing: null,
  findings: [],
  caveats: [],
  claimed: null,
  steps: [],
} satisfies Partial<Verdict>;
