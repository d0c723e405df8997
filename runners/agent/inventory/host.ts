import { machine, release, version } from 'node:os';
import type { Firmware, Inventory } from '../../../suites/inventory.ts';
import { groupName } from '../../../suites/kernel/access.ts';
import { pageBytes } from '../../../suites/kernel/syscalls.ts';
import { cellOf, namesIn, numberOf, stringsOf, textOf } from './files.ts';

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

/**
 * What started the kernel. Sources: drivers/firmware/dmi-id.c of the kernel; U-Boot's
 * boot/fdt_support.c, fdt_chosen(); Raspberry Pi's documentation, "Firmware parameters", which writes
 * `build_timestamp`, while boards and rpi-eeprom-update have `build-timestamp`.
 * @param root the folder that has /proc and /sys.
 */
export function firmwareOf(root = ''): Firmware {
  const dmi = (name: string) => textOf(`${root}/sys/class/dmi/id/${name}`) || null;
  const chosen = `${root}/proc/device-tree/chosen`;
  // Seconds since 1970, of 32 bits; 0 where it is not known.
  const built = cellOf(`${chosen}/bootloader/build-timestamp`);
  return {
    biosVendor: dmi('bios_vendor'),
    biosVersion: dmi('bios_version'),
    biosDate: dmi('bios_date'),
    uBoot: textOf(`${chosen}/u-boot,version`) || null,
    rpiVersion: textOf(`${chosen}/bootloader/version`) || null,
    rpiBuilt: built ? new Date(built * 1000).toISOString() : null,
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
