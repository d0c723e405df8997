import { machine, release, version } from 'node:os';
import type { Inventory } from '../../../suites/inventory.ts';
import { groupName } from '../../../suites/kernel/access.ts';
import { pageBytes } from '../../../suites/kernel/syscalls.ts';
import { namesIn, numberOf, stringsOf, textOf } from './files.ts';

/** The running kernel, and which boot of it. */
export function kernelOf(): Inventory['kernel'] {
  return {
    release: release(),
    version: version(),
    machine: machine(),
    cmdline: textOf('/proc/cmdline') ?? '',
    bootId: textOf('/proc/sys/kernel/random/boot_id') ?? '',
    taint: numberOf('/proc/sys/kernel/tainted') ?? 0,
    dmesgRestricted: numberOf('/proc/sys/kernel/dmesg_restrict') === 1,
  };
}

/** What the board calls itself: by device tree, by DMI, and by its PCI devices. */
export function identityOf(): Inventory['identity'] {
  const dmi = (name: string) => textOf(`/sys/class/dmi/id/${name}`);
  return {
    compatible: stringsOf('/proc/device-tree/compatible'),
    model: textOf('/proc/device-tree/model'),
    dmi: {
      sysVendor: dmi('sys_vendor'),
      productName: dmi('product_name'),
      boardName: dmi('board_name'),
    },
    pci: [
      ...new Set(
        namesIn('/sys/bus/pci/devices').flatMap(
          (name) => pciId(`/sys/bus/pci/devices/${name}`) ?? [],
        ),
      ),
    ],
  };
}

/** `1234:11e8`, from a device's uevent; null where it is no PCI device. */
export function pciId(device: string): string | null {
  const match = /^PCI_ID=(\S+)$/m.exec(textOf(`${device}/uevent`) ?? '');
  return match?.[1]?.toLowerCase() ?? null;
}

/** Who this process is. */
export function userOf(): Inventory['user'] {
  const groups = new Set(process.getgroups?.() ?? []);
  return { uid: process.getuid?.() ?? -1, groups: [...groups].map(groupName) };
}

const CMA_COUNTERS = ['alloc_pages_success', 'alloc_pages_fail'];

/** Memory now, in KiB as /proc/meminfo has it; 0 for what it does not list. */
export function memoryOf(): Inventory['memory'] {
  const lines = (textOf('/proc/meminfo') ?? '').matchAll(/^(\w+):\s+(\d+)/gm);
  const kib = new Map([...lines].map(([, name = '', value]) => [name, Number(value)]));
  const cma = '/sys/kernel/mm/cma';
  return {
    pageSize: pageBytes,
    totalKiB: kib.get('MemTotal') ?? 0,
    availableKiB: kib.get('MemAvailable') ?? 0,
    cmaTotalKiB: kib.get('CmaTotal') ?? 0,
    cmaFreeKiB: kib.get('CmaFree') ?? 0,
    cmaRegions: namesIn(cma).map((region) => {
      const counts = CMA_COUNTERS.map((name) => `${name} ${textOf(`${cma}/${region}/${name}`)}`);
      return `${region}: ${counts.join(', ')}`;
    }),
  };
}

/** Loaded modules, by name; what is built in is not among them. */
export function modulesOf(): string[] {
  const lines = (textOf('/proc/modules') ?? '').split('\n').filter((line) => line !== '');
  return lines.map((line) => line.split(' ', 1)[0] ?? '').sort();
}
