import { z } from 'zod';
import { Line, Name, Prose } from '../devices/names.ts';
import { ProviderItem } from './provider.ts';
import { Format } from './use-case.ts';

/** How a program decides on a provider. Each of these asks for all that the one before it asks for. */
export const SELECTIONS = [
  'first-listed',
  'first-openable',
  'first-allocatable',
  'first-importable',
] as const;
export type Selection = (typeof SELECTIONS)[number];

/** What goes wrong after the decision, and may send a program on to the next provider. */
export const FAILURES = ['open', 'allocation', 'import'] as const;
export type Failure = (typeof FAILURES)[number];

const lines = z.union([Line, z.array(Line).min(1, { error: 'the list is empty' })]);

/** What a real program does to come by buffers: not what it should do. */
export const Policy = z
  .strictObject({
    schema: z.literal(1, { error: 'this bufmatrix reads policies of schema 1' }).describe('1'),
    name: Name.describe('what `--policy` calls it'),
    title: Line.describe('the program and the part of it that allocates'),
    program: Line.describe('the program or library'),
    version: z.string().min(1).max(80).describe('the version that was read, in quotes'),
    source: lines.describe('where it was read: repository, commit, file; or the page'),
    about: Prose.default('').describe('what the keys do not say'),
    select: z.enum(SELECTIONS).describe('how it decides: the first provider that …'),
    fallbackOn: z
      .array(z.enum(FAILURES))
      .default([])
      .describe('failures after the decision at which it goes on to the next provider'),
    formats: z
      .array(Format)
      .min(1, { error: 'the list of formats is empty' })
      .optional()
      .describe('the only formats that it makes; any where this is left out'),
    providers: z
      .array(ProviderItem)
      .min(1, { error: 'the order is empty, so nothing could ever be allocated' })
      .describe('in the order in which they are tried'),
    layout: z
      .strictObject({
        fds: z
          .enum(['one', 'one-per-plane'])
          .default('one')
          .describe('whether the planes of a frame share one dma-buf'),
        strideAlign: z
          .int()
          .min(1)
          .max(65536)
          .optional()
          .describe(
            'bytes that a stride is a multiple of; left out where it hangs on the consumer',
          ),
        modifier: z
          .enum(['linear', 'driver'])
          .default('linear')
          .describe('driver: GBM may choose the layout'),
        seals: z
          .array(z.enum(['shrink', 'grow', 'seal', 'write', 'future-write']))
          .default([])
          .describe("the memfd's seals, where it makes a udmabuf"),
      })
      .prefault({}),
  })
  .describe('An allocation policy of a program, for bufmatrix');
export type Policy = z.infer<typeof Policy>;
