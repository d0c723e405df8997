import { type Apt, openApt } from '../../runners/virtual/apt.ts';
import { ARCHES } from '../../runners/virtual/arch.ts';

/** What a virtual board can be updated in. */
export type Part = 'kernel' | 'mesa';

/** An update of a virtual board, as the lab file's `virtual:` has its two ends. */
export interface Update {
  readonly part: Part;
  /** Series, such as `6.12`. */
  readonly before: string;
  readonly after: string;
}

/** The first series that has what each update shows. What lies before may have it already. */
const CHANGED_IN: Readonly<Record<Part, string>> = {
  // vkms has YUV formats (commit fe22d21e9342), and the CMA heap's region a second name
  // (Documentation/userspace-api/dma-buf-heaps.rst).
  kernel: '6.17',
  // Seen: 25.0 crashes when it draws what it imported through a GBM node, 26.1 does not.
  mesa: '26.1',
};

const inOrder = new Intl.Collator('en', { numeric: true });

/**
 * Updates that may show the change, the most likely first: from each series before it, newest first,
 * to the newest. Empty where the suites have moved on.
 */
export function updatesOf(part: Part, offered: readonly string[]): Update[] {
  const series = [...new Set(offered)].sort((a, b) => inOrder.compare(b, a));
  const isNew = (one: string) => inOrder.compare(one, CHANGED_IN[part]) >= 0;
  const after = series.find(isNew);
  if (after === undefined) return [];
  return series.filter((one) => !isNew(one)).map((before) => ({ part, before, after }));
}

/** The series that Debian's suites have today. */
export async function offeredSeries(part: Part): Promise<string[]> {
  const apt = await openApt(ARCHES.x86_64);
  return part === 'kernel' ? kernels(apt) : mesas(apt);
}

async function kernels(apt: Apt): Promise<string[]> {
  const names = await apt.names('linux-source-');
  return names.flatMap((name) => /^linux-source-(\d+\.\d+)$/.exec(name)?.[1] ?? []);
}

/** Without sid's, so that the newest is the one that virtual boards have by default. */
async function mesas(apt: Apt): Promise<string[]> {
  const offers = await apt.offers('libgl1-mesa-dri');
  return offers
    .filter(({ suite }) => suite !== 'sid')
    .flatMap(({ version }) => /^(\d+\.\d+)/.exec(version)?.[1] ?? []);
}
