import { UserError } from '../../devices/problem.ts';
import { ARCHES, type Arch } from './arch.ts';
import { capture } from './command.ts';

/** What building and starting takes on any architecture, as Debian's packages. */
const COMMON = [
  'bc',
  'bison',
  'cpp',
  'debian-archive-keyring',
  'e2fsprogs',
  'flex',
  'gcc',
  'kmod',
  'libc6-dev',
  'libelf-dev',
  'libssl-dev',
  'make',
  'mmdebstrap',
  'openssh-client',
  'squashfs-tools',
  'util-linux',
  'xz-utils',
];

const FOR_ARCH: { readonly [arch in Arch]: readonly string[] } = {
  x86_64: ['qemu-system-x86'],
  arm: ['gcc-arm-linux-gnueabihf', 'qemu-system-arm'],
};

/** Debian packages that virtual boards need here and that are not installed. */
export interface MissingPackages {
  readonly names: readonly string[];
  /** The command that installs them; empty when none is missing. */
  readonly install: string;
}

/**
 * What has to be installed on this machine for virtual boards of an architecture.
 * @throws UserError (environment) where there is no dpkg: virtual boards are built on Debian.
 */
export async function missingPackages(arch: Arch): Promise<MissingPackages> {
  const wanted = [...COMMON, ...FOR_ARCH[arch]].sort();
  const format = `${field('Package')} ${field('db:Status-Status')}\\n`;
  const listed = await capture(['dpkg-query', '--show', '--showformat', format]);
  const installed = new Set(
    listed.split('\n').flatMap((line) => (line.endsWith(' installed') ? [line.split(' ')[0]] : [])),
  );
  const names = wanted.filter((name) => !installed.has(name));
  const install = names.length === 0 ? '' : `sudo apt-get install ${names.join(' ')}`;
  return { names, install };
}

/** How dpkg-query writes a field's value. */
function field(name: string): string {
  return `$\{${name}}`;
}

/** @throws UserError (environment) with the command to run, when a package is missing. */
export async function requirePackages(arch: Arch): Promise<void> {
  const { names, install } = await missingPackages(arch);
  if (names.length === 0) return;
  throw new UserError({
    code: 'environment',
    message: `${ARCHES[arch].debian} virtual boards need ${names.join(', ')} on this machine`,
    hint: install,
  });
}
