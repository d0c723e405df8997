import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of what goes into guests: init, kernel fragments, our module, a device tree. */
export const GUEST_FOLDER = fileURLToPath(new URL('./guest/', import.meta.url));

/** Files for the guest's folder /bufmatrix. */
export const GUEST_PROGRAMS = ['init', 'init-board', 'reboot'] as const;
export const GUEST_SETTINGS = ['fstab', 'sshd_config'] as const;

/** Our kernel module's files, beside its licence. */
export const CONTIG_KMS = ['contig-kms/contig_kms.c', 'contig-kms/Kbuild'] as const;

/** The text of one of them. */
export async function guestFile(name: string): Promise<string> {
  return readFile(join(GUEST_FOLDER, name), 'utf8');
}
