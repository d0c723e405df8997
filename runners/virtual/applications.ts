import { UserError } from '../../devices/problem.ts';
import type { Apt, DebianSuite } from './apt.ts';

/**
 * The suite that the applications come from: the others have libcamera and GStreamer from before
 * they allocated from udmabuf by themselves.
 */
export const APPLICATIONS_SUITE: DebianSuite = 'sid';

/** Camera and media programs that allocate dma-bufs by a policy of their own, and a compositor. */
const APPLICATIONS = [
  'libcamera-tools',
  'gstreamer1.0-tools',
  'gstreamer1.0-plugins-base',
  'gstreamer1.0-plugins-bad',
  'weston',
];

/** Package names and the versions that go onto a root file system. */
export type ApplicationPackages = Readonly<Record<string, string>>;

/**
 * The applications' packages in the versions that Debian has now.
 * @throws UserError (environment) which names the packages that have gone.
 */
export async function chooseApplications(apt: Apt): Promise<ApplicationPackages> {
  const found = await Promise.all(
    APPLICATIONS.map(async (name) => {
      const offers = await apt.offers(name);
      return [name, offers.find(({ suite }) => suite === APPLICATIONS_SUITE)?.version] as const;
    }),
  );
  const there = found.flatMap(([name, version]) => (version ? [[name, version] as const] : []));
  const gone = found.flatMap(([name, version]) => (version ? [] : [name]));
  if (gone.length === 0) return Object.fromEntries(there);
  throw new UserError({
    code: 'environment',
    message: `Debian ${APPLICATIONS_SUITE} has no ${gone.join(', ')} any more`,
    hint: 'update the package names in runners/virtual/applications.ts, or try again later: a suite that is being updated can lack packages for hours',
  });
}

/** Whether a kept answer is such a list. One from before the list of names changed is none. */
export function isApplicationPackages(value: unknown): value is ApplicationPackages {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).join() === APPLICATIONS.join() &&
    Object.values(value).every((version) => typeof version === 'string')
  );
}
