import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { type Board, boardOf } from './boards.ts';
import { checkProfile } from './check-profile.ts';
import { checkStandIn } from './check-stand-in.ts';
import { nextName } from './closest.ts';
import type { Fault } from './fault.ts';
import { inFileOrder, labelled, problemsOf } from './issues.ts';
import { checkLabEntry, Lab, LabEntry } from './lab.ts';
import { errorOf, type Problem, shownPath, UserError } from './problem.ts';
import { type LoadedProfile, Profile } from './profile.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

/**
 * Reads and checks one board profile.
 * @param known profiles that it may name as its stand-in.
 * @throws UserError with everything that is wrong with it.
 */
export function loadProfile(path: string, known: readonly LoadedProfile[] = []): LoadedProfile {
  const { loaded, file } = readProfile(path);
  const problems = standInProblems(loaded, file, known);
  if (problems.length) throw errorOf('profile', problems);
  return loaded;
}

function standInProblems(
  { profile }: LoadedProfile,
  file: YamlFile,
  known: readonly LoadedProfile[],
): Problem[] {
  const profiles = known.map((one) => one.profile);
  return checkStandIn(profile, profiles).map((fault) => problemOf(fault, file));
}

/** A profile as far as its own file says. */
function readProfile(path: string): { loaded: LoadedProfile; file: YamlFile } {
  const file = readYaml(path, 'profile');
  const parsed = Profile.safeParse(file.value);
  const problems = parsed.success ? [] : problemsOf(parsed.error.issues, file, Profile);
  const readable = parsed.success ? parsed.data : readableParts(file.value, path);
  const faults = readable ? checkProfile(readable, path, parsed.success) : [];
  problems.push(...faults.map((fault) => problemOf(fault, file)));
  if (!parsed.success || problems.length) throw errorOf('profile', inFileOrder(problems));
  const profile = parsed.data;
  const hash = createHash('sha256').update(JSON.stringify(profile)).digest('hex');
  return { loaded: { file: path, profile, hash }, file };
}

/**
 * A profile of those parts of a malformed file that are well formed, so that what is wrong with
 * their content is said in the same breath. Null where there is too little of it.
 */
function readableParts(value: unknown, path: string): Profile | null {
  if (typeof value !== 'object' || value === null || !('devices' in value)) return null;
  const minimal = {
    schema: 1,
    name: basename(path).replace(/\.ya?ml$/, ''),
    title: '-',
    devices: {},
  };
  const parts: Record<string, unknown> = { ...minimal };
  for (const [key, part] of Object.entries(value)) {
    const schema = Object.entries(Profile.shape).find(([name]) => name === key)?.[1];
    if (schema?.safeParse(part).success) parts[key] = part;
    else if (key === 'devices') return null;
  }
  return Profile.safeParse(parts).data ?? null;
}

/** Reads all profiles of a folder, by name. @throws UserError with the problems of all of them. */
export function loadProfiles(folder: string): LoadedProfile[] {
  const names = listFolder(folder).filter((name) => /\.ya?ml$/.test(name));
  const read: ReturnType<typeof readProfile>[] = [];
  const problems: Problem[] = [];
  for (const name of names.sort()) {
    try {
      read.push(readProfile(join(folder, name)));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(...error.problems);
    }
  }
  const loaded = read.map((one) => one.loaded);
  // A stand-in whose own file is wrong would be missed here for that reason alone.
  if (problems.length === 0)
    problems.push(...read.flatMap((one) => standInProblems(one.loaded, one.file, loaded)));
  if (problems.length) throw errorOf('profile', problems);
  return loaded;
}

/**
 * Reads and checks a lab file, and the profiles that it names by path.
 * @param profiles those that can be named by name.
 * @throws UserError with everything that is wrong with it.
 */
export function loadLab(path: string, profiles: readonly LoadedProfile[]): Board[] {
  const file = readYaml(path, 'lab');
  const parsed = Lab.safeParse(file.value);
  const problems = parsed.success ? [] : problemsOf(parsed.error.issues, file, Lab);
  const inside: Problem[] = [];
  const boards: Board[] = [];
  for (const [name, entry] of readableEntries(file.value)) {
    const faults: Fault[] = checkLabEntry(name, entry);
    const found = findProfile(entry.profile, path, profiles);
    if (!isProfile(found)) {
      faults.push({ path: ['boards', name, 'profile'], what: found.message, hint: found.hint });
      inside.push(...found.inside);
    } else if (entry.access === 'virtual' && !found.profile.machine)
      faults.push({
        path: ['boards', name, 'access'],
        what: `the profile ${found.profile.name} has no machine, so it is no virtual board`,
        hint: 'write ssh://USER@HOST:PORT or local',
      });
    else boards.push(boardOf(name, entry, found, dirname(path)));
    problems.push(...faults.map((fault) => problemOf(fault, file)));
  }
  if (problems.length) throw errorOf('lab', [...inFileOrder(problems), ...inside]);
  return boards;
}

/** The entries that are well formed, whatever the others are. */
function readableEntries(value: unknown): [string, LabEntry][] {
  const boards = z.looseObject({ boards: z.looseObject({}) }).safeParse(value).data?.boards ?? {};
  return Object.entries(boards).flatMap(([name, given]): [string, LabEntry][] => {
    const entry = LabEntry.safeParse(given).data;
    return entry ? [[name, entry]] : [];
  });
}

interface NotFound {
  readonly message: string;
  readonly hint: string;
  /** What is wrong inside a profile that was named by path. */
  readonly inside: readonly Problem[];
}

const isProfile = (found: LoadedProfile | NotFound): found is LoadedProfile => 'profile' in found;

function findProfile(
  name: string,
  lab: string,
  profiles: readonly LoadedProfile[],
): LoadedProfile | NotFound {
  if (/\.ya?ml$/.test(name)) {
    try {
      return loadProfile(resolve(dirname(lab), name), profiles);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const hint = 'correct that file, or name another profile';
      return { message: `the profile ${name} cannot be used`, hint, inside: error.problems };
    }
  }
  const found = profiles.find(({ profile }) => profile.name === name);
  if (found) return found;
  const known = profiles.map(({ profile }) => profile.name);
  const message = `unknown profile ${name}; known: ${known.join(', ')}`;
  return { message, hint: nextName(name, known), inside: [] };
}

function problemOf({ path, what, hint }: Fault, file: YamlFile): Problem {
  return { message: labelled(path, what), hint, at: file.locate(path) };
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new UserError({
      code: 'file',
      message: `${shownPath(folder)}: the folder ${basename(folder)} of board profiles cannot be read`,
      hint: 'name a folder that holds profiles',
      cause,
    });
  }
}

export type { LoadedProfile };
