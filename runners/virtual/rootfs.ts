import { chmod, copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../devices/problem.ts';
import type { ApplicationPackages } from './applications.ts';
import { type Apt, type DebianSuite, KEYRING, openApt } from './apt.ts';
import { ARCHES, type Arch } from './arch.ts';
import { cached, isCached } from './cache.ts';
import type { MesaChoice } from './choose.ts';
import { capture, run } from './command.ts';
import { GUEST_FOLDER, GUEST_PROGRAMS, GUEST_SETTINGS, guestFile } from './guest-files.ts';
import { SQUASHFS_OPTIONS } from './kernel-modules.ts';
import type { Progress } from './progress.ts';

const SCRIPT_VERSION = 1;

/** The folder of the cache that holds root file systems without anything of ours. */
const BASE_KIND = 'rootfs-base';

/** On every board. No Node on purpose: what runs on a board brings its own. */
const BASE = [
  'openssh-server',
  'kmod',
  'procps',
  'util-linux',
  'mount',
  'libstdc++6',
  'libatomic1',
  'v4l-utils',
  'drm-info',
];

const MESA = ['libegl1', 'libgles2', 'libgbm1', 'libgl1-mesa-dri', 'libegl-mesa0'];

/** What Debian calls essential, and what it needs, where no package's script can be run. */
const ESSENTIAL = [
  'base-files',
  'base-passwd',
  'bash',
  'coreutils',
  'dash',
  'findutils',
  'grep',
  'gzip',
  'hostname',
  'libc-bin',
  'mawk',
  'openssh-client',
  'sed',
  'tar',
];

const NOT_UNPACKED = ['man', 'locale', 'doc', 'info', 'i18n', 'lintian', 'bash-completion'];

/** What a root file system is made of. */
export interface RootChoice {
  readonly suite: DebianSuite;
  /** Null where there is none. */
  readonly mesa: MesaChoice | null;
  /** Camera and media programs; without them it is a board that only bufmatrix runs on. */
  readonly applications?: ApplicationPackages;
}

/** A root file system's image, and what it was made from. */
export interface BuiltRootfs {
  readonly image: string;
  readonly suite: DebianSuite;
  readonly mesaVersion: string | null;
  /** Package names and versions; empty without applications. */
  readonly applications: ApplicationPackages;
}

/**
 * The root file system of a guest, made now if it is not in the cache: about a minute,
 * with applications three.
 * @throws UserError (environment) when a step fails.
 */
export async function buildRootfs(
  arch: Arch,
  choice: RootChoice,
  progress: Progress,
): Promise<BuiltRootfs> {
  const { suite, mesa, applications = {} } = choice;
  const base = await buildBase(arch, choice, progress);
  const names = [...GUEST_PROGRAMS, ...GUEST_SETTINGS];
  const files = await Promise.all(names.map(guestFile));
  const what = `root file system of ${suite} for ${arch}: add init`;
  const make = async (into: string, log: string) => {
    progress({ step: what });
    // Appending takes a second, so a change of init costs no minute.
    const image = join(into, 'rootfs.squashfs');
    await copyFile(join(base, 'base.squashfs'), image);
    const stage = join(into, 'stage');
    await stageGuest(join(stage, 'bufmatrix'));
    await run(['mksquashfs', stage, image, '-all-root', '-no-recovery', '-no-progress', '-quiet'], {
      log,
    });
    await rm(stage, { recursive: true });
  };
  const inputs = { SCRIPT_VERSION, base: base.split('/').at(-1), files };
  const folder = await cached({ kind: 'rootfs', inputs, what, make }, progress);
  const image = join(folder, 'rootfs.squashfs');
  return { image, suite, mesaVersion: mesa?.version ?? null, applications };
}

async function stageGuest(folder: string): Promise<void> {
  // The folders are what init puts its file systems on.
  for (const name of ['layer', 'root']) await mkdir(join(folder, name), { recursive: true });
  for (const name of GUEST_SETTINGS) await copyFile(join(GUEST_FOLDER, name), join(folder, name));
  for (const name of GUEST_PROGRAMS) {
    await copyFile(join(GUEST_FOLDER, name), join(folder, name));
    await chmod(join(folder, name), 0o755);
  }
}

/** Whether the root file system's part that is downloaded is in the cache. */
export function hasRootfs(arch: Arch, choice: RootChoice): boolean {
  return isCached({ kind: BASE_KIND, inputs: baseInputs(arch, choice) });
}

/** All that the downloaded part depends on. */
function baseInputs(arch: Arch, { mesa, suite, applications }: RootChoice) {
  const packages = [
    ...(mesa === null ? ESSENTIAL : []),
    ...BASE,
    ...(mesa === null ? [] : MESA),
    ...Object.keys(applications ?? {}),
  ];
  const inputs = { SCRIPT_VERSION, arch, mesa, suite, packages, NOT_UNPACKED };
  return applications === undefined ? inputs : { ...inputs, applications };
}

/** The part that takes a minute: Debian's packages, without anything of ours. */
async function buildBase(arch: Arch, choice: RootChoice, progress: Progress): Promise<string> {
  const facts = ARCHES[arch];
  const { mesa, suite, applications } = choice;
  const inputs = baseInputs(arch, choice);
  const { packages } = inputs;
  const parts = [
    ...(mesa ? [`Mesa ${mesa.version}`] : []),
    ...(applications ? ['camera and media programs'] : []),
  ];
  const what = `root file system of ${suite} for ${arch}${parts.length ? ` with ${parts.join(' and ')}` : ''}`;
  const make = async (into: string, log: string) => {
    progress({ step: `${what}: package lists` });
    const apt = await openApt(facts);
    const tar = join(into, 'base.tar');
    let done = 0;
    await run(mmdebstrapCommand({ apt, debian: facts.debian, mesa, suite, packages, tar }), {
      log,
      onLine: (line) => {
        if (line.startsWith('I: ')) done += 1;
        progress({ step: `${what}: packages`, done, total: Math.max(done, STAGES), line });
      },
    });
    const wanted = { ...applications, ...(mesa ? { 'libgl1-mesa-dri': mesa.version } : {}) };
    await checkVersions(tar, suite, wanted);
    progress({ step: `${what}: image` });
    const image = join(into, 'base.squashfs');
    await run(['sqfstar', ...SQUASHFS_OPTIONS, image], { inputFile: tar, log });
    await rm(tar);
  };
  return cached({ kind: BASE_KIND, inputs, what, make }, progress);
}

/** How many stages mmdebstrap tells of. */
const STAGES = 12;

interface Bootstrap {
  readonly apt: Apt;
  readonly debian: string;
  readonly mesa: MesaChoice | null;
  readonly suite: DebianSuite;
  readonly packages: readonly string[];
  readonly tar: string;
}

function mmdebstrapCommand({ apt, debian, mesa, suite, packages, tar }: Bootstrap): string[] {
  const backports = suite === 'trixie-backports';
  const suites: DebianSuite[] = backports ? ['trixie', 'trixie-backports'] : [suite];
  // Backports on a par with the rest: Mesa comes with the libraries that it was built against.
  const pin = 'Package: *\\nPin: release a=*-backports\\nPin-Priority: 500\\n';
  return [
    'mmdebstrap',
    '--mode=auto',
    // No script of a foreign architecture's package can be run, so there they are only unpacked.
    `--variant=${mesa === null ? 'extract' : 'essential'}`,
    `--architectures=${debian}`,
    `--keyring=${KEYRING}`,
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--aptopt=Acquire::Languages "none"',
    '--aptopt=Apt::Install-Recommends "false"',
    ...NOT_UNPACKED.map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
    ...(backports ? [`--setup-hook=printf '${pin}' > "$1/etc/apt/preferences"`] : []),
    `--include=${packages.join(',')}`,
    suites[0] ?? suite,
    tar,
    ...apt.sources(suites),
  ];
}

/** What is written into results is what is in the image, not what a list once said. */
async function checkVersions(
  tar: string,
  suite: DebianSuite,
  wanted: Readonly<Record<string, string>>,
): Promise<void> {
  const names = Object.keys(wanted);
  if (names.length === 0) return;
  const status = await capture(['tar', '-xOf', tar, './var/lib/dpkg/status']);
  const sections = status.split('\n\n');
  for (const name of names) {
    const section = sections.find((one) => one.startsWith(`Package: ${name}\n`));
    const version = /^Version: (.*)$/m.exec(section ?? '')?.[1];
    if (version === wanted[name]) continue;
    throw new UserError({
      code: 'environment',
      message: `${suite} has ${name} ${version ?? 'no more'}, not ${wanted[name]}`,
      hint: 'start it again: the versions are looked up anew',
    });
  }
}
