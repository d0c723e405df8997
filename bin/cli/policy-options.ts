import { join, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { chosen, type Library, loadLibrary, loadUseCase } from '../../policies/load.ts';
import { FAILURES, type Policy, SELECTIONS } from '../../policies/policy.ts';
import { PROVIDER_FORMS, ProviderName } from '../../policies/provider.ts';
import type { UseCase } from '../../policies/use-case.ts';
import { parseUser, type User } from '../../policies/user.ts';
import { labOption } from './options.ts';
import { packageRoot } from './version.ts';

/** What all subcommands of `policy` take. */
export interface WorldFlags {
  readonly boards?: string[];
  readonly useCases?: string[];
  readonly select: Policy['select'];
  readonly fallbackOn?: Policy['fallbackOn'];
  readonly user?: User;
  readonly policies?: string[];
  readonly lab?: string;
  readonly run?: string[];
  readonly out: string;
  readonly json?: true;
}

/** Several at once, or an option several times. An empty one is a shell variable that is not set. */
function list(value: string, previous: string[] | undefined): string[] {
  const names = value.split(',');
  if (names.some((name) => name.trim() === '')) throw new InvalidArgumentError('a name is empty.');
  return [...(previous ?? []), ...names];
}

function one(value: string, previous: string[] | undefined): string[] {
  if (value === '') throw new InvalidArgumentError('it is empty.');
  return [...(previous ?? []), value];
}

export const userOption = () =>
  new Option(
    '--user <uid:groups>',
    'for whom, such as 1000:video,render (default: as whom the board was measured)',
  ).argParser(user);

export const policiesOption = () =>
  new Option(
    '--policies <dir>',
    'a folder of more policies, and of use cases in its use-cases/ (repeatable)',
  ).argParser(one);

export const worldOptions = () => [
  new Option('--board, --boards <name>', 'only this board (repeatable)').argParser(list),
  new Option(
    '--use-case, --use-cases <name>',
    "only this use case: a name, or a YAML file's path (repeatable)",
  ).argParser(list),
  new Option('--select <how>', 'how a program of your own decides')
    .choices(SELECTIONS)
    .default('first-openable'),
  new Option('--fallback-on <failure>', 'a failure after which it goes on (repeatable)')
    .choices(FAILURES)
    .argParser(failure),
  userOption(),
  policiesOption(),
  labOption(),
  new Option('--run <run>', 'only this run: its id or folder (repeatable)').argParser(one),
  new Option('--out <dir>', 'the folder that holds the runs').default('results'),
  new Option('--json', 'print JSON'),
];

export const policyOption = () =>
  new Option(
    '--policy <name>',
    "only this policy: a name, or a YAML file's path (repeatable)",
  ).argParser(list);

/** Heap names have commas in them (`linux,cma`), so an order takes one provider a time. */
export const orderOption = () =>
  new Option(
    '--order <provider>',
    'an order of your own, one provider a time (repeatable)',
  ).argParser(provider);

function provider(value: string, previous: string[] | undefined): string[] {
  if (!ProviderName.safeParse(value).success)
    throw new InvalidArgumentError(`a provider is ${PROVIDER_FORMS.join(', ')}.`);
  if (previous?.includes(value)) throw new InvalidArgumentError(`${value} is in the order twice.`);
  return [...(previous ?? []), value];
}

function failure(value: string, previous: Policy['fallbackOn'] | undefined): Policy['fallbackOn'] {
  const found = FAILURES.find((name) => name === value);
  if (!found) throw new InvalidArgumentError(`it is one of ${FAILURES.join(', ')}.`);
  return [...(previous ?? []), found];
}

function user(value: string): User {
  const parsed = parseUser(value);
  if (typeof parsed === 'string') throw new InvalidArgumentError(`${parsed}.`);
  return parsed;
}

/** The policies and use cases that come with bufmatrix, and those of the folders that are named. */
export const libraryOf = ({ policies = [] }: Pick<WorldFlags, 'policies'>): Library =>
  loadLibrary([join(packageRoot, 'policies'), ...policies.map((folder) => resolve(folder))]);

export const useCasesOf = ({ useCases = [] }: WorldFlags, library: Library): readonly UseCase[] =>
  chosen('use case', useCases, library.useCases, loadUseCase);
