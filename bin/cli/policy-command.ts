import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../../devices/problem.ts';
import { checkPolicies } from '../../policies/check.ts';
import { chosen, type Library, loadLibrary, loadPolicy, loadUseCase } from '../../policies/load.ts';
import { FAILURES, Policy, SELECTIONS } from '../../policies/policy.ts';
import { PROVIDER_FORMS, ProviderName } from '../../policies/provider.ts';
import { type Judged, parseUser } from '../../policies/user.ts';
import type { Verdict } from '../../policies/verdict.ts';
import { checkText } from '../../reports/policy/check.ts';
import { explainText } from '../../reports/policy/explain.ts';
import { EXIT } from './exit-codes.ts';
import type { Outcome } from './main.ts';
import { colourOf } from './output.ts';
import { boardHistories, chosenBoards } from './systems.ts';
import { packageRoot } from './version.ts';

interface Flags {
  readonly board?: string[];
  readonly policy?: string[];
  readonly useCase?: string[];
  readonly order?: string[];
  readonly select: Policy['select'];
  readonly fallbackOn?: Policy['fallbackOn'];
  readonly user?: Judged;
  readonly policies?: string[];
  readonly run?: string[];
  readonly out: string;
  readonly json?: true;
}

/** `bufmatrix policy check | explain | suggest` */
export function addPolicyCommand(program: Command, outcome: Outcome): void {
  const policy = program
    .command('policy')
    .description('what an allocation policy comes to on the boards that were measured');
  const check = policy
    .command('check')
    .description('whether policies hold, for each board and use case, with the cells that prove it')
    .action((flags: Flags) => {
      const verdicts = verdictsOf(flags);
      write(flags, verdicts, checkText);
      outcome.code = verdicts.some(({ verdict }) => verdict === 'breaks')
        ? EXIT.unexpected
        : EXIT.ok;
    });
  const explain = policy
    .command('explain')
    .description('how a policy comes to its provider on a board, step by step')
    .action((flags: Flags) => {
      if (!flags.policy && !flags.order)
        throw new UserError({
          code: 'usage',
          message: 'no policy is named',
          hint: 'give --policy NAME, or an order of your own with --order',
        });
      write(flags, verdictsOf(flags), explainText);
    });
  for (const command of [check, explain]) for (const option of options()) command.addOption(option);
}

const list = (value: string, previous: string[] | undefined) => [
  ...(previous ?? []),
  ...value.split(/,(?=\S)/).filter(Boolean),
];
/** Heap names have commas in them (`linux,cma`), so an order takes one provider a time. */
const one = (value: string, previous: string[] | undefined) => [...(previous ?? []), value];

const options = () => [
  new Option('--board <name>', 'only this board (repeatable)').argParser(list),
  new Option(
    '--policy <name>',
    "only this policy: a name, or a YAML file's path (repeatable)",
  ).argParser(list),
  new Option(
    '--use-case <name>',
    "only this use case: a name, or a file's path (repeatable)",
  ).argParser(list),
  new Option(
    '--order <provider>',
    'an order of your own, one provider a time (repeatable)',
  ).argParser(provider),
  new Option('--select <how>', 'how a program with --order decides')
    .choices(SELECTIONS)
    .default('first-openable'),
  new Option('--fallback-on <failure>', 'a failure after which it goes on (repeatable)')
    .choices(FAILURES)
    .argParser(failure),
  new Option(
    '--user <uid:groups>',
    'for whom, such as 1000:video,render (default: as whom the board was measured)',
  ).argParser(user),
  new Option('--policies <dir>', 'a folder of more policies and use-cases/ (repeatable)').argParser(
    one,
  ),
  new Option('--run <run>', 'only this run: its id or folder (repeatable)').argParser(one),
  new Option('--out <dir>', 'the folder that holds the runs').default('results'),
  new Option('--json', 'print JSON'),
];

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

function user(value: string): Judged {
  const parsed = parseUser(value);
  if (typeof parsed === 'string') throw new InvalidArgumentError(`${parsed}.`);
  return parsed;
}

function verdictsOf(flags: Flags): Verdict[] {
  const library = libraryOf(flags);
  const policies = policiesOf(flags, library);
  const useCases = chosen('use case', flags.useCase ?? [], library.useCases, loadUseCase);
  const boards = chosenBoards(boardHistories(flags), flags.board ?? []);
  return checkPolicies(boards, policies, useCases, flags.user ?? null);
}

const libraryOf = (flags: Flags): Library =>
  loadLibrary([
    join(packageRoot, 'policies'),
    ...(flags.policies ?? []).map((dir) => resolve(dir)),
  ]);

/** Those that are named, and the command line's own order; all that come with bufmatrix where neither is. */
function policiesOf(
  { policy = [], order, select, fallbackOn = [] }: Flags,
  { policies }: Library,
): readonly Policy[] {
  const named = order && policy.length === 0 ? [] : chosen('policy', policy, policies, loadPolicy);
  if (!order) return named;
  const own = Policy.parse({
    schema: 1,
    name: 'order',
    title: 'the order of the command line',
    program: 'the program',
    version: '-',
    source: 'the command line',
    select,
    fallbackOn,
    providers: order,
  });
  return [...named, own];
}

function write(flags: Flags, verdicts: readonly Verdict[], text: typeof checkText): void {
  const { stdout } = process;
  if (flags.json) stdout.write(`${JSON.stringify(verdicts, null, 1)}\n`);
  else stdout.write(text(verdicts, { columns: stdout.columns ?? 80, colour: colourOf(stdout) }));
}
