import { heapWords } from '../suites/heap-identity.ts';
import type { Inventory } from '../suites/inventory.ts';
import type { BoardRun } from './model.ts';
import { oneLine } from './sanitize.ts';

/** One fact of a board's environment. */
export interface EnvironmentFact {
  readonly name: string;
  readonly value: string;
  /** Belongs on the short line as well. */
  readonly short?: string;
}

/** Makers of virtual machines, as they write themselves into DMI. */
const VIRTUAL_VENDOR = /QEMU|KVM|VMware|innotek|VirtualBox|Xen|Bochs|Parallels|Virtual Machine/i;

/** PCI vendors of devices that no board has: virtio and QEMU's own (pci.ids). */
const VIRTUAL_PCI = /^(1af4|1b36|1234):/i;

type KindInput = Pick<BoardRun, 'virtual' | 'inventory'>;

function virtualVendor({ inventory }: KindInput): string | null {
  if (!inventory) return null;
  const { dmi, pci } = inventory.identity;
  const names = [dmi.sysVendor ?? '', dmi.productName ?? ''];
  const name = names.find((text) => VIRTUAL_VENDOR.test(text));
  return name ?? (pci.some((id) => VIRTUAL_PCI.test(id)) ? 'virtio or QEMU devices' : null);
}

/** Also where a guest was reached over ssh as if it were a board: what its DMI and PCI say counts. */
export function isVirtual(run: KindInput): boolean {
  return run.virtual || virtualVendor(run) !== null;
}

/** What a result rests on: three that must never be taken for one another. */
export const KINDS = ['hardware', 'virtual', 'claims'] as const;
export type Kind = (typeof KINDS)[number];

/** How a board's badge is drawn. */
export function kindClass(run: KindInput & Pick<BoardRun, 'run'>): Kind {
  if (!run.run) return 'claims';
  return isVirtual(run) ? 'virtual' : 'hardware';
}

/** Said wherever a board is named, so that a virtual one is never taken for hardware. */
export function kindOf(run: KindInput & Pick<BoardRun, 'run'>): string {
  if (!run.run) return 'claimed, not measured';
  if (run.virtual) return 'virtual board (QEMU), real kernel and drivers';
  const vendor = virtualVendor(run);
  return vendor ? `virtual machine (${oneLine(vendor)}), real kernel and drivers` : 'hardware';
}

const unique = (list: readonly string[]) => [...new Set(list)];
const joined = (list: readonly string[]) => (list.length ? list.join(', ') : 'none');
const listed = (list: readonly string[]) => (list.length ? list.join('; ') : 'none');
const MiB = (kib: number) => `${Math.round(kib / 1024)} MiB`;

/** `Mesa 26.1.6` out of `OpenGL ES 3.2 Mesa 26.1.6-1`. */
export function mesaVersions(inventory: Inventory): string[] {
  return unique(inventory.egl.flatMap(({ version }) => /Mesa \S+/.exec(version ?? '')?.[0] ?? []));
}

function eglLines(inventory: Inventory): string[] {
  return inventory.egl.map((egl) =>
    egl.error
      ? `${egl.driver}: no EGL, ${egl.error}`
      : `${egl.driver}: ${[egl.renderer, egl.version].filter(Boolean).join(', ')}`,
  );
}

function drmLines(inventory: Inventory): string[] {
  return inventory.drm.map((device) => {
    const nodes = [device.card, device.render].flatMap((node) => (node ? [access(node)] : []));
    const can = [
      device.dumb && 'dumb',
      device.prime.import && 'import',
      device.prime.export && 'export',
      device.atomic && 'atomic',
      device.modifiers && 'modifiers',
    ].filter((word) => word !== false);
    return `${device.driver} (${nodes.join(', ') || 'no node'}): ${joined(can)}`;
  });
}

const v4l2Lines = (inventory: Inventory) =>
  inventory.v4l2.map(
    (device) =>
      `${device.driver} (${access(device.node)}): ${device.kind}${device.multiplanar ? ', multiplanar' : ''}`,
  );

const access = (node: { readonly path: string; readonly openErrno: string | null }) =>
  node.openErrno ? `${node.path} ${node.openErrno}` : node.path;

function iommuLines(inventory: Inventory): string[] {
  const devices = [...inventory.drm, ...inventory.v4l2].flatMap((device) =>
    device.iommuGroup
      ? [
          `${device.driver}: group ${device.iommuGroup}${device.iommuType ? ` (${device.iommuType})` : ''}`,
        ]
      : [],
  );
  return [...inventory.iommus, ...unique(devices)];
}

function heapLines(inventory: Inventory): string[] {
  return heapWords(inventory, (name) => {
    const heap = inventory.heaps.find((one) => one.name === name);
    const link = heap?.target ? ` -> ${heap.target}` : '';
    return `${name}${link}${heap?.node.openErrno ? ` (${heap.node.openErrno})` : ''}`;
  });
}

function udmabufLine({ udmabuf }: Inventory): string {
  if (!udmabuf.node) return 'no /dev/udmabuf';
  const limit = (value: number | null, unit: string) =>
    value === null ? 'unknown' : `${value}${unit}`;
  const open = udmabuf.node.openErrno ? `${udmabuf.node.openErrno}; ` : '';
  return `${open}list_limit ${limit(udmabuf.listLimit, '')}, size_limit_mb ${limit(udmabuf.sizeLimitMiB, '')}`;
}

/** `SeaBIOS 1.16.3-2 04/01/2014; U-Boot 2025.01`; null where it is not known. */
export function firmwareWords({ firmware }: Inventory): string | null {
  if (!firmware) return null;
  const { biosVendor, biosVersion, biosDate, uBoot, rpiVersion, rpiBuilt } = firmware;
  const words = (...parts: readonly (string | null)[]) => parts.filter(Boolean).join(' ');
  const told = [
    words(biosVendor, biosVersion, biosDate),
    uBoot && `U-Boot ${uBoot}`,
    (rpiVersion || rpiBuilt) && words('Raspberry Pi boot loader', rpiVersion, rpiBuilt),
  ];
  return told.filter(Boolean).join('; ') || null;
}

function machineLine({ identity }: Inventory): string {
  const dmi = [identity.dmi.sysVendor, identity.dmi.productName].filter(Boolean).join(' ');
  return identity.model ?? (dmi || joined(identity.compatible));
}

function factsOf(inventory: Inventory): EnvironmentFact[] {
  const { kernel, memory, user, agent } = inventory;
  const mesa = mesaVersions(inventory);
  // A run without cells of Mesa's does not start it.
  const asked = inventory.egl.length > 0;
  const iommu = iommuLines(inventory);
  const cma = `${MiB(memory.cmaTotalKiB)}, ${MiB(memory.cmaFreeKiB)} free`;
  const regions = memory.cmaRegions.length ? ` (${memory.cmaRegions.join(', ')})` : '';
  return [
    {
      name: 'Kernel',
      value: `${kernel.release} ${kernel.machine}, ${kernel.version}`,
      short: `kernel ${kernel.release} ${kernel.machine}`,
    },
    { name: 'Machine', value: machineLine(inventory) },
    { name: 'Firmware', value: firmwareWords(inventory) ?? 'not known' },
    { name: 'Command line', value: kernel.cmdline },
    {
      name: 'Mesa',
      value: asked ? joined(mesa) : 'not asked',
      short: mesa.length ? joined(mesa) : asked ? 'no Mesa' : 'Mesa not asked',
    },
    { name: 'EGL', value: asked ? listed(eglLines(inventory)) : 'not asked' },
    { name: 'DRM', value: listed(drmLines(inventory)) },
    { name: 'V4L2', value: listed(v4l2Lines(inventory)) },
    { name: 'Heaps', value: joined(heapLines(inventory)) },
    {
      name: 'CMA',
      value: memory.cmaTotalKiB ? `${cma}${regions}` : 'none',
      short: memory.cmaTotalKiB ? `CMA ${MiB(memory.cmaTotalKiB)}` : 'no CMA',
    },
    {
      name: 'IOMMU',
      value: joined(iommu),
      short: iommu.length ? `IOMMU ${joined(inventory.iommus)}` : 'no IOMMU',
    },
    { name: 'udmabuf', value: udmabufLine(inventory) },
    {
      name: 'Memory',
      value: `${MiB(memory.totalKiB)}, ${MiB(memory.availableKiB)} available, pages of ${memory.pageSize} bytes`,
    },
    { name: 'Ran as', value: `uid ${user.uid}, groups ${joined(user.groups)}` },
    {
      name: 'Taint',
      value: kernel.taint ? `0x${kernel.taint.toString(16)}` : 'none',
      ...(kernel.taint ? { short: `tainted 0x${kernel.taint.toString(16)}` } : {}),
    },
    { name: 'Modules', value: joined(inventory.modules) },
    { name: 'Boot', value: kernel.bootId },
    { name: 'Agent', value: `${agent.version}, Node ${agent.node}, ${agent.arch}` },
  ];
}

function nothingKnown({ run }: BoardRun): EnvironmentFact[] {
  if (!run) return [];
  return [
    { name: 'Kernel', value: 'unknown: the board was never reached', short: 'never reached' },
  ];
}

/** A content's id as people read it: `sha256:` and 12 digits, by which `report` finds the run, too. */
export const shortContent = (content: string): string => content.slice(0, 'sha256:'.length + 12);

/** What the run's files are, by their hash. Null where nobody has asked. */
function contentWords({ content, changed = [] }: NonNullable<BoardRun['run']>): string | null {
  if (content === undefined) return null;
  if (changed.length) return `changed since the run: ${changed.join(', ')}`;
  return content ?? 'not known: the run did not come to its end, or is an old one';
}

/** Everything of the board that a result may hang on, in the order of interest. */
export function environmentOf(run: BoardRun): EnvironmentFact[] {
  const facts = run.inventory ? factsOf(run.inventory) : nothingKnown(run);
  const command = run.run?.command?.length
    ? [{ name: 'Command', value: run.run.command.join(' ') }]
    : [];
  const id = run.run && [run.run.id, run.run.startedAt, run.run.harness].filter(Boolean);
  const content = run.run && contentWords(run.run);
  return [
    ...facts,
    { name: 'Profile', value: run.profileName },
    ...(id ? [{ name: 'Run', value: id.join(', ') }] : []),
    ...(content ? [{ name: 'Content', value: content }] : []),
    ...command,
  ].map((fact) => ({ ...fact, value: oneLine(fact.value) }));
}

/** `kernel 6.12.94 x86_64 · Mesa 26.1.6 · CMA 64 MiB · no IOMMU`. */
export function environmentLine(run: BoardRun): string {
  return oneLine(
    environmentOf(run)
      .flatMap(({ short }) => short ?? [])
      .join(' · '),
  );
}
