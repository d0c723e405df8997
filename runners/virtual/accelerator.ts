import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { execa } from 'execa';
import { ARCHES, type MachineRecipe } from './arch.ts';
import { keyOf, remembered } from './cache.ts';
import { capture, hostEnvironment } from './command.ts';
import type { Images } from './images.ts';
import type { Accelerator } from './qemu-arguments.ts';

/** How long the kernel may take until it panics for want of a root. With KVM that is a second. */
const PROBE_TIMEOUT_MS = 5000;

/**
 * KVM where it works, else emulation. /dev/kvm may be there and hang at the guest's first
 * instruction, so a kernel is really started, once for each machine and QEMU; the answer is kept.
 */
export async function chooseAccelerator(
  recipe: MachineRecipe,
  images: Images,
): Promise<Accelerator> {
  if (recipe.arch !== 'x86_64' || process.arch !== 'x64' || !existsSync('/dev/kvm')) return 'tcg';
  const { qemu } = ARCHES[recipe.arch];
  const key = keyOf([await capture([qemu, '--version']), release(), process.getuid?.()]);
  const works = await remembered({
    name: `kvm-${key}`,
    ask: () => probe(qemu, images.kernel.image),
    isAnswer: (value) => typeof value === 'boolean',
  });
  return works ? 'kvm' : 'tcg';
}

async function probe(qemu: string, kernel: string): Promise<boolean> {
  const result = await execa(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', '--', qemu, '-nodefaults', '-no-user-config', '-display', 'none'],
      ...['-machine', 'q35', '-accel', 'kvm', '-m', '256', '-serial', 'stdio', '-no-reboot'],
      ...['-kernel', kernel, '-append', 'console=ttyS0 panic=-1'],
    ],
    {
      reject: false,
      stdin: 'ignore',
      timeout: PROBE_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      env: hostEnvironment(),
      extendEnv: false,
    },
  );
  return result.exitCode === 0 && result.stdout.includes('Kernel panic');
}
