import { z } from 'zod';
import { Line, Name, Prose, SizeText } from '../devices/names.ts';
import { SUITES } from '../suites/cell.ts';
import { FORMATS, findFormat } from '../suites/formats.ts';

/** What is lost where a consumer refuses a buffer and the program can do without it. */
export const PRICES = ['copy', 'gpu-composition', 'cpu-conversion', 'software-encode'] as const;
export type Price = (typeof PRICES)[number];

export const Format = z.string().refine((name) => findFormat(name) !== undefined, {
  error: `unknown format; known: ${FORMATS.map(({ name }) => name).join(', ')}`,
});

/** A device, or the CPU, that has to take the buffer. */
const Consumer = z
  .strictObject({
    name: Name.describe('what takes the buffer: display, encoder, gpu, cpu'),
    suite: z.enum(SUITES).describe('the suite whose cells say whether it does'),
    required: z.boolean().describe('whether all fails when it refuses'),
    fallback: z
      .strictObject({
        price: z.enum(PRICES).describe('what its refusal costs'),
        text: Line.describe('the same in words'),
      })
      .optional()
      .describe('what happens instead where it is not required'),
  })
  .refine(({ required, fallback }) => required === (fallback === undefined), {
    error:
      'a required consumer has no fallback, and one that is not required says what its refusal costs',
  });
export type Consumer = z.infer<typeof Consumer>;

/** A list of which no two parts have the same name. */
const unlikeNames = (list: readonly { readonly name: string }[]) =>
  new Set(list.map(({ name }) => name)).size === list.length;

/** One kind of buffer in the use case: who takes it, in which format. */
const Stream = z.strictObject({
  name: Name.describe('what is in it: frame, raw, picture'),
  formats: z
    .array(Format)
    .min(1, { error: 'the list of formats is empty' })
    .describe('fourccs, best first; the first that every required consumer can take is used'),
  count: z.int().min(1).max(64).default(4).describe('buffers in flight'),
  consumers: z
    .array(Consumer)
    .min(1, { error: 'a use case without consumers has nothing to judge' })
    .refine(unlikeNames, { error: 'two consumers have one name' }),
});
export type Stream = z.infer<typeof Stream>;

/** Who takes a program's buffers, and what is lost where one refuses. */
export const UseCase = z
  .strictObject({
    schema: z.literal(1, { error: 'this bufmatrix reads use cases of schema 1' }).describe('1'),
    name: Name.describe('what `--use-case` calls it'),
    title: Line.describe('the use case in a few words'),
    about: Prose.default('').describe('where it is met, and what is left out'),
    sizes: z
      .array(SizeText)
      .min(1, { error: 'the list of sizes is empty' })
      .default(['1920x1080', '1024x768', '640x480'])
      .describe('WIDTHxHEIGHT; the first that was measured for all consumers is judged'),
    buffers: z
      .array(Stream)
      .min(1, { error: 'a use case without buffers has nothing to judge' })
      .refine(unlikeNames, { error: 'two kinds of buffer have one name' })
      .describe('the kinds of buffer that are allocated'),
  })
  .describe('A use of shared buffers, for bufmatrix');
export type UseCase = z.infer<typeof UseCase>;
