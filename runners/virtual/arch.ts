import type { Machine } from '../../devices/machine.ts';

/** What a virtual board is made of: the `machine:` part of its profile. */
export type MachineRecipe = Machine;

/** A guest's architecture. */
export type Arch = MachineRecipe['arch'];

/** All that differs between architectures when an image is made. */
export interface ArchFacts {
  /** Debian's name of it. */
  readonly debian: string;
  /** The kernel's name of it (make ARCH=), and what its compiler's name begins with. */
  readonly kernel: string;
  readonly cross: string;
  /** The make target and the file that it makes. */
  readonly target: string;
  readonly image: string;
  /** How many objects a build compiles, about: for the progress count alone. */
  readonly objects: number;
  /** Our own device tree source, and the kernel's folder of those it includes. */
  readonly deviceTree: { readonly source: string; readonly folder: string } | null;
  /** Whether our own PCI module contig_kms is of use there. */
  readonly contigKms: boolean;
  /** Whether a Mesa is put on. */
  readonly mesa: boolean;
  readonly qemu: string;
}

/** The facts of each architecture. */
export const ARCHES: { readonly [arch in Arch]: ArchFacts } = {
  x86_64: {
    debian: 'amd64',
    kernel: 'x86_64',
    cross: '',
    target: 'bzImage',
    image: 'arch/x86/boot/bzImage',
    objects: 1450,
    deviceTree: null,
    contigKms: true,
    mesa: true,
    qemu: 'qemu-system-x86_64',
  },
  arm: {
    debian: 'armhf',
    kernel: 'arm',
    cross: 'arm-linux-gnueabihf-',
    target: 'zImage',
    image: 'arch/arm/boot/zImage',
    objects: 1210,
    deviceTree: { source: 'vexpress-v2p-ca9-dvi.dts', folder: 'arch/arm/boot/dts/arm' },
    contigKms: false,
    mesa: false,
    qemu: 'qemu-system-arm',
  },
};
