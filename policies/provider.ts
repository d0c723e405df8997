import { z } from 'zod';

/**
 * What a program may allocate from, as policies name it: `heap:NAME` is a file below /dev/dma_heap,
 * `dumb`, `gbm` and `v4l2` are the board's own display, GPU and codec unless a driver is named, and
 * `memory` is plain memory, which no device takes without a copy.
 */
const PROVIDER = /^(udmabuf|memory|heap:[A-Za-z0-9_.,+@-]+|(dumb|gbm|v4l2)(:[A-Za-z0-9_.,+-]+)?)$/;

/** The forms of a provider's name, for messages. */
export const PROVIDER_FORMS = [
  'udmabuf',
  'heap:NAME',
  'dumb',
  'dumb:DRIVER',
  'gbm',
  'gbm:DRIVER',
  'v4l2',
  'v4l2:DRIVER',
  'memory',
] as const;

export const ProviderName = z
  .string()
  .regex(PROVIDER, { error: `unknown provider; a provider is ${PROVIDER_FORMS.join(', ')}` });

/** One provider of a policy, with how the program goes about it. */
const ProviderEntry = z.strictObject({
  from: ProviderName,
  open: z
    .enum(['ro', 'rw'])
    .default('rw')
    .describe('how the node is opened: ro asks for read permission only'),
  ifClosed: z
    .enum(['next', 'stop'])
    .default('next')
    .describe('what follows when the node is there and may not be opened'),
  when: z
    .enum(['always', 'no-drm'])
    .default('always')
    .describe('no-drm: only where the board has no DRM device at all'),
  copied: z
    .boolean()
    .default(false)
    .describe('frames are made elsewhere and copied into it, so that it costs a copy'),
});
export type Provider = z.infer<typeof ProviderEntry>;

/** A provider, or its name alone. */
export const ProviderItem = z.union([ProviderName, ProviderEntry]);

/** A provider by its name alone, with what goes without saying. */
export function providerOf(item: z.infer<typeof ProviderItem>): Provider {
  return typeof item === 'string' ? ProviderEntry.parse({ from: item }) : item;
}
