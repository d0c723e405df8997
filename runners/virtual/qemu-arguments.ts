import { UserError } from '../../devices/problem.ts';
import { ARCHES, type MachineRecipe } from './arch.ts';
import type { Images } from './images.ts';

/** How the guest's processor is made: emulated, or by the host's own. */
export type Accelerator = 'tcg' | 'kvm';

/** What a board's QEMU is started from beside its recipe. */
export interface QemuFiles {
  readonly images: Images;
  /** The board's own disk, written to. */
  readonly dataDisk: string;
  /** The file for all that the guest prints. */
  readonly consoleLog: string;
}

/** x86 Linux takes 2048 bytes of command line, 32-bit Arm 1024. */
const CMDLINE_LIMIT = 1023;

/**
 * QEMU's whole argument list for a board. Pure. Nothing in it passes through a shell.
 * @param name becomes the guest's host name.
 * @param port on 127.0.0.1, leads to the guest's sshd.
 * @throws UserError (profile) when the recipe cannot be made.
 */
export function qemuArguments(
  name: string,
  recipe: MachineRecipe,
  files: QemuFiles,
  port: number,
  accelerator: Accelerator,
): string[] {
  const { images } = files;
  if (images.arch !== recipe.arch) {
    throw new UserError({
      code: 'profile',
      message: `machine: the images are for ${images.arch}, the board is ${recipe.arch}`,
      hint: `build images for ${recipe.arch}`,
    });
  }
  const accel = accelerator === 'kvm' ? 'kvm' : 'tcg,thread=multi';
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-audiodev', 'none,id=silence'],
    ...['-machine', machine(recipe), '-accel', accel],
    ...['-cpu', recipe.cpu, '-smp', String(recipe.cpus), '-m', String(recipe.memoryMiB)],
    ...['-chardev', `file,id=console,path=${optionValue(files.consoleLog)}`],
    ...['-serial', 'chardev:console', '-monitor', 'none', '-parallel', 'none'],
    ...['-kernel', images.kernel.image, '-append', kernelCommandLine(name, recipe)],
    ...(images.kernel.dtb === undefined ? [] : ['-dtb', images.kernel.dtb]),
    ...disks(recipe, files),
    ...network(recipe, port),
    ...recipe.devices.flatMap((device) => ['-device', device]),
  ];
}

/** A comma ends an option's value unless it is doubled. */
function optionValue(path: string): string {
  return path.replaceAll(',', ',,');
}

function machine(recipe: MachineRecipe): string {
  return recipe.devices.includes('intel-iommu')
    ? `${recipe.qemuMachine},kernel-irqchip=split`
    : recipe.qemuMachine;
}

/**
 * Where the bus is virtio-mmio, the last device gets the first slot, so the root disk, which the
 * kernel knows as /dev/vda, is the first of the list there and the last here.
 */
function disks(recipe: MachineRecipe, { images, dataDisk }: QemuFiles): string[] {
  const list = [
    disk('root', images.rootfs.image, recipe, true),
    disk('modules', images.kernel.modules, recipe, true),
    disk('data', dataDisk, recipe, false),
  ];
  return (isPci(recipe) ? list : list.reverse()).flat();
}

function disk(id: string, file: string, recipe: MachineRecipe, readonly: boolean): string[] {
  const options = `if=none,id=${id},format=raw,readonly=${readonly ? 'on' : 'off'}`;
  const device = isPci(recipe) ? 'virtio-blk-pci' : 'virtio-blk-device';
  // The guest's init tells the disks apart by their serial numbers.
  return [
    ...['-drive', `${options},file=${optionValue(file)}`],
    ...['-device', `${device},drive=${id},serial=${id}`],
  ];
}

/** The guest reaches nothing, and nothing but this machine reaches its sshd. */
function network(recipe: MachineRecipe, port: number): string[] {
  const netdev = `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`;
  // vexpress has four virtio slots, and the disks take three. The fourth is for the network and not
  // for random numbers: the board's own LAN9118 takes Node in at 130 KiB/s, which is 12 minutes.
  const devices = isPci(recipe)
    ? ['virtio-rng-pci', 'virtio-net-pci,netdev=net,romfile=']
    : ['virtio-net-device,netdev=net'];
  return ['-netdev', netdev, ...devices.flatMap((device) => ['-device', device])];
}

function isPci(recipe: MachineRecipe): boolean {
  return recipe.arch === 'x86_64';
}

/**
 * The kernel command line. modprobe takes a module's parameters from the words
 * `module.parameter=value`; the guest's init takes the modules' names from `bufmatrix.load=`.
 * @throws UserError (profile) when it is too long for a kernel.
 */
export function kernelCommandLine(name: string, recipe: MachineRecipe): string {
  const host = name.replaceAll(/[^A-Za-z0-9-]/g, '-');
  const console = ARCHES[recipe.arch].deviceTree === null ? 'ttyS0' : 'ttyAMA0';
  const line = [
    `console=${console}`,
    ...['root=/dev/vda', 'rootfstype=squashfs', 'ro', 'init=/bufmatrix/init', 'panic=3'],
    // No DHCP: user networking always gives these, and asking takes a second.
    `ip=10.0.2.15::10.0.2.2:255.255.255.0:${host}:eth0:off`,
    ...recipe.cmdline,
    ...recipe.modules.flatMap(({ name: module, params }) =>
      Object.entries(params).map(
        ([key, value]) => `${module.replaceAll('-', '_')}.${key}=${value}`,
      ),
    ),
    ...(recipe.modules.length === 0
      ? []
      : [`bufmatrix.load=${recipe.modules.map((module) => module.name).join(',')}`]),
  ].join(' ');
  if (line.length <= CMDLINE_LIMIT) return line;
  throw new UserError({
    code: 'profile',
    message: `machine: the kernel command line would have ${line.length} bytes, more than ${CMDLINE_LIMIT}`,
    hint: 'leave out some words of cmdline or modules',
  });
}
