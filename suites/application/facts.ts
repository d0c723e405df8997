import { z } from 'zod';
import { BackendName } from '../cell.ts';

/** One buffer that a program gave to whom it wants to show it. */
const GivenBuffer = z.strictObject({
  /** In the order in which they were given, from 0. */
  index: z.int().nonnegative(),
  /** none: it did not answer in the time that the program waits for it. */
  answer: z.enum(['accepted', 'refused', 'none']),
  /** The kernel's, as a symbol; null where it was accepted, or a protocol knows none. */
  errno: z.string().nullable(),
  /** The call or the message that was answered. */
  text: z.string(),
});
export type GivenBuffer = z.infer<typeof GivenBuffer>;

/** What a real program did on a board, in a form that a prediction can be held against. */
export const ApplicationFacts = z.strictObject({
  program: z.string(),
  /** As the program itself says. */
  version: z.string(),
  /** The name of the policy file that claims to describe it. */
  policy: z.string(),
  /** What was started, argument by argument, without the environment. */
  command: z.array(z.string()),
  /** Paths below /dev of all heaps, udmabuf and DRM nodes that it could see. */
  nodes: z.array(z.string()),
  /** What it allocated from. `memory` is plain memory; null: it found nothing to allocate from. */
  provider: z.union([BackendName, z.literal('memory')]).nullable(),
  buffers: z.array(GivenBuffer),
  /** Frames that were shown of it: commits with a framebuffer, or a compositor's frame callbacks. */
  shown: z.int().nonnegative(),
  /** The program's own exit code. */
  exitCode: z.int(),
  /** The lines of its log, and of the kernel's, that all of this was read from. */
  evidence: z.array(z.string()),
});
export type ApplicationFacts = z.infer<typeof ApplicationFacts>;
