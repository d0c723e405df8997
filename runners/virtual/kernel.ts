import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../devices/problem.ts';
import { openApt } from './apt.ts';
import { ARCHES, type Arch, type ArchFacts } from './arch.ts';
import { cached, isCached } from './cache.ts';
import type { KernelChoice } from './choose.ts';
import { capture, run } from './command.ts';
import { GUEST_FOLDER, guestFile } from './guest-files.ts';
import type { Progress } from './progress.ts';

/** To be raised when this file makes something else of the same inputs. */
const SCRIPT_VERSION = 1;

/** The folder of the cache that holds kernels. */
const KIND = 'kernel';

/** Parts of the source that no build here reads. */
const NOT_UNPACKED = ['tools/testing', 'tools/perf', 'drivers/gpu/drm/amd/include'];

/** What a module outside the tree is built with, kept when the rest of the tree goes. */
const KEPT_FOR_MODULES = ['include', 'scripts', '.config', 'Makefile', 'Kbuild', 'Module.symvers'];

/** A built kernel: a folder in the cache. */
export interface BuiltKernel {
  readonly folder: string;
  /** The file for QEMU's -kernel. */
  readonly image: string;
  /** What `uname -r` will say. */
  readonly release: string;
  /** Debian's version of the source, such as `6.12.117-1`. */
  readonly sourceVersion: string;
  readonly dtb: string | null;
}

/** The arguments of every make for an architecture. */
export function makeArguments(facts: ArchFacts): string[] {
  const cross = facts.cross === '' ? [] : [`CROSS_COMPILE=${facts.cross}`];
  return ['make', `-j${availableParallelism() + 1}`, `ARCH=${facts.kernel}`, ...cross];
}

/** No name of this machine goes into the kernel. */
export const KBUILD_ENVIRONMENT = {
  KBUILD_BUILD_USER: 'bufmatrix',
  KBUILD_BUILD_HOST: 'bufmatrix',
};

/**
 * A kernel for virtual boards, built now if it is not in the cache: about 8 minutes on 2 cores,
 * 3 GB of disk meanwhile and 150 MB in the end.
 * @throws UserError (environment) when a step fails, with the end of its output.
 */
export async function buildKernel(
  arch: Arch,
  choice: KernelChoice,
  progress: Progress,
): Promise<BuiltKernel> {
  const facts = ARCHES[arch];
  const inputs = await inputsOf(arch, choice);
  const { fragment } = inputs;
  const what = `kernel ${choice.version} for ${arch}`;
  const make = (into: string, log: string) =>
    makeKernel({ facts, choice, fragment, into, log, what, progress });
  const folder = await cached({ kind: KIND, inputs, what, make }, progress);
  return {
    folder,
    image: join(folder, 'image'),
    release: (await readFile(join(folder, 'release'), 'utf8')).trim(),
    sourceVersion: choice.version,
    dtb: facts.deviceTree === null ? null : join(folder, 'board.dtb'),
  };
}

/** Whether that kernel is in the cache, so that its source need not be there any more. */
export async function hasKernel(arch: Arch, choice: KernelChoice): Promise<boolean> {
  return isCached({ kind: KIND, inputs: await inputsOf(arch, choice) });
}

/** All that a kernel depends on. */
async function inputsOf(arch: Arch, { source, version }: KernelChoice) {
  const { cross, deviceTree: tree } = ARCHES[arch];
  const fragment = `${await guestFile('kernel-common.config')}${await guestFile(`kernel-${arch}.config`)}`;
  const deviceTree = tree === null ? null : await guestFile(tree.source);
  const compiler = await capture([`${cross}gcc`, '-dumpfullversion']);
  return { SCRIPT_VERSION, arch, source, version, fragment, deviceTree, compiler };
}

interface Job {
  readonly facts: ArchFacts;
  readonly choice: KernelChoice;
  readonly fragment: string;
  readonly into: string;
  readonly log: string;
  readonly what: string;
  readonly progress: Progress;
}

async function makeKernel(job: Job): Promise<void> {
  const { facts, into, log, what, progress } = job;
  const tree = await unpackSource(job);
  const env = KBUILD_ENVIRONMENT;
  const make = makeArguments(facts);

  progress({ step: `${what}: configure` });
  const fragment = join(into, 'fragment');
  await writeFile(fragment, job.fragment);
  await run([...make, 'allnoconfig'], {
    cwd: tree,
    env: { ...env, KCONFIG_ALLCONFIG: fragment },
    log,
  });
  checkConfig(job.fragment, await readFile(join(tree, '.config'), 'utf8'));

  let done = 0;
  const step = `${what}: compile (number of objects estimated)`;
  await run([...make, facts.target, 'modules'], {
    cwd: tree,
    env,
    log,
    onLine: (line) => {
      if (/^ {2}CC /.test(line)) done += 1;
      progress({ step, done, total: Math.max(done, facts.objects), line });
    },
  });

  progress({ step: `${what}: install` });
  const staged = join(into, 'staged');
  const install = [`INSTALL_MOD_PATH=${staged}`, 'INSTALL_MOD_STRIP=1', 'modules_install'];
  await run([...make, ...install], { cwd: tree, env, log });
  await rename(join(staged, 'lib/modules'), join(into, 'modules'));
  const [release = ''] = await readdir(join(into, 'modules'));
  for (const link of ['build', 'source'])
    await rm(join(into, 'modules', release, link), { force: true });
  await writeFile(join(into, 'release'), `${release}\n`);
  await cp(join(tree, facts.image), join(into, 'image'));
  await cp(join(tree, '.config'), join(into, 'config'));
  if (facts.deviceTree !== null) await compileDeviceTree(facts.deviceTree, tree, into, log);
  await keepForModules(tree, join(into, 'build'), facts);
  await rm(tree, { recursive: true });
  await rm(staged, { recursive: true });
}

/** Downloads and unpacks the source; the folder of it. */
async function unpackSource(job: Job): Promise<string> {
  const { choice, into, log, what, progress } = job;
  progress({ step: `${what}: download the source` });
  // A source package is for all architectures, so the lists of any one will do.
  const apt = await openApt(ARCHES.x86_64);
  const note = (line: string) => progress({ step: `${what}: download the source`, line });
  await apt.download(choice.source, choice.version, into, note);
  const deb = (await readdir(into)).find((name) => name.endsWith('.deb')) ?? '';
  progress({ step: `${what}: unpack the source` });
  await run(['dpkg-deb', '--extract', join(into, deb), join(into, 'deb')], { log });
  const tree = join(into, 'linux');
  await mkdir(tree);
  const excluded = NOT_UNPACKED.map((part) => `--exclude=${choice.source}/${part}`);
  const tarball = join(into, 'deb/usr/src', `${choice.source}.tar.xz`);
  await run(
    [
      'tar',
      '-x',
      '-J',
      '--strip-components=1',
      '--anchored',
      ...excluded,
      '-f',
      tarball,
      '-C',
      tree,
    ],
    {
      log,
      env: { XZ_DEFAULTS: '-T0' },
    },
  );
  await rm(join(into, 'deb'), { recursive: true });
  await rm(join(into, deb));
  return tree;
}

/** Options that not every kernel version has: FB and the two last went, the first came. */
const ONLY_SOMETIMES = new Set([
  'CONFIG_DMABUF_HEAPS_CMA_LEGACY',
  'CONFIG_FB',
  'CONFIG_PREEMPT_VOLUNTARY',
  'CONFIG_PROC_SYSCTL',
]);

/** An option that a kernel silently drops would be a device that silently is not there. */
function checkConfig(fragment: string, config: string): void {
  const have = new Set(config.split('\n'));
  const wanted = fragment.split('\n').filter((line) => /^CONFIG_\w+=[my"0-9]/.test(line));
  const dropped = wanted.filter(
    (line) => !have.has(line) && !ONLY_SOMETIMES.has(line.split('=')[0] ?? ''),
  );
  if (dropped.length === 0) return;
  throw new UserError({
    code: 'environment',
    message: `this kernel's configuration dropped ${dropped.join(' ')}`,
    hint: `put what replaced them into ${GUEST_FOLDER}`,
  });
}

async function compileDeviceTree(
  { source, folder }: NonNullable<ArchFacts['deviceTree']>,
  tree: string,
  into: string,
  log: string,
): Promise<void> {
  const plain = join(into, 'board.dts');
  const include = [folder, 'include', 'scripts/dtc/include-prefixes'].flatMap((part) => [
    '-I',
    part,
  ]);
  const cpp = ['cpp', '-nostdinc', '-undef', '-P', '-D__DTS__', '-x', 'assembler-with-cpp'];
  const options = { cwd: tree, log };
  await run([...cpp, ...include, join(GUEST_FOLDER, source), '-o', plain], options);
  const output = join(into, 'board.dtb');
  await run(['scripts/dtc/dtc', '-q', '-I', 'dts', '-O', 'dtb', '-o', output, plain], options);
}

/** Moves out of the tree what `make M=` needs, and no more: 1 GB of objects and sources goes. */
async function keepForModules(tree: string, into: string, facts: ArchFacts): Promise<void> {
  await mkdir(into);
  for (const part of KEPT_FOR_MODULES) await rename(join(tree, part), join(into, part));
  const arch = facts.image.split('/').slice(0, 2).join('/');
  await mkdir(join(into, 'arch'));
  await rename(join(tree, arch), join(into, arch));
  // objtool checks x86 modules; other architectures do without.
  const objtool = 'tools/objtool/objtool';
  await mkdir(join(into, 'tools/objtool'), { recursive: true });
  await rename(join(tree, objtool), join(into, objtool)).catch(() => {});
  await deleteFiles(
    join(into, arch),
    /\.(c|S|o|a|dts|dtsi|dtb|cmd|gz|elf|bin)$|^(b?z?Image|vmlinux)/,
  );
  await deleteFiles(join(into, 'scripts'), /\.o$/);
}

async function deleteFiles(folder: string, names: RegExp): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && names.test(entry.name));
  await Promise.all(files.map((file) => rm(join(file.parentPath, file.name))));
}
