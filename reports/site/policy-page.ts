import { z } from 'zod';
import type { Verdict } from '../../policies/verdict.ts';
import { Html, html } from '../html/template.ts';
import { VERDICT_GLYPHS, verdictGlyph } from '../policy/letters.ts';
import { oneLine } from '../sanitize.ts';
import type { Assets } from './assets.ts';
import type { BoardDigest } from './digest.ts';
import { slugOf } from './identity.ts';
import type { SiteFiles } from './model.ts';
import { KIND_SHORT, kindLegend, sitePage } from './page.ts';
import { policiesJson, policiesLine, verdictsPath } from './policies-json.ts';

/** Which of the palette's tiles a verdict takes, by its letter: inks and shapes are tested there. */
const TILES: Readonly<Record<string, string>> = {
  H: 's-pass',
  d: 's-lucky',
  B: 's-corrupt',
  '?': 's-not-run',
  '-': 's-filtered',
};

const tileOf = (letter: string) => TILES[letter] ?? 's-not-run';

/** `H`; of a claim in parentheses, on the tile of claims, so that it is taken for no measurement. */
function place(verdict: Verdict | undefined): Html {
  if (!verdict) return html`<td></td>`;
  const { claimed, basis, findings } = verdict;
  const { letter, word } = verdictGlyph(verdict);
  if (basis === 'claimed') {
    if (!claimed) return html`<td class="s-unknown" title="not measured, nothing claimed">(-)</td>`;
    const of = verdictGlyph({ verdict: claimed.verdict, applies: true });
    return html`<td class="s-claimed" title="claimed, not measured: ${of.word}">(${of.letter})</td>`;
  }
  return html`<td class="${tileOf(letter)}" title="${word}">${letter}${findings.length ? html`<small>→</small>` : null}</td>`;
}

const nameOf = (list: readonly Verdict[], key: 'policy' | 'useCase') => [
  ...new Set(list.map((one) => one[key])),
];

/** What does not hold, once for all policies and use cases of which the same is said. */
function reasons(verdicts: readonly Verdict[]): Html | null {
  const told = verdicts.filter(
    ({ verdict, applies, claimed, findings }) =>
      applies && (verdict === 'breaks' || verdict === 'degrades' || claimed || findings.length),
  );
  if (!told.length) return null;
  const alike = Map.groupBy(told, (one) =>
    JSON.stringify([one.verdict, one.provider, one.why, one.findings, one.claimed]),
  );
  const items = [...alike.values()].flatMap((members) => {
    const [first] = members;
    if (!first) return [];
    const { claimed, provider, why, findings, proof } = first;
    const { word } = verdictGlyph(first);
    const using = (name: string | null) => (name ? ` with ${oneLine(name)}` : '');
    const what = claimed
      ? `claimed, not measured: ${claimed.verdict}${using(claimed.provider)}: ${claimed.why}`
      : `${word}${using(provider)}: ${why}`;
    const shown = proof[0]
      ? ` Proof: ${proof[0]}${proof.length > 1 ? ` +${proof.length - 1}` : ''}.`
      : '';
    const sources = claimed?.sources.length ? ` Sources: ${claimed.sources.join('; ')}.` : '';
    return [
      html`<li><strong>${oneLine(nameOf(members, 'policy').join(', '))}</strong> for ${oneLine(nameOf(members, 'useCase').join(', '))}: ${oneLine(what)}.${oneLine(shown)}${oneLine(sources)}${findings.map((text) => html` <strong>${oneLine(text)}</strong>`)}</li>`,
    ];
  });
  return html`<details><summary>Why, and what proves it (${items.length})</summary><ul class="why">${items}</ul></details>`;
}

/** A board's part of the page and of its JSON, which hang on nothing of other boards. */
export const BoardPolicies = z.strictObject({
  basis: z.enum(['measured', 'claimed']),
  html: z.string(),
  /** Its line of policies.json. */
  json: z.string(),
});
export type BoardPolicies = z.infer<typeof BoardPolicies>;

/** What the page of policies says of one board; null where no policy was judged on it. */
export function boardPolicies(
  verdicts: readonly Verdict[],
  board: Pick<BoardDigest, 'kind' | 'folder'>,
): BoardPolicies | null {
  const [first] = verdicts;
  const json = policiesLine(verdicts, board);
  if (!first || json === null) return null;
  return { basis: first.basis, html: section(verdicts, first, board).text, json };
}

function section(
  verdicts: readonly Verdict[],
  { board, basis, kernel, user }: Verdict,
  { kind, folder }: Pick<BoardDigest, 'kind' | 'folder'>,
): Html {
  const words = KIND_SHORT[kind];
  const id = `policy-${basis}-${slugOf(board)}`;
  const policies = nameOf(verdicts, 'policy');
  const useCases = nameOf(verdicts, 'useCase');
  const of = new Map(verdicts.map((one) => [`${one.policy}\n${one.useCase}`, one]));
  const rows = policies.map(
    (policy) =>
      html`<tr><th scope="row" class="row">${oneLine(policy)}</th>${useCases.map((useCase) => place(of.get(`${policy}\n${useCase}`)))}</tr>\n`,
  );
  const line =
    basis === 'claimed'
      ? 'Nobody has run it: in parentheses what sources claim.'
      : `Kernel ${kernel}, for uid ${user.uid}${user.groups.length ? ` (${user.groups.join(', ')})` : ''}.`;
  return html`<section aria-labelledby="${id}"><div class="title"><h2 id="${id}" class="mono"><a href="${folder}/index.html">${oneLine(board)}</a></h2><span class="kind ${kind}">${words}</span></div>
<p class="sub">${oneLine(line)} <a href="${verdictsPath(folder)}">All verdicts with their proofs (JSON)</a></p>
<div class="wrap" tabindex="0" role="region" aria-label="Policies on ${oneLine(board)}, ${words}"><table class="ov ${kind}"><caption>Policies on ${oneLine(board)}</caption><thead><tr><th scope="col" class="corner">policy</th>${useCases.map((useCase) => html`<th scope="col">${oneLine(useCase)}</th>`)}</tr></thead><tbody>
${rows}</tbody></table></div>${reasons(verdicts)}</section>`;
}

/** Which allocation policy holds on which board, and for which use. Measured boards come first. */
export function policyFiles(boards: readonly BoardPolicies[], assets: Assets): SiteFiles {
  const judged = [
    ...boards.filter(({ basis }) => basis === 'measured'),
    ...boards.filter(({ basis }) => basis === 'claimed'),
  ];
  return new Map([
    ['policies.html', policyPage(judged, assets)],
    ['policies.json', policiesJson(judged.map(({ json }) => json))],
  ]);
}

function policyPage(judged: readonly BoardPolicies[], assets: Assets): string {
  const letters = VERDICT_GLYPHS.map(
    ({ letter, word }) =>
      html`<dt><span class="t ${tileOf(letter)}" aria-hidden="true">${letter}</span></dt><dd>${word}</dd>`,
  );
  return sitePage({
    title: 'Allocation policies',
    lead: 'Whether the order in which a program allocates holds on each board, worked out from the cells.',
    root: '',
    style: assets.style,
    scripts: [],
    links: [
      ['index.html', 'All boards'],
      ['policies.json', 'JSON'],
    ],
    main: html`${judged.map((one) => new Html(one.html))}`,
    footer: html`<h2>How to read it</h2>${kindLegend()}<dl class="env">${letters}<dt><span class="t s-claimed" aria-hidden="true">(H)</span></dt><dd>claimed, not measured</dd><dt>→</dt><dd>the provider changes with the system</dd></dl>`,
  });
}
