import picocolors from 'picocolors';
import type { Axis } from '../gate/model.ts';
import { resultWords } from '../gate/words.ts';
import { oneLine } from '../sanitize.ts';
import type { TerminalOptions } from '../terminal.ts';
import { wrap } from '../text-grid.ts';
import type { Change, History, HistoryReport, Stretch } from './model.ts';

/** Kernels of one stretch before they are cut with a count of the rest. */
const KERNELS = 4;

/** Axes whose values are lists of words, of which only those that differ are shown. */
const LISTS: ReadonlySet<Axis> = new Set<Axis>(['cmdline', 'heaps', 'user']);

/** A history as text that fits the terminal: newest first, cells with the same history as one. */
export function historyText(report: HistoryReport, options: TerminalOptions = {}): string {
  const { columns = 80, colour = false } = options;
  const { bold } = picocolors.createColors(colour);
  const width = Math.max(40, columns);
  const lines: string[] = [];
  const write = (text: string, indent: string, paint = (line: string) => line) => {
    for (const line of wrap(oneLine(text), width, `${indent}  `, indent)) lines.push(paint(line));
  };
  for (const history of report.histories) {
    if (lines.length) lines.push('');
    write(titleOf(history), '', bold);
    for (const line of linesOf(history)) write(line.text, line.indent);
  }
  return `${lines.join('\n')}\n`;
}

function titleOf({ board, cells: [first = '', ...rest] }: History): string {
  return `${first} on ${board}${rest.length ? ` +${rest.length} more` : ''}`;
}

interface Line {
  readonly indent: string;
  readonly text: string;
}

function linesOf({ stretches, untriedSince }: History): Line[] {
  const untried = untriedSince && [
    {
      indent: '  ',
      text: `not tried in the last ${untriedSince.runs === 1 ? 'run' : runs(untriedSince.runs)}: ${untriedSince.why}`,
    },
  ];
  return [
    ...(untried ?? []),
    ...stretches.flatMap((stretch, index) => stretchLines(stretch, index === 0)),
  ];
}

function stretchLines(stretch: Stretch, newest: boolean): Line[] {
  const { from, to, kernels, changes } = stretch;
  const when = newest ? `since ${day(from.at)}` : span(day(from.at), day(to.at));
  const gaps = stretch.untried ? `, ${stretch.untried} between did not try it` : '';
  const which = span(from.run, to.run);
  const shown = kernels.slice(0, KERNELS);
  const more = kernels.length - shown.length;
  const inside = (text: string) => ({ indent: '      ', text });
  return [
    { indent: '  ', text: `${when}: ${seenWords(stretch)} (${runs(stretch.runs)}${gaps})` },
    inside(which),
    ...shown.map((kernel) => inside(`kernel ${kernel}`)),
    ...(more > 0 ? [inside(`and ${more} more kernels`)] : []),
    ...(changes ? [inside(cameWith(changes)), ...changes.flatMap(changeLines)] : []),
  ];
}

const runs = (count: number) => `${count} ${count === 1 ? 'run' : 'runs'}`;

/** `2026-11-25 10:00`: UTC, as the ids of runs are. */
const day = (at: string) => at.slice(0, 16).replace('T', ' ');

const span = (from: string, to: string) => (from === to ? from : `${from} to ${to}`);

function seenWords({ results }: Stretch): string {
  const all = results.reduce((sum, { attempts }) => sum + attempts, 0);
  return results
    .map((one) => `${resultWords(one)}${results.length > 1 ? ` ${one.attempts}/${all}` : ''}`)
    .join(', ');
}

// A change beside it is a suspect and no proof: nothing was held still but what is listed here.
const cameWith = (changes: readonly Change[]) =>
  changes.length
    ? 'came with a change of:'
    : 'came with no change of anything that runs record (chance, or the state of the board)';

function changeLines({ axis, before, after }: Change): Line[] {
  const line = (text: string) => ({ indent: '        ', text });
  if (LISTS.has(axis)) {
    const words = wordChange(before, after);
    if (words) return [line(`${axis}: ${words}`)];
  }
  return [line(`${axis}: ${short(before)} -> ${short(after)}`)];
}

/** Null where the words are the same in another order. */
function wordChange(before: string, after: string): string | null {
  const [old, now] = [before.split(/\s+/), after.split(/\s+/)];
  const lost = old.filter((word) => !now.includes(word)).map((word) => `-${word}`);
  const added = now.filter((word) => !old.includes(word)).map((word) => `+${word}`);
  return lost.length + added.length ? [...lost, ...added].join(' ') : null;
}

/** A hash of 64 letters says no more to a reader than its beginning. */
const short = (text: string) => text.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1');
