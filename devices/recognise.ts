import type { Inventory } from '../suites/inventory.ts';
import { backendsOf, heapsOf } from './planning.ts';
import type { Profile } from './profile.ts';

/** A profile that fits a board, and the facts by which it does. */
export interface Recognised {
  readonly profile: Profile;
  readonly because: string;
}

/** All drivers that the board has nodes of, DRM and V4L2. */
export function driversOf(inventory: Inventory): string[] {
  return [...new Set([...inventory.drm, ...inventory.v4l2].map(({ driver }) => driver))];
}

/**
 * The profiles that fit a board, the best first: fewest of its devices missing, then fewest known
 * IOMMUs that are not as the profile says, then most words of recognition.
 */
export function recognise(profiles: readonly Profile[], inventory: Inventory): Recognised[] {
  const fits = profiles.flatMap((profile) => {
    const reasons = profile.recognise.map((entry) => reasonsOf(entry, inventory));
    const best = reasons.filter((reason) => reason !== null).sort((a, b) => b.length - a.length)[0];
    if (!best) return [];
    return [{ profile, because: best.join('; '), rank: rankOf(profile, inventory, best.length) }];
  });
  fits.sort((a, b) => a.rank - b.rank || a.profile.name.localeCompare(b.profile.name));
  return fits.map(({ profile, because }) => ({ profile, because }));
}

/** Smaller is better; each kind of difference outweighs all of the next. */
function rankOf(profile: Profile, inventory: Inventory, reasons: number): number {
  const missing = missingDevices(profile, inventory).length;
  const wrong = iommuDifferences(profile, inventory).length;
  return missing * 10_000 + wrong * 100 - reasons;
}

/** Why an entry fits, one text for each of its keys; null when one of them does not. */
function reasonsOf(entry: Profile['recognise'][number], inventory: Inventory): string[] | null {
  const { identity } = inventory;
  const reasons: (string | null)[] = [];
  const anyOf = (what: string, wanted: readonly string[], there: readonly string[]) => {
    const found = wanted.filter((one) => there.includes(one));
    reasons.push(found.length ? `${what} ${found.join(', ')}` : null);
  };
  if (entry.compatible) anyOf('device tree says', entry.compatible, identity.compatible);
  if (entry.pci) anyOf('PCI device', entry.pci, identity.pci);
  if (entry.drivers) {
    const there = driversOf(inventory);
    const all = entry.drivers.every((driver) => there.includes(driver));
    reasons.push(all ? `drivers ${entry.drivers.join(', ')}` : null);
  }
  if (entry.dmi) {
    const { sysVendor, productName, boardName } = entry.dmi;
    const same = (wanted: string | undefined, there: string | null) =>
      wanted === undefined || wanted === there;
    const all =
      same(sysVendor, identity.dmi.sysVendor) &&
      same(productName, identity.dmi.productName) &&
      same(boardName, identity.dmi.boardName);
    const words = [sysVendor, productName, boardName].filter((word) => word !== undefined);
    reasons.push(all ? `DMI says ${words.join(', ')}` : null);
  }
  const found = reasons.filter((reason) => reason !== null);
  return found.length === reasons.length ? found : null;
}

/**
 * What the profile names and the board lacks, one sentence each with what the board has instead.
 * Heaps count only when a backend needs them by name. A node that is closed to us is there: what it
 * is cannot be asked, and its cells are blocked.
 */
export function missingDevices(profile: Profile, inventory: Inventory): string[] {
  const { devices } = profile;
  const has = (list: readonly string[]) => (list.length ? [...new Set(list)].join(', ') : 'none');
  const gpus = inventory.drm.map(({ driver }) => driver);
  const cards = inventory.drm.filter(({ card }) => card).map(({ driver }) => driver);
  const kindsOf = { m2m: ['m2m-encoder', 'm2m'], output: ['output'] } as const;
  const videos = (kind: 'm2m' | 'output') =>
    inventory.v4l2
      .filter((device) => isClosed(device) || kindsOf[kind].some((one) => one === device.kind))
      .map(({ driver }) => driver);
  const missing = [
    ...devices.gpu
      .filter(({ driver }) => driver !== 'swrast' && !gpus.includes(driver))
      .map(({ driver }) => `no DRM node of the GPU driver ${driver}; the board has ${has(gpus)}`),
    ...devices.kms
      .filter(({ driver }) => !cards.includes(driver))
      .map(({ driver }) => `no card node of the KMS driver ${driver}; the board has ${has(cards)}`),
    ...devices.encoder
      .filter(({ driver, kind }) => !videos(kind).includes(driver))
      .map(({ driver, kind }) => {
        const there = inventory.v4l2.map((device) => `${device.driver} (${device.kind})`);
        return `no V4L2 ${kind} device of the driver ${driver}; the board has ${has(there)}`;
      }),
  ];
  return [...missing, ...missingBackends(profile, inventory)];
}

/** A V4L2 node that would not open, so that it does not say what kind it is. */
const isClosed = ({ kind, node }: Inventory['v4l2'][number]): boolean =>
  kind === 'other' && node.openErrno !== null;

/** Backends by name that the board has no node for. Those behind a missing importer are named there. */
function missingBackends(profile: Profile, inventory: Inventory): string[] {
  const { devices } = profile;
  const named = new Set(
    [...devices.gpu, ...devices.kms, ...devices.encoder].map(({ driver }) => driver),
  );
  const heaps = inventory.heaps.map(({ name }) => name);
  const onThisKernel = heapsOf(profile, inventory.kernel.release);
  const anyKernel = devices.heaps.map((heap) => (typeof heap === 'string' ? heap : heap.name));
  return backendsOf(profile, []).flatMap((backend) => {
    const [kind = '', name = ''] = backend.split(/:(.*)/);
    if (kind === 'heap') {
      const known = !anyKernel.includes(name) || onThisKernel.includes(name);
      if (heaps.includes(name) || !known) return [];
      return [`no heap /dev/dma_heap/${name}; the board has ${heaps.join(', ') || 'none'}`];
    }
    if (!name || named.has(name) || driversOf(inventory).includes(name)) return [];
    return [`no device of the driver ${name}, for ${backend}`];
  });
}

/** Whether the kernel shows an IOMMU that translates: a group that does not merely pass through. */
export const isTranslated = (device: {
  iommuGroup: string | null;
  iommuType: string | null;
}): boolean => device.iommuGroup !== null && device.iommuType !== 'identity';

/** Where the profile says yes or no to an IOMMU and the kernel says otherwise, one sentence each. */
export function iommuDifferences(profile: Profile, inventory: Inventory): string[] {
  const translates = (driver: string): boolean | null => {
    const found = [...inventory.drm, ...inventory.v4l2].find((one) => one.driver === driver);
    return found ? isTranslated(found) : null;
  };
  const claims = [
    ...profile.devices.gpu,
    ...profile.devices.kms,
    ...profile.devices.encoder,
  ].filter(({ iommu }) => iommu !== 'unknown');
  const differences = claims.flatMap(({ driver, iommu }) => {
    const found = translates(driver);
    if (found === null || found === (iommu === 'yes')) return [];
    const said = iommu === 'yes' ? 'an IOMMU' : 'no IOMMU';
    return [
      `the profile says that ${driver} has ${said} in front of it, and the kernel shows ${found ? 'one that translates' : 'none that translates'}`,
    ];
  });
  return [...new Set(differences)];
}
