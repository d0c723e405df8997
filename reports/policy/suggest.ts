import type { Finding, Suggestion } from '../../policies/suggest.ts';
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
  const {
    habit,
    accept,
    boards,
    useCases,
    found,
    decisions,
    conflict,
    unknown,
    shortfalls,
    lossy,
    left,
  } = suggestion;
  const falls = habit.fallbackOn.length ? habit.fallbackOn.join(', ') : 'nothing';
  say(
    `${counted(boards, 'board')}, ${counted(useCases, 'use case')}; a program that takes the ${habit.select} provider and falls back on ${falls}; ${accept === 'best' ? 'the best that can be had counts' : 'what degrades counts as well'}`,
  );
  lines.push('');
  switch (found.kind) {
    case 'order':
      say(`This order holds for all: ${arrow(found.order)}`);
      break;
    case 'exceptions':
      say('No single order holds for all.');
      say(`This order holds for all but ${found.exceptions.length}: ${arrow(found.order)}`);
      for (const { board, order } of found.exceptions)
        say(`exception ${board}: ${arrow(order)}`, 2);
      break;
    case 'none':
      say(
        `No order holds, not even with exceptions: ${found.impossible.map(({ board }) => board).join(', ')} ${found.impossible.length === 1 ? 'has' : 'have'} none that holds for all use cases.`,
      );
  }
  if (conflict.length) {
    lines.push('');
    say(`Why: the smallest contradiction (${conflict.length})`);
    for (const { board, useCase, good, bad, findings } of conflict) {
      say(`${board}, ${useCase}`, 2);
      say(`good: ${good.length ? good.join(', ') : 'none'}`, 4);
      for (const name of bad) say(`bad: ${name}: ${reasonOf(findings[name])}`, 4);
    }
  }
  if (decisions.length) {
    lines.push('');
    for (const [provider, decided] of Map.groupBy(decisions, (one) => one.provider)) {
      say(`${provider} decides ${decided.length}:`);
      for (const { board, useCase, proof } of decided.slice(0, LIST))
        say(`${board}, ${useCase}: ${folded(proof)}`, 2);
      if (decided.length > LIST) say(`and ${decided.length - LIST} more`, 2);
    }
  }
  for (const { board, useCase, why } of shortfalls)
    say(`but ${board}, ${useCase}, as a whole: ${why}`);
  const units = (list: readonly { board: string; useCase: string }[]) =>
    list.map(({ board, useCase }) => `${board} ${useCase}`).join(', ');
  if (lossy.length) {
    lines.push('');
    say(`Whatever the order, these degrade, since no provider does better: ${units(lossy)}`);
  }
  if (left.length) {
    lines.push('');
    say(`Too little was measured to speak for: ${units(left)}`);
    const missing = left.flatMap((one) => one.missing);
    for (const cell of missing.slice(0, LIST)) say(`missing: ${cell}`, 2);
    if (missing.length > LIST) say(`and ${missing.length - LIST} more`, 2);
  }
  if (unknown.length) {
    lines.push('');
    say(`${unknown.length} answers were not measured and counted against the provider:`);
    for (const { board, useCase, provider, missing } of unknown.slice(0, LIST))
      say(`${board}, ${useCase}, ${provider}: ${folded(missing)}`, 2);
    if (unknown.length > LIST) say(`and ${unknown.length - LIST} more`, 2);
  }
  return `${lines.join('\n')}\n`;
}

const counted = (names: readonly string[], what: string) =>
  `${names.length} ${what}${names.length === 1 ? '' : 's'} (${names.join(', ')})`;

const arrow = (order: readonly string[]) => (order.length ? order.join(' -> ') : 'nothing');

const reasonOf = (finding: Finding | undefined) =>
  finding
    ? `${finding.verdict}, ${finding.why}${finding.proof.length ? ` (${folded(finding.proof.slice(-1))})` : ''}`
    : 'unknown';

const folded = ([first = '-', ...rest]: readonly string[]): string =>
  rest.length ? `${first} +${rest.length}` : first;
