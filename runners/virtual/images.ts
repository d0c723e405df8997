import { UserError } from '../../devices/problem.ts';
import {
  APPLICATIONS_SUITE,
  type ApplicationPackages,
  chooseApplications,
  isApplicationPackages,
} from './applications.ts';
import { DEBIAN_SUITES, type DebianSuite, openApt } from './apt.ts';
import { ARCHES, type Arch, type ArchFacts } from './arch.ts';
import { remembered } from './cache.ts';
import { chooseKernel, chooseMesa, DEFAULT_KERNEL, type KernelChoice } from './choose.ts';
import { stoppable } from './command.ts';
import { requirePackages } from './doctor.ts';
import { buildKernel, hasKernel } from './kernel.ts';
import { buildModules } from './kernel-modules.ts';
import type { Progress } from './progress.ts';
import { buildRootfs, hasRootfs, type RootChoice } from './rootfs.ts';

/** Which kernel and Mesa: `6.12`, `26.1`. What is left out is the default. */
export interface ImageSelection {
  readonly arch: Arch;
  readonly kernel?: string;
  readonly mesa?: string;
  /** Also the camera and media programs, newest: a root file system of its own, of sid. */
  readonly applications?: boolean;
  /** Look for newer versions; else those in the cache are kept, and no network is needed. */
  readonly refresh?: boolean;
}

/** Files that a virtual board is started from. They are never written to, so boards share them. */
export interface Images {
  readonly arch: Arch;
  readonly kernel: {
    readonly image: string;
    /** A squashfs for /lib/modules. */
    readonly modules: string;
    /** What `uname -r` says. */
    readonly release: string;
    /** Debian's version of the source. */
    readonly sourceVersion: string;
    readonly dtb?: string;
  };
  readonly rootfs: {
    readonly image: string;
    readonly suite: string;
    /** Debian's version of Mesa; null where there is none. */
    readonly mesaVersion: string | null;
    /** Debian's versions of the camera and media programs' packages; empty without them. */
    readonly applications: ApplicationPackages;
  };
}

/**
 * The images for a selection, built where the cache lacks them: about 8 minutes for a kernel and
 * one for a root file system on 2 cores.
 * @param signal stops it promptly, with the signal's reason. What is half made is made anew next time.
 * @throws UserError (environment) when packages are missing here, no suite has a version, or a
 * build fails.
 */
export async function ensureImages(
  selection: ImageSelection,
  progress: Progress = () => {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Images> {
  return stoppable(signal, () => build(selection, progress));
}

async function build(selection: ImageSelection, progress: Progress): Promise<Images> {
  const { arch, kernel: wanted = DEFAULT_KERNEL, mesa: wantedMesa } = selection;
  const { applications = false, refresh = false } = selection;
  const facts = ARCHES[arch];
  await requirePackages(arch);
  // A version that is not in the cache may have gone from Debian since it was chosen.
  const choice = await remembered({
    name: `kernel-${facts.debian}-${wanted.replaceAll(/[^0-9.]/g, '_')}`,
    ask: async () => chooseKernel(await lists(ARCHES.x86_64, progress), wanted),
    isAnswer: isKernelChoice,
    stillGood: (kept) => !refresh && hasKernel(arch, kept),
  });
  const mesaName = (wantedMesa ?? 'default').replaceAll(/[^0-9a-z.]/g, '_');
  const root = await remembered({
    name: `root-${facts.debian}-mesa-${mesaName}${applications ? '-applications' : ''}`,
    ask: () =>
      applications
        ? chooseApplicationsRoot(facts, wantedMesa, progress)
        : chooseRoot(facts, wantedMesa, progress),
    isAnswer: isRootChoice,
    stillGood: (kept) => !refresh && hasRootfs(arch, kept),
  });
  const rootfs = await buildRootfs(arch, root, progress);
  const kernel = await buildKernel(arch, choice, progress);
  const modules = await buildModules(arch, kernel, progress);
  const { image, release, sourceVersion, dtb } = kernel;
  const built = { image, modules, release, sourceVersion };
  return { arch, kernel: dtb === null ? built : { ...built, dtb }, rootfs };
}

async function chooseRoot(
  facts: ArchFacts,
  wantedMesa: string | undefined,
  progress: Progress,
): Promise<RootChoice> {
  const apt = await lists(facts, progress);
  if (facts.mesa) {
    const mesa = chooseMesa(await apt.offers('libgl1-mesa-dri'), wantedMesa);
    return { suite: mesa.suite, mesa };
  }
  const offers = await apt.offers('base-files');
  const suite = DEBIAN_SUITES.find((one) => offers.some((offer) => offer.suite === one));
  return { suite: suite ?? 'sid', mesa: null };
}

/** All of one suite: its programs are linked against its own Mesa. */
async function chooseApplicationsRoot(
  facts: ArchFacts,
  wantedMesa: string | undefined,
  progress: Progress,
): Promise<RootChoice> {
  if (!facts.mesa) {
    throw new UserError({
      code: 'environment',
      message: `${facts.debian} virtual boards have no camera and media programs`,
      hint: 'choose a board of another architecture: no package script of a foreign one can be run',
    });
  }
  const apt = await lists(facts, progress);
  const offers = await apt.offers('libgl1-mesa-dri');
  const own = offers.filter(({ suite }) => suite === APPLICATIONS_SUITE);
  const mesa = chooseMesa(own, wantedMesa);
  return { suite: APPLICATIONS_SUITE, mesa, applications: await chooseApplications(apt) };
}

async function lists(facts: ArchFacts, progress: Progress) {
  progress({ step: `package lists for ${facts.debian}` });
  return openApt(facts);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isKernelChoice(value: unknown): value is KernelChoice {
  return (
    isRecord(value) && typeof value['source'] === 'string' && typeof value['version'] === 'string'
  );
}

function isSuite(value: unknown): value is DebianSuite {
  return DEBIAN_SUITES.some((suite) => suite === value);
}

function isRootChoice(value: unknown): value is RootChoice {
  if (!isRecord(value) || !isSuite(value['suite'])) return false;
  const { mesa, applications } = value;
  if (applications !== undefined && !isApplicationPackages(applications)) return false;
  return (
    mesa === null ||
    (isRecord(mesa) && isSuite(mesa['suite']) && typeof mesa['version'] === 'string')
  );
}
