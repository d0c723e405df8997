import type { Finding, Suggestion, UnitName } from '../../policies/suggest.ts';
import { oneLine } from '../sanitize.ts';
import type { TerminalOptions } from '../terminal.ts';
import { wrap } from '../text-grid.ts';

/** Lines of a list before it is cut with a count of the rest. */
const LIST = 8;

/** What order would hold, in words, with the cells that show it. */
export function suggestText(suggestion: Suggestion, options: TerminalOptions = {}): string {
  const { columns = 80 } = options;
  const lines: string[] = [];
  const say = (text: string, indent = 0) =>
    lines.push(...wrap(oneLine(text), columns, ' '.repeat(indent + 4), ' '.repeat(indent)));
  const many = (texts: readonly string[]) => {
    for (const text of texts.slice(0, LIST)) say(text, 2);
    if (texts.length > LIST) say(`and ${texts.length - LIST} more`, 2);
  };
  say(question(suggestion));
  lines.push('');
  for (const text of answer(suggestion)) say(text);
  const { conflict, decisions, shortfalls, lossy, unknown } = suggestion;
  if (conflict.length) {
    lines.push('');
    say(`Why: the smallest contradiction (${conflict.length})`);
    for (const { board, useCase, good, bad, findings } of conflict) {
      say(`${board}, ${useCase}`, 2);
      say(`good: ${good.length ? good.join(', ') : 'none'}`, 4);
      for (const name of bad) say(`bad: ${name}: ${reasonOf(findings[name])}`, 4);
    }
  }
  if (decisions.length) lines.push('');
  for (const [provider, decided] of Map.groupBy(decisions, (one) => one.provider)) {
    say(`${provider} decides ${decided.length}:`);
    many(decided.map((one) => `${unitName(one)}: ${folded(one.proof)}`));
  }
  for (const one of shortfalls) say(`but ${unitName(one)}, as a whole: ${one.why}`);
  if (lossy.length) {
    lines.push('');
    say(
      `Whatever the order, these degrade, since no provider does better: ${lossy.map(unitName).join('; ')}`,
    );
  }
  if (unknown.length) {
    lines.push('');
    say(`Not measured, and so in no order's favour (${unknown.length}):`);
    many(
      unknown.map((one) => {
        const [errand] = one.missing;
        const next = errand ? (errand.command ?? errand.note) : 'no cell tells';
        return `${unitName(one)}, ${one.provider}: ${next}`;
      }),
    );
  }
  return `${lines.join('\n')}\n`;
}

function question({ boards, useCases, habit, accept }: Suggestion): string {
  const falls = habit.fallbackOn.length ? habit.fallbackOn.join(', ') : 'nothing';
  const counts = accept === 'best' ? 'the best that can be had' : 'what degrades as well';
  return `${counted(boards, 'board')}, ${counted(useCases, 'use case')}; a program that takes the ${habit.select} provider and falls back on ${falls}; good is ${counts}`;
}

function answer({ found, unknown }: Suggestion): string[] {
  switch (found.kind) {
    case 'nothing':
      return ['There is nothing to judge: no board has the devices that a use case needs.'];
    case 'order':
      return [
        unknown.length
          ? `This order holds for all, whatever was not measured: ${arrow(found.order)}`
          : `This order holds for all: ${arrow(found.order)}`,
      ];
    case 'undecided':
      return [
        'Not decided: it hangs on cells that nobody measured.',
        ...(found.order ? [`If they turn out well, this order holds: ${arrow(found.order)}`] : []),
      ];
    case 'exceptions':
      return [
        'No single order holds for all.',
        `This order holds for all but ${found.exceptions.length}: ${arrow(found.order)}`,
        ...found.exceptions.map(({ board, order }) => `exception ${board}: ${arrow(order)}`),
      ];
    case 'none': {
      const boards = found.impossible.map(({ board }) => board);
      return [
        `No order holds, not even with exceptions: ${boards.join(', ')} ${boards.length === 1 ? 'has' : 'have'} none that holds for all use cases.`,
      ];
    }
  }
}

const unitName = ({ board, useCase }: UnitName) => `${board}, ${useCase}`;

const counted = (names: readonly string[], what: string) =>
  `${names.length} ${what}${names.length === 1 ? '' : 's'} (${names.join(', ')})`;

const arrow = (order: readonly string[]) => (order.length ? order.join(' -> ') : 'nothing');

function reasonOf(finding: Finding | undefined): string {
  if (!finding) return 'unknown';
  const { verdict, why, proof } = finding;
  return `${verdict}, ${why}${proof.length ? ` (${folded(proof.slice(-1))})` : ''}`;
}

const folded = ([first = '-', ...rest]: readonly string[]): string =>
  rest.length ? `${first} +${rest.length}` : first;
