import { FORMATS } from '../suites/formats.ts';
import type { Inventory } from '../suites/inventory.ts';
import { plan } from '../suites/plan.ts';
import { planInput } from './planning.ts';
import type { Profile } from './profile.ts';
import { iommuDifferences, missingDevices } from './recognise.ts';

/** What is missing on a board, and the line that mends it. */
export interface Diagnosis {
  readonly problem: string;
  readonly mend: string;
}

/** What keeps a board from being measured whole. Empty: nothing does. */
export function diagnose(profile: Profile, inventory: Inventory): Diagnosis[] {
  return [
    ...missingDevices(profile, inventory).map((problem) => ({ problem, mend: mendFor(problem) })),
    ...udmabufProblems(profile, inventory),
    ...heapProblems(inventory),
    ...accessProblems(profile, inventory),
    ...displayProblems(profile, inventory),
    ...rendererProblems(profile, inventory),
    ...kernelProblems(inventory),
    ...iommuDifferences(profile, inventory).map((problem) => ({
      problem,
      mend: 'correct iommu: in the profile, or see /sys/kernel/iommu_groups and the kernel command line (intel_iommu=on)',
    })),
  ];
}

function mendFor(problem: string): string {
  const driver = /driver (\S+?)[;,]/.exec(problem)?.[1];
  if (!driver) return 'take the heap out of the profile, or build the kernel with it';
  return `sudo modprobe ${driver}   # or the module that has it; else take it out of the profile`;
}

function udmabufProblems(profile: Profile, inventory: Inventory): Diagnosis[] {
  const { backends } = planInput(profile, inventory, { board: profile.name });
  if (!backends.some((backend) => backend.startsWith('udmabuf'))) return [];
  const { node, listLimit, sizeLimitMiB } = inventory.udmabuf;
  if (!node)
    return [
      {
        problem: 'there is no /dev/udmabuf',
        mend: 'sudo modprobe udmabuf   # if that fails, the kernel needs CONFIG_UDMABUF=y',
      },
    ];
  const bytes = largestFrame(profile, inventory);
  const pages = Math.ceil(bytes / inventory.memory.pageSize) + 1;
  const problems: Diagnosis[] = [];
  if (listLimit !== null && pages > listLimit)
    problems.push({
      problem: `the largest frame has ${pages} pages and udmabuf takes ${listLimit} in a list, so udmabuf-scattered is unsupported there`,
      mend: `echo ${pages} | sudo tee /sys/module/udmabuf/parameters/list_limit`,
    });
  const mebibytes = Math.ceil(bytes / 2 ** 20);
  if (sizeLimitMiB !== null && mebibytes > sizeLimitMiB)
    problems.push({
      problem: `the largest frame has ${mebibytes} MiB and udmabuf makes at most ${sizeLimitMiB}`,
      mend: `echo ${mebibytes} | sudo tee /sys/module/udmabuf/parameters/size_limit_mb`,
    });
  return problems;
}

/** Bytes of the largest frame that the profile asks for. */
function largestFrame(profile: Profile, inventory: Inventory): number {
  const bytesOf = new Map(
    FORMATS.map(({ name, planes }) => [
      name,
      planes.reduce((sum, { bytes, hsub, vsub }) => sum + bytes / hsub / vsub, 0),
    ]),
  );
  const { cells } = plan(planInput(profile, inventory, { board: profile.name }));
  return cells.reduce(
    (most, { format, width, height }) =>
      Math.max(most, width * height * (bytesOf.get(format) ?? 0)),
    0,
  );
}

function heapProblems({ heaps, memory }: Inventory): Diagnosis[] {
  if (heaps.length === 0)
    return [
      {
        problem: 'there is no heap in /dev/dma_heap',
        mend: 'the kernel needs CONFIG_DMABUF_HEAPS=y, CONFIG_DMABUF_HEAPS_SYSTEM=y and CONFIG_DMABUF_HEAPS_CMA=y',
      },
    ];
  // Heaps that are not the page allocator's are regions of contiguous memory.
  if (heaps.some(({ name, target }) => !/^system(-|$)/.test(target ?? name))) return [];
  const mend =
    'the kernel needs CONFIG_DMABUF_HEAPS_CMA=y and a region: add cma=64M to its command line';
  const has = memory.cmaTotalKiB ? `${memory.cmaTotalKiB} KiB of CMA but ` : 'no CMA and ';
  return [{ problem: `there is ${has}no heap of contiguous memory`, mend }];
}

interface Node {
  readonly path: string;
  readonly mode: string;
  readonly group: string;
  readonly openErrno: string | null;
}

/** Nodes that the profile needs and that would not open. */
function accessProblems(profile: Profile, inventory: Inventory): Diagnosis[] {
  const { devices } = profile;
  const drivers = new Set(
    [...devices.gpu, ...devices.kms, ...devices.encoder].map(({ driver }) => driver),
  );
  const nodes: (Node | null)[] = [
    inventory.udmabuf.node,
    ...inventory.heaps.map(({ node }) => node),
    ...inventory.drm
      .filter(({ driver }) => drivers.has(driver))
      .flatMap(({ card, render }) => [card, render]),
    ...inventory.v4l2.filter(({ driver }) => drivers.has(driver)).map(({ node }) => node),
  ];
  return nodes
    .filter((node) => node !== null)
    .flatMap((node) => {
      if (node.openErrno === null) return [];
      const problem = `${node.path} would not open: ${node.openErrno} (${node.mode}, group ${node.group})`;
      return [{ problem, mend: mendAccess(node, inventory.user.groups) }];
    });
}

function mendAccess({ path, group, openErrno }: Node, groups: readonly string[]): string {
  if (openErrno === 'EBUSY') return `sudo fuser -v ${path}   # who has it; stop that program`;
  if (openErrno !== 'EACCES' && openErrno !== 'EPERM')
    return 'sudo dmesg | tail   # the driver may say why';
  if (group === 'root' || groups.includes(group))
    return `sudo chgrp video ${path} && sudo chmod g+rw ${path}   # for good: a udev rule with GROUP="video", MODE="0660"`;
  return `sudo usermod -aG ${group} "$USER"   # then log in again`;
}

/** Names of connector types as sysfs has them (drm_connector_enum_list in drm_connector.c). */
const CONNECTORS: Readonly<Record<number, string>> = {
  1: 'VGA',
  2: 'DVI-I',
  3: 'DVI-D',
  4: 'DVI-A',
  5: 'Composite',
  7: 'LVDS',
  10: 'DP',
  11: 'HDMI-A',
  12: 'HDMI-B',
  14: 'eDP',
  15: 'Virtual',
  16: 'DSI',
  17: 'DPI',
  20: 'USB',
};

function displayProblems(profile: Profile, inventory: Inventory): Diagnosis[] {
  const wanted = new Set(profile.devices.kms.map(({ driver }) => driver));
  return (
    inventory.drm
      // A card that would not open says nothing of what it can do.
      .filter(({ driver, card }) => card?.openErrno === null && wanted.has(driver))
      .flatMap(({ driver, card, connectors, atomic, dumb }) => {
        const problems: Diagnosis[] = [];
        if (connectors.length && !connectors.some(({ connected }) => connected)) {
          const name = CONNECTORS[connectors[0]?.type ?? 0] ?? '*';
          problems.push({
            problem: `${driver}: no connector is connected, so no commit can be tested`,
            mend: `echo on | sudo tee /sys/class/drm/${card?.path.split('/').at(-1)}-${name}-1/status   # or video=${name}-1:1920x1080@60D on the kernel command line`,
          });
        }
        if (!atomic)
          problems.push({
            problem: `${driver}: the driver has no atomic modesetting, so planes cannot be tested`,
            mend: 'take kms-primary and kms-overlay out of the profile, or use a newer kernel',
          });
        if (!dumb)
          problems.push({
            problem: `${driver}: the driver makes no dumb buffers`,
            mend: `take dumb:${driver} out of the profile's backends`,
          });
        return problems;
      })
  );
}

function rendererProblems(profile: Profile, inventory: Inventory): Diagnosis[] {
  const wanted = new Set(profile.devices.gpu.map(({ driver }) => driver));
  return inventory.egl.flatMap(({ driver, error }) => {
    if (error === null || !wanted.has(driver)) return [];
    const mend = /dlopen|lib\w+\.so/.test(error)
      ? 'sudo apt install libegl1 libgles2 libgbm1 libgl1-mesa-dri'
      : `see that Mesa has a driver for ${driver}, or take it out of the profile's devices.gpu`;
    return [{ problem: `egl:${driver} does not come up: ${error}`, mend }];
  });
}

/** Taint bits that mean trouble, not merely foreign modules (admin-guide/tainted-kernels.rst). */
const FAULT_TAINTS: readonly (readonly [number, string])[] = [
  [4, 'a machine check'],
  [5, 'a bad page'],
  [7, 'an oops or BUG'],
  [9, 'a warning'],
  [14, 'a soft lockup'],
];

function kernelProblems({ kernel, user }: Inventory): Diagnosis[] {
  const problems: Diagnosis[] = [];
  if (kernel.dmesgRestricted && user.uid !== 0)
    problems.push({
      problem: 'the kernel log is closed to this user, so a refusal comes without its reason',
      mend: 'sudo sysctl kernel.dmesg_restrict=0',
    });
  if (user.uid !== 0)
    problems.push({
      problem: 'without root, /proc/self/pagemap hides page frames, so contiguity is not measured',
      mend: 'connect as root (access: ssh://root@HOST in the lab file)',
    });
  const faults = FAULT_TAINTS.filter(([bit]) => (kernel.taint >> bit) & 1).map(([, what]) => what);
  if (faults.length)
    problems.push({
      problem: `the kernel is tainted (${kernel.taint}): it has had ${faults.join(', ')} since it was started`,
      mend: 'sudo reboot   # /proc/sys/kernel/tainted tells',
    });
  return problems;
}
