import { z } from 'zod';

/** A word of a kernel command line. No quotes and no blanks: the kernel would split it. */
const CmdlineWord = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.,=:/@+-]{0,199}$/, {
  error: 'a word of a kernel command line is letters, digits and `_.,=:/@+-`, without blanks',
});

const ModuleName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, {
  error: 'a module is named with letters, digits, `_` and `-`',
});

const ParameterValue = z.string().regex(/^[A-Za-z0-9_.:+-][A-Za-z0-9_.,:+-]{0,99}$/, {
  error: 'a module parameter is letters, digits and `_.,:+-`, written in quotes if it is a number',
});

/** A QEMU machine or CPU model. */
const QemuName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, {
  error: 'a QEMU machine or CPU is named with letters, digits and `_.-`',
});

/** QEMU devices that a virtual board may ask for. An iommu comes before what stands behind it. */
export const MACHINE_DEVICES = ['intel-iommu', 'edu'] as const;

/** How QEMU makes a virtual board: the whole difference between two of them. */
export const Machine = z.strictObject({
  arch: z.enum(['x86_64', 'arm']).describe('which kernel and root file system'),
  qemuMachine: QemuName.describe('what `qemu-system-* -machine help` lists'),
  cpu: QemuName.describe('what `qemu-system-* -cpu help` lists'),
  cpus: z.int().min(1).max(64).default(2),
  memoryMiB: z.int().min(256).max(65536).default(1536),
  cmdline: z.array(CmdlineWord).default([]).describe('words for the kernel command line'),
  modules: z
    .array(
      z.strictObject({
        name: ModuleName,
        params: z.record(ModuleName, ParameterValue).default({}),
      }),
    )
    .default([])
    .describe('kernel modules, loaded in this order'),
  devices: z.array(z.enum(MACHINE_DEVICES)).default([]).describe('QEMU devices, in this order'),
});
export type Machine = z.infer<typeof Machine>;
