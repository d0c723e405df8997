import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { packageRoot } from '../../bin/cli/version.ts';
import type { VirtualBoard } from '../../runners/virtual/qemu.ts';

/**
 * Writes a lab file that calls the board `desk`. Its profile is the shipped one without modesetting:
 * the C program tests a commit and makes none, so that its KMS cells would be other ones.
 * @returns its path.
 */
export function writeLab(folder: string, profileName: string, board: VirtualBoard): string {
  const shipped = join(packageRoot, 'devices', `${profileName}.yaml`);
  const profile = parse(readFileSync(shipped, 'utf8'));
  const limits = { ...profile.limits, modeset: false };
  writeFileSync(join(folder, `${profileName}.yaml`), stringify({ ...profile, limits }));
  const desk = {
    profile: `./${profileName}.yaml`,
    access: `ssh://${board.user}@${board.sshHost}:${board.sshPort}`,
    identityFile: board.identityFile,
    hostKey: board.hostKey,
  };
  const path = join(folder, 'lab.yaml');
  writeFileSync(path, stringify({ boards: { desk } }));
  return path;
}
