import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { nextName } from '../devices/closest.ts';
import { inFileOrder, labelled, problemsOf } from '../devices/issues.ts';
import { errorOf, type Problem, shownPath, UserError } from '../devices/problem.ts';
import { readYaml, type YamlFile } from '../devices/yaml-file.ts';
import { Policy } from './policy.ts';
import { UseCase } from './use-case.ts';

/** A file's content, and where its name stands. */
export interface Loaded<T> {
  readonly value: T;
  readonly file: YamlFile;
}

/** Everything that can be named on a command line. */
export interface Library {
  readonly policies: readonly Policy[];
  readonly useCases: readonly UseCase[];
}

/** The folder of use cases beside policies. */
const USE_CASES = 'use-cases';

/** Reads one policy. @throws UserError with everything that is wrong with it. */
export const loadPolicy = (path: string): Loaded<Policy> => {
  const loaded = load(path, Policy);
  const problems = twice(loaded.file, loaded.value.providers);
  if (problems.length) throw errorOf('policy', problems);
  return loaded;
};

/** Reads one use case. @throws UserError with everything that is wrong with it. */
export const loadUseCase = (path: string): Loaded<UseCase> => load(path, UseCase);

function load<T extends { readonly name: string }>(path: string, schema: z.ZodType<T>): Loaded<T> {
  const file = readYaml(path, 'policy');
  const parsed = schema.safeParse(file.value);
  if (!parsed.success) throw errorOf('policy', problemsOf(parsed.error.issues, file, schema));
  return { value: parsed.data, file };
}

/** A provider that stands in an order twice is never reached the second time. */
function twice(file: YamlFile, providers: Policy['providers']): Problem[] {
  const names = providers.map((item) => (typeof item === 'string' ? item : item.from));
  return names.flatMap((name, index) => {
    if (names.indexOf(name) === index) return [];
    const path = ['providers', index];
    const message = labelled(path, `${name} is in the order twice`);
    return [{ message, hint: 'remove one of the two', at: file.locate(path) }];
  });
}

/**
 * Reads the policies of several folders, and the use cases of their folders `use-cases`.
 * @throws UserError with the problems of all files, two of one name among them.
 */
export function loadLibrary(folders: readonly string[]): Library {
  const problems: Problem[] = [];
  const policies = all(folders, loadPolicy, problems);
  const cases = folders.map((folder) => join(folder, USE_CASES));
  const useCases = all(cases, loadUseCase, problems, true);
  if (problems.length) throw errorOf('policy', problems);
  return { policies, useCases };
}

function all<T extends { readonly name: string }>(
  folders: readonly string[],
  one: (path: string) => Loaded<T>,
  problems: Problem[],
  optional = false,
): T[] {
  const loaded: Loaded<T>[] = [];
  for (const path of folders.flatMap((folder) => filesOf(folder, optional)))
    try {
      loaded.push(one(path));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(...error.problems);
    }
  problems.push(...sameNames(loaded));
  return loaded.map(({ value }) => value);
}

function sameNames(loaded: readonly Loaded<{ readonly name: string }>[]): Problem[] {
  const first = new Map<string, YamlFile>();
  const problems = loaded.flatMap(({ value: { name }, file }) => {
    const other = first.get(name);
    if (!other) {
      first.set(name, file);
      return [];
    }
    const { file: where, line, column } = other.locate(['name']);
    const message = `name: ${name} is also the name in ${shownPath(where)}:${line}:${column}`;
    return [{ message, hint: 'rename one of the two', at: file.locate(['name']) }];
  });
  return inFileOrder(problems);
}

function filesOf(folder: string, optional: boolean): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch (cause) {
    const absent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (absent && optional) return [];
    throw new UserError({
      code: 'file',
      message: `${shownPath(folder)}: the folder of policies cannot be read`,
      hint: 'name a folder that holds policies',
      cause,
    });
  }
}

/**
 * Those that are named, by name or by a file's path; all where none is.
 * @param what `policy` or `use case`, for messages.
 */
export function chosen<T extends { readonly name: string }>(
  what: string,
  names: readonly string[],
  known: readonly T[],
  read: (path: string) => Loaded<T>,
): readonly T[] {
  if (names.length === 0) return known;
  const files = new Set<string>();
  const readNew = (path: string): T => {
    const { value, file } = read(path);
    const other = known.some(({ name }) => name === value.name) || files.has(value.name);
    if (!other) {
      files.add(value.name);
      return value;
    }
    throw new UserError({
      code: 'policy',
      message: `name: another ${what} is named ${value.name}`,
      hint: 'rename this one',
      at: file.locate(['name']),
    });
  };
  return [...new Set(names)].map((name) =>
    isPath(name) ? readNew(name) : named(what, name, known),
  );
}

const isPath = (name: string): boolean => /\.ya?ml$/.test(name);

function named<T extends { readonly name: string }>(
  what: string,
  name: string,
  known: readonly T[],
): T {
  const found = known.find((one) => one.name === name);
  if (found) return found;
  const names = known.map((one) => one.name);
  throw new UserError({
    code: 'unknown-name',
    message: `unknown ${what} ${name}; known: ${names.join(', ')}`,
    hint: nextName(name, names),
  });
}
