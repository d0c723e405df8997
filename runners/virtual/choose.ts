import { UserError } from '../../devices/problem.ts';
import { type Apt, DEBIAN_SUITES, type DebianSuite, type Offer } from './apt.ts';

/** Which Mesa, and the suite that it comes from. */
export type MesaChoice = Offer;

/** Which kernel source package in which version. */
export interface KernelChoice {
  readonly source: string;
  readonly version: string;
}

/** The kernel that is taken when none is asked for. */
export const DEFAULT_KERNEL = '6.12';

/** The suites in the order in which a Mesa is taken when none is asked for. */
const MESA_BY_DEFAULT = ['trixie-backports', 'trixie', 'sid'] as const;

/** Whether a version such as `26.1.6-1~bpo13+1` is what `26`, `26.1` or `26.1.6` asks for. */
export function isVersion(version: string, wanted: string): boolean {
  return version.startsWith(wanted) && !/^[0-9]/.test(version.slice(wanted.length));
}

/**
 * The suite whose Mesa is of the wanted version; without a wish the one of trixie-backports.
 * @throws UserError (environment) which lists what there is.
 */
export function chooseMesa(offers: readonly Offer[], wanted: string | undefined): MesaChoice {
  const order: readonly DebianSuite[] = wanted === undefined ? MESA_BY_DEFAULT : DEBIAN_SUITES;
  for (const suite of order) {
    const offer = offers.find(
      (one) => one.suite === suite && (wanted === undefined || isVersion(one.version, wanted)),
    );
    if (offer) return offer;
  }
  const there = offers.map(({ suite, version }) => `${version} (${suite})`);
  throw new UserError({
    code: 'environment',
    message: `no Debian suite has mesa ${wanted ?? ''} any more; there are ${there.join(', ') || 'none'}`,
    hint: 'choose one of these',
  });
}

/**
 * The newest source of a kernel version such as `6.12`. A package linux-source-6.12 is for all
 * architectures; whichever suite has the newest is taken.
 * @throws UserError (environment) which lists what there is.
 */
export async function chooseKernel(apt: Apt, wanted: string): Promise<KernelChoice> {
  if (!/^\d{1,3}\.\d{1,3}$/.test(wanted)) {
    throw new UserError({
      code: 'usage',
      message: `kernel ${wanted}: a virtual board's kernel is chosen by two numbers`,
      hint: `write ${DEFAULT_KERNEL}, for instance; the newest ${DEFAULT_KERNEL}.x is taken`,
    });
  }
  const source = `linux-source-${wanted}`;
  // A suite's own list is newest first, and a higher version number later in time, so the
  // numerically highest is the newest.
  const [newest] = (await apt.offers(source)).map(({ version }) => version).sort(newestFirst);
  if (newest !== undefined) return { source, version: newest };
  const names = (await apt.names('linux-source-')).map((name) =>
    name.slice('linux-source-'.length),
  );
  const there = names.filter((name) => /^\d+\.\d+$/.test(name));
  throw new UserError({
    code: 'environment',
    message: `no Debian suite has kernel ${wanted}; there are ${there.join(', ') || 'none'}`,
    hint: 'choose one of these',
  });
}

const NUMERIC = new Intl.Collator('en', { numeric: true });

function newestFirst(a: string, b: string): number {
  return NUMERIC.compare(b, a);
}
