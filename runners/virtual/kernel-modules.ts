import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ARCHES, type Arch } from './arch.ts';
import { cached } from './cache.ts';
import { run } from './command.ts';
import { CONTIG_KMS, GUEST_FOLDER, guestFile } from './guest-files.ts';
import { type BuiltKernel, KBUILD_ENVIRONMENT, makeArguments } from './kernel.ts';
import type { Progress } from './progress.ts';

const SCRIPT_VERSION = 1;

/** Decompressed faster than anything else, which is what counts under emulation. */
export const SQUASHFS_OPTIONS = ['-comp', 'lz4', '-no-progress', '-quiet'];

/**
 * The image of a kernel's /lib/modules: its own modules and, where it is of use, contig_kms. Made
 * anew in seconds when only that module's source changed.
 * @throws UserError (environment) when a step fails.
 */
export async function buildModules(
  arch: Arch,
  kernel: BuiltKernel,
  progress: Progress,
): Promise<string> {
  const facts = ARCHES[arch];
  const sources = facts.contigKms ? await Promise.all(CONTIG_KMS.map(guestFile)) : [];
  const what = `modules for ${kernel.release} (${arch})`;
  const make = async (into: string, log: string) => {
    progress({ step: what });
    const root = join(into, 'root');
    await mkdir(join(root, 'lib'), { recursive: true });
    await cp(join(kernel.folder, 'modules'), join(root, 'lib/modules'), { recursive: true });
    if (facts.contigKms) await addContigKms(arch, kernel, into, log);
    await run(['depmod', '--basedir', root, kernel.release], { log });
    const image = join(into, 'modules.squashfs');
    await run(['mksquashfs', join(root, 'lib/modules'), image, ...SQUASHFS_OPTIONS, '-all-root'], {
      log,
    });
    await run(['rm', '-r', '--', root], { log });
  };
  const inputs = { SCRIPT_VERSION, kernel: kernel.folder.split('/').at(-1), sources };
  const folder = await cached({ kind: 'modules', inputs, what, make }, progress);
  return join(folder, 'modules.squashfs');
}

async function addContigKms(arch: Arch, kernel: BuiltKernel, into: string, log: string) {
  const source = join(into, 'contig-kms');
  await cp(join(GUEST_FOLDER, 'contig-kms'), source, { recursive: true });
  const options = { cwd: join(kernel.folder, 'build'), env: KBUILD_ENVIRONMENT, log };
  const make = [...makeArguments(ARCHES[arch]), `M=${source}`];
  await run([...make, 'modules'], options);
  const module = join(into, 'root/lib/modules', kernel.release, 'updates/contig_kms.ko');
  await run(['install', '-D', '-m', '0644', join(source, 'contig_kms.ko'), module], { log });
  await run([`${ARCHES[arch].cross}strip`, '--strip-debug', module], { log });
  await run(['rm', '-r', '--', source], { log });
}
