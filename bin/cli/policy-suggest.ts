import type { Command } from 'commander';
import { courtOf } from '../../policies/judge.ts';
import { suggest } from '../../policies/suggest.ts';
import { suggestText } from '../../reports/policy/suggest.ts';
import { EXIT } from './exit-codes.ts';
import type { Outcome } from './main.ts';
import { libraryOf, useCasesOf, type WorldFlags, worldOptions } from './policy-options.ts';
import { askedBoards, boardHistories } from './systems.ts';

interface Flags extends WorldFlags {
  readonly degrading?: true;
}

/** `bufmatrix policy suggest` */
export function addSuggestCommand(policy: Command, outcome: Outcome): void {
  const command = policy
    .command('suggest')
    .description('the shortest order of providers that holds everywhere, or why there is none')
    .option('--degrading', 'let an order do that degrades somewhere and breaks nowhere')
    .action((flags: Flags) => {
      const useCases = useCasesOf(flags, libraryOf(flags));
      const { measured } = askedBoards(boardHistories(flags), flags.boards ?? [], () => []);
      const courts = measured.map(({ now }) => courtOf(now, flags.user ?? null));
      const { select, fallbackOn = [] } = flags;
      const accept = flags.degrading ? 'degrades' : 'best';
      const suggestion = suggest(courts, useCases, { select, fallbackOn }, accept);
      const { stdout } = process;
      if (flags.json) stdout.write(`${JSON.stringify(suggestion, null, 1)}\n`);
      else stdout.write(suggestText(suggestion, { columns: stdout.columns ?? 80 }));
      const { found, shortfalls } = suggestion;
      outcome.code = found.kind === 'order' && shortfalls.length === 0 ? EXIT.ok : EXIT.unexpected;
    });
  for (const option of worldOptions()) command.addOption(option);
}
