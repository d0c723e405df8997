import type { Command } from 'commander';
import { UserError } from '../../devices/problem.ts';
import { checkPolicies } from '../../policies/check.ts';
import { claimedVerdicts } from '../../policies/claimed.ts';
import { chosen, type Library, loadPolicy } from '../../policies/load.ts';
import { Policy } from '../../policies/policy.ts';
import type { Verdict } from '../../policies/verdict.ts';
import { checkText } from '../../reports/policy/check.ts';
import { explainText } from '../../reports/policy/explain.ts';
import { EXIT } from './exit-codes.ts';
import type { Outcome } from './main.ts';
import { colourOf } from './output.ts';
import {
  libraryOf,
  orderOption,
  policyOption,
  useCasesOf,
  type WorldFlags,
  worldOptions,
} from './policy-options.ts';
import { addSuggestCommand } from './policy-suggest.ts';
import { askedBoards, boardHistories } from './systems.ts';
import { unmeasuredBoards } from './unmeasured.ts';

interface Flags extends WorldFlags {
  readonly policy?: string[];
  readonly order?: string[];
}

/** `bufmatrix policy check | explain | suggest` */
export function addPolicyCommand(program: Command, outcome: Outcome): void {
  const policy = program
    .command('policy')
    .description('what an allocation policy comes to on the boards that were measured');
  const check = policy
    .command('check')
    .description('whether policies hold, for each board and use case, with the cells that prove it')
    .action((flags: Flags, command: Command) => {
      refuseIdle(flags, command);
      const verdicts = verdictsOf(flags);
      write(flags, verdicts, checkText);
      outcome.code = verdicts.some(({ verdict }) => verdict === 'breaks')
        ? EXIT.unexpected
        : EXIT.ok;
    });
  const explain = policy
    .command('explain')
    .description('how a policy comes to its provider on a board, step by step')
    .action((flags: Flags, command: Command) => {
      refuseIdle(flags, command);
      if (!flags.policy && !flags.order)
        throw new UserError({
          code: 'usage',
          message: 'no policy is named',
          hint: 'give --policy NAME, or an order of your own with --order',
        });
      write(flags, verdictsOf(flags), explainText);
    });
  for (const command of [check, explain])
    for (const option of [policyOption(), orderOption(), ...worldOptions()])
      command.addOption(option);
  addSuggestCommand(policy, outcome);
}

/** A policy has its own way to decide; only an order of the command line is given one there. */
function refuseIdle({ order }: Flags, command: Command): void {
  const idle = ['select', 'fallbackOn'].filter(
    (name) => command.getOptionValueSource(name) === 'cli',
  );
  if (order || idle.length === 0) return;
  throw new UserError({
    code: 'usage',
    message:
      '--select and --fallback-on belong to an order of your own; a policy says itself how it decides',
    hint: 'give the order with --order, or leave them out',
  });
}

function verdictsOf(flags: Flags): Verdict[] {
  const library = libraryOf(flags);
  const policies = policiesOf(flags, library);
  const useCases = useCasesOf(flags, library);
  const names = flags.boards ?? [];
  const histories = boardHistories(flags, names.length === 0);
  const { measured, unmeasured } = askedBoards(histories, names, () => unmeasuredBoards(flags.lab));
  const user = flags.user ?? null;
  const verdicts = checkPolicies(measured, policies, useCases, user);
  return [...verdicts, ...claimedVerdicts(unmeasured, histories, policies, useCases, user)];
}

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
