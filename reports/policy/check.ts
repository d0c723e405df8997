import type { Verdict } from '../../policies/verdict.ts';
import type { TerminalOptions } from '../terminal.ts';
import { type GridCell, textGrid } from '../text-grid.ts';
import { TextPage } from '../text-page.ts';
import { VERDICT_GLYPHS, verdictGlyph } from './letters.ts';

/** A board's verdicts are spelled out one by one up to this many. */
const SPELLED = 12;

/** Verdicts as text: a table a board, and below it why what does not hold does not. */
export function checkText(verdicts: readonly Verdict[], options: TerminalOptions = {}): string {
  const page = new CheckPage(options);
  for (const board of Map.groupBy(verdicts, ({ board, kernel }) => `${board}\n${kernel}`).values())
    page.board(board);
  page.legend();
  return `${page.lines.join('\n')}\n`;
}

class CheckPage extends TextPage {
  board(verdicts: readonly Verdict[]): void {
    const [first] = verdicts;
    if (!first) return;
    this.write(boardLine(first), '  ', '', this.colours.bold);
    this.write(first.basis === 'claimed' ? standInLine(verdicts) : userLine(first), '  ');
    this.lines.push('', ...this.#table(verdicts), '');
    const whole = verdicts.length <= SPELLED;
    const spelled = whole ? verdicts : verdicts.filter(isNews);
    for (const alike of foldAlike(spelled)) this.#verdict(alike, whole);
    const unseen = verdicts.filter(({ verdict, caveats }) => isGood(verdict) && caveats.length > 0);
    if (!whole && unseen.length > 0)
      this.write(
        `${unseen.length} of what holds or degrades has caveats (such as: ${unseen[0]?.caveats[0]}); ask for one policy and use case to see them`,
        '  ',
      );
    this.lines.push('');
  }

  #table(verdicts: readonly Verdict[]): string[] {
    const policies = [...new Set(verdicts.map(({ policy }) => policy))];
    const useCases = [...new Set(verdicts.map(({ useCase }) => useCase))];
    const of = new Map(verdicts.map((one) => [`${one.policy}\n${one.useCase}`, one]));
    const cell = (policy: string, useCase: string): GridCell => {
      const verdict = of.get(`${policy}\n${useCase}`);
      if (!verdict) return { text: '' };
      const { letter, colour } = verdictGlyph(verdict);
      const marks = `${letter}${verdict.findings.length ? '!' : ''}${claimLetter(verdict)}`;
      return { text: marks, paint: this.colours[colour] };
    };
    const groups = useCases.map((useCase) => ({
      head: useCase.split(/(?<=-)/),
      columns: [{ head: '', cells: policies.map((policy) => cell(policy, useCase)) }],
    }));
    return textGrid(policies, groups, this.columns);
  }

  #verdict({ first, policies, useCases, others }: Alike, whole: boolean): void {
    const { word, colour } = verdictGlyph(first);
    const how = first.provider ? `${word} with ${first.provider}` : word;
    this.write(`${how}: ${policies.join(', ')}`, '    ', '', this.colours[colour]);
    this.write(`${useCases.join(', ')}: ${first.why}`, '    ', '  ');
    for (const text of detailsOf(first, whole)) this.write(text, '      ', '    ');
    if (others > 0) this.write(`+${others} more alike, of other cells`, '      ', '    ');
  }

  legend(): void {
    const words = VERDICT_GLYPHS.map(({ letter, word }) => `${letter} ${word}`);
    words.push('! the provider changes with the system', '(b) claimed, not measured');
    this.write(`Legend: ${words.join(' · ')}`, '  ', '', this.colours.dim);
  }
}

/** `(b)`: what sources claim of a board that nobody has run. */
const claimLetter = ({ claimed }: Verdict): string =>
  claimed ? `(${claimed.verdict === 'unknown' ? '?' : claimed.verdict.slice(0, 1)})` : '';

function boardLine({ board, basis, virtual, kernel, runs }: Verdict): string {
  if (basis === 'claimed') return `${board}: nobody has run it; in brackets what sources claim`;
  const what = virtual ? 'virtual board (QEMU), never the hardware it stands in for' : 'measured';
  return `${board}: ${what} · kernel ${kernel} · ${runs.length > 1 ? `${runs.length} runs` : `run ${runs[0]}`}`;
}

/** How the virtual board that stands in for it differs: said once. */
function standInLine(verdicts: readonly Verdict[]): string {
  const standIn = verdicts.flatMap(({ claimed }) => claimed?.standIn ?? [])[0];
  return standIn
    ? `in the same situation: ${standIn.board}, a virtual board (it differs: ${standIn.differs})`
    : 'no board in the same situation was run';
}

function userLine({ user: { uid, groups, measured } }: Verdict): string {
  const who = `judged for uid ${uid}${groups.length ? ` (${groups.join(', ')})` : ''}`;
  if (uid !== 0) return who;
  const why = measured ? 'as whom it was measured' : 'as asked';
  return `${who}, ${why}; what root may open proves nothing for a user: --user UID:GROUP,…`;
}

const isGood = (verdict: Verdict['verdict']) => verdict === 'holds' || verdict === 'degrades';

/** What a table alone does not tell. */
const isNews = ({ verdict, applies, findings }: Verdict) =>
  applies && (verdict !== 'holds' || findings.length > 0);

interface Alike {
  readonly first: Verdict;
  readonly policies: readonly string[];
  readonly useCases: readonly string[];
  /** Verdicts of the same kind that other cells show. */
  readonly others: number;
}

/** Verdicts that come to the same provider and fail for the same reason, told once. */
function foldAlike(verdicts: readonly Verdict[]): Alike[] {
  const key = ({ verdict, provider, why, applies, probing, findings, claimed }: Verdict) =>
    JSON.stringify([verdict, provider, why, applies, probing, findings, claimed]);
  return [...Map.groupBy(verdicts, key).values()].flatMap((alike): Alike[] => {
    const [first] = alike;
    if (!first) return [];
    return [
      {
        first,
        policies: [...new Set(alike.map(({ policy }) => policy))],
        useCases: [...new Set(alike.map(({ useCase }) => useCase))],
        others: new Set(alike.map(({ proof }) => proof.join())).size - 1,
      },
    ];
  });
}

/** What belongs to a verdict beside its reason, a line each. */
function detailsOf(verdict: Verdict, whole: boolean): string[] {
  const { proof, lost, missing, better, probing, findings, caveats, claimed, luck, streams } =
    verdict;
  const frames = streams.map(
    ({ stream, format, width, height, count }) =>
      `${stream} ${format} ${width}x${height} x${count}`,
  );
  return [
    ...(whole && frames.length ? [`judged by: ${frames.join('; ')}`] : []),
    ...(proof.length ? [`proof: ${folded(proof)}`] : []),
    ...(whole ? lost : []).map(
      ({ price, measured }) =>
        `price: ${price}${measured ? ` (${ms(measured.us)} in ${measured.stage} of ${measured.cell})` : ' (not measured here)'}`,
    ),
    ...missing.slice(0, 3).map(({ command, note }) => `missing: ${command ?? note}`),
    ...(missing.length > 3 ? [`and ${missing.length - 3} more missing cells`] : []),
    ...(luck ? ['luck has a say in it: the worse way is told'] : []),
    ...better
      .slice(0, 1)
      .map((one) => `unused and better: ${one.provider} ${one.verdict} (${folded(one.proof)})`),
    ...(better.length > 1
      ? [
          `and ${better
            .slice(1)
            .map(({ provider }) => provider)
            .join(', ')}`,
        ]
      : []),
    ...(probing
      ? [
          `with a trial import before it decides, the same order ${probing.verdict}${probing.provider ? ` (${probing.provider})` : ''}`,
        ]
      : []),
    ...findings.map((finding) => `finding: ${finding}`),
    ...(whole ? caveats.map((caveat) => `caveat: ${caveat}`) : []),
    ...(claimed ? claimLines(claimed) : []),
  ];
}

function claimLines({
  verdict,
  provider,
  why,
  sources,
  standIn,
}: NonNullable<Verdict['claimed']>): string[] {
  const using = (backend: string | null) => (backend ? ` with ${backend}` : '');
  return [
    `claimed, not measured: ${verdict}${using(provider)}: ${why}`,
    ...sources.map((source) => `source: ${source}`),
    ...(standIn
      ? [
          `measured on ${standIn.board}, never this board: ${standIn.verdict}${using(standIn.provider)}`,
        ]
      : []),
  ];
}

const folded = ([first = '', ...rest]: readonly string[]): string =>
  rest.length ? `${first} +${rest.length}` : first;

const ms = (us: number): string => `${(us / 1000).toFixed(1)} ms`;
