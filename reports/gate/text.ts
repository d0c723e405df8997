import { shortContent } from '../environment.ts';
import type { Colour } from '../glyphs.ts';
import type { TerminalOptions } from '../terminal.ts';
import { TextPage } from '../text-page.ts';
import type { Difference, GateReport, Kind, Side, Tally, Transition } from './model.ts';
import { KINDS } from './model.ts';
import { verdictOf } from './verdict.ts';
import { pWords, resultWords } from './words.ts';

/** How a kind looks. Never two letters alike, so that nothing is told by colour alone. */
interface KindLook {
  readonly letter: string;
  readonly title: string;
  readonly colour: Colour;
}

const LOOKS: Readonly<Record<Kind, KindLook>> = {
  'new-failure': { letter: 'N', title: 'New failures', colour: 'red' },
  unconfirmed: { letter: 'U', title: 'Changed, unconfirmed', colour: 'red' },
  missing: { letter: 'M', title: 'Missing cells', colour: 'magenta' },
  'missing-attempts': { letter: 'm', title: 'Missing attempts', colour: 'magenta' },
  changed: { letter: 'C', title: 'Other stage or error', colour: 'yellow' },
  lucky: { letter: 'L', title: 'Became lucky', colour: 'cyan' },
  flaky: { letter: 'F', title: 'Became flaky', colour: 'yellow' },
  'steady-failing': { letter: 's', title: 'Flaky before, now always failing', colour: 'yellow' },
  fixed: { letter: 'X', title: 'Fixed', colour: 'green' },
  'fixed-unconfirmed': { letter: 'x', title: 'Fixed, unconfirmed', colour: 'green' },
  steady: { letter: 'S', title: 'No longer flaky', colour: 'green' },
  'flaky-failing': { letter: 'f', title: 'Failed before, now flaky', colour: 'cyan' },
  earned: { letter: 'E', title: 'No longer lucky', colour: 'green' },
  'new-cell': { letter: '+', title: 'New cells', colour: 'gray' },
};

/** What a kind is called, as a heading. */
export const kindTitle = (kind: Kind): string => LOOKS[kind].title;

/** Lines of one kind before they are cut with a count of the rest. */
const LIST = 24;

/** A comparison as text that fits the terminal: what is missing first, what is known last. */
export function gateText(report: GateReport, options: TerminalOptions = {}): string {
  const page = new GatePage(options);
  page.heading(report);
  page.missing(report);
  page.environment(report.differences);
  if (report.comparable) {
    const fresh = report.transitions.filter(({ known }) => !known);
    for (const kind of KINDS) page.kind(kind, fresh);
    const known = report.transitions.filter((one) => one.known);
    if (known.length) {
      page.title('Known: the profile expects these, before as well as after');
      for (const kind of KINDS) page.kind(kind, known);
    }
    page.confirmation(report);
    page.counts(report);
  }
  page.verdict(report);
  return `${page.lines.join('\n')}\n`;
}

class GatePage extends TextPage {
  title(text: string): void {
    this.lines.push('');
    this.write(text, '', '', this.colours.bold);
  }

  heading({ baseline, candidate, content, varies }: GateReport): void {
    this.write(`baseline ${baseline}, candidate ${candidate}`, '  ', '', this.colours.bold);
    const known = [content.baseline, content.candidate].map((one) =>
      one === null ? 'unknown' : shortContent(one),
    );
    this.write(`content of their files: ${known.join(', ')}`, '  ');
    this.write(`under test: ${varies.join(', ') || 'nothing that --varies names'}`, '  ');
  }

  missing({ missingBoards, newBoards }: GateReport): void {
    if (missingBoards.length)
      this.title(`Boards missing or not complete (${missingBoards.length})`);
    for (const { board, why, cells } of missingBoards)
      this.write(`${board}: ${why}; ${cells} cells in the baseline`, '    ', '!');
    if (newBoards.length) {
      this.title(`New boards, compared with nothing (${newBoards.length})`);
      this.write(newBoards.join(', '), '  ', '  ');
    }
  }

  environment(differences: readonly Difference[]): void {
    const part = (title: string, mark: string, all: readonly Difference[]) => {
      if (all.length === 0) return;
      this.title(`${title} (${all.length})`);
      for (const { board, axis, baseline, candidate } of all) {
        this.write(`${board}: ${axis ?? 'no description of the environment'}`, '    ', mark);
        this.write(`baseline  ${baseline ?? 'unknown'}`, '      ', '    ');
        this.write(`candidate ${candidate ?? 'unknown'}`, '      ', '    ');
      }
    };
    const of = (role: Difference['role']) => differences.filter((one) => one.role === role);
    part('Differs, but is not under test', '!', of('unwanted'));
    part('Under test', '  ', of('under-test'));
    part('May come with what is under test', '  ', of('follows'));
  }

  kind(kind: Kind, all: readonly Transition[]): void {
    const own = all.filter((one) => one.kind === kind);
    if (own.length === 0) return;
    const { letter, title, colour } = LOOKS[kind];
    const stops = own.some((one) => one.stops);
    const cells = countCells(own);
    this.title(`${title} (${cells} ${cells === 1 ? 'cell' : 'cells'})${stops ? ' STOP' : ''}`);
    for (const one of own.slice(0, LIST)) this.transition(one, letter, this.colours[colour]);
    if (own.length > LIST) this.lines.push(`  and ${own.length - LIST} more lines`);
  }

  transition(one: Transition, letter: string, paint: (text: string) => string): void {
    const { board, cells, from, to, p, adjusted, again, rate, reason } = one;
    const [first = '', ...rest] = cells;
    const more = rest.length ? ` +${rest.length} more` : '';
    this.write(`${first} on ${board}${more}`, '    ', letter, paint);
    const of = again === null ? 'of all cells' : `of ${again} attempts again, of all such cells`;
    const tested = p === null ? '' : `; p ${pWords(p)}, ${of} ${pWords(adjusted ?? 1)}`;
    this.write(`${sideWords(from)} -> ${sideWords(to)}${tested}`, '      ', '    ');
    if (rate !== null) this.write(rate, '      ', '    ');
    if (reason !== null) this.write(`as its profile says: ${reason}`, '      ', '    ');
  }

  confirmation({ confirmation, alpha }: GateReport): void {
    if (!confirmation) return;
    const { baseline, candidate, cells, attempts, confirmed, open } = confirmation;
    const rest = cells - confirmed - open;
    this.lines.push('');
    this.write(
      `tried again on both sides: ${cells} ${cells === 1 ? 'cell' : 'cells'}, ${attempts} attempts each (${baseline}, ${candidate}): ${confirmed} confirmed, ${rest} not, ${open} still open; each of the two looks has alpha ${alpha / 2}`,
      '  ',
    );
  }

  counts(report: GateReport): void {
    const { compared, unchanged, transitions, alpha, attemptsToConfirm, confirmation } = report;
    const counts = KINDS.flatMap((kind) => {
      const cells = countCells(transitions.filter((one) => one.kind === kind));
      return cells ? [`${cells} ${LOOKS[kind].title.toLowerCase()}`] : [];
    });
    this.lines.push('');
    this.write([`${compared} cells compared: ${unchanged} unchanged`, ...counts].join(', '), '  ');
    if (transitions.some(({ kind }) => kind === 'unconfirmed' || kind === 'fixed-unconfirmed'))
      this.write(
        `To tell such a change from chance (alpha ${alpha}, ${compared} cells), ${attemptsToConfirm} attempts a cell are needed in both runs (--repeat ${attemptsToConfirm})${confirmation ? '' : ', or --confirm, which tries just these cells again'}`,
        '  ',
      );
  }

  verdict(report: GateReport): void {
    this.lines.push('');
    const stopping = new Set(report.transitions.flatMap((one) => (one.stops ? [one.kind] : [])));
    const words = {
      'not-comparable': 'NOT COMPARED: name what is under test with --varies, or add --anyway',
      lab: 'LAB FAILED: a board is missing or its run is not complete',
      stop: `STOP: ${[...stopping].join(', ')}`,
      go: 'GO: nothing that --fail-on names',
    };
    this.write(words[verdictOf(report)], '  ', '', this.colours.bold);
  }
}

const countCells = (all: readonly Transition[]) =>
  all.reduce((sum, { cells }) => sum + cells.length, 0);

/** `pass 9/10, refused at qbuf EFAULT 1/10 (holds 60-98 %)`. */
function sideWords({ results, held, untried, why }: Side): string {
  if (!held) return `not tried (${why ?? 'no reason given'})`;
  const all = held.tries;
  const share = ({ attempts }: Tally) => (all > 1 ? ` ${attempts}/${all}` : '');
  const seen = results.map((one) => `${resultWords(one)}${share(one)}`).join(', ');
  const percent = held.interval.map((end) => Math.round(100 * end)).join('-');
  const interval = all > 1 ? ` (holds ${percent} %)` : '';
  return `${seen}${interval}${untried ? `, ${untried} not tried` : ''}`;
}
