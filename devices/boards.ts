import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Access, parseAccess } from './access.ts';
import { nextName } from './closest.ts';
import type { LabEntry } from './lab.ts';
import { UserError } from './problem.ts';
import type { LoadedProfile } from './profile.ts';

/** A board that can be run: its profile, and the way in. */
export interface Board {
  readonly name: string;
  readonly profile: LoadedProfile;
  readonly access: Access;
  /** `ssh-ed25519 AAAA...`; null: known_hosts decides. */
  readonly hostKey: string | null;
  /** An absolute path; null: what ssh itself would take. */
  readonly identityFile: string | null;
  /** A program with its arguments that turns the board off and on again. */
  readonly power: readonly string[] | null;
  /** A program with its arguments that brings the board into the state that is measured. */
  readonly prepare: readonly string[] | null;
  readonly reboot: 'never' | 'on-taint';
  /** Where the agent is put on the board; null: its own default. */
  readonly workdir: string | null;
  /** What a virtual board is made of; null leaves the choice to the builder. */
  readonly virtual: {
    readonly kernel: string | null;
    readonly mesa: string | null;
    readonly applications: boolean;
    readonly accel: 'auto' | 'tcg' | 'kvm';
  };
}

/** The board of a checked lab entry. Its paths are relative to the lab file's folder. */
export function boardOf(
  name: string,
  entry: LabEntry,
  profile: LoadedProfile,
  labFolder: string,
): Board {
  const access = parseAccess(entry.access);
  if (typeof access === 'string') throw new RangeError(access);
  const { hostKey, identityFile, power, prepare, reboot, workdir, virtual } = entry;
  return {
    name,
    profile,
    access,
    hostKey: hostKey ?? null,
    identityFile: identityFile === undefined ? null : hostPath(identityFile, labFolder),
    power: power ?? null,
    prepare: prepare ?? null,
    reboot,
    workdir: workdir ?? null,
    virtual: {
      kernel: virtual?.kernel ?? null,
      mesa: virtual?.mesa ?? null,
      applications: virtual?.applications ?? false,
      accel: virtual?.accel ?? 'auto',
    },
  };
}

function hostPath(path: string, folder: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(folder, path);
}

/**
 * All boards that there are: the lab file's, and a virtual one for every profile with a machine
 * whose name the lab file does not use.
 */
export function knownBoards(lab: readonly Board[], profiles: readonly LoadedProfile[]): Board[] {
  const taken = new Set(lab.map(({ name }) => name));
  const virtual = profiles.filter(({ profile }) => profile.machine && !taken.has(profile.name));
  const entry = { access: 'virtual', reboot: 'never' } as const;
  return [
    ...lab,
    ...virtual.map((loaded) => {
      const { name } = loaded.profile;
      return boardOf(name, { ...entry, profile: name }, loaded, '.');
    }),
  ];
}

/** The board of that name. @throws UserError with the known names. */
export function boardNamed(name: string, boards: readonly Board[]): Board {
  const found = boards.find((board) => board.name === name);
  if (found) return found;
  const known = boards.map((board) => board.name);
  throw new UserError({
    code: 'unknown-name',
    message: `unknown board ${JSON.stringify(name)}; known: ${known.join(', ')}`,
    hint: `${nextName(name, known)}; other boards are added in the lab file (see lab.example.yaml)`,
  });
}
