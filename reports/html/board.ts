import { causeCountText, causesOf } from '../causes.ts';
import { alikeLabel, describeCell, foldAlike, rateNote, witnessMark } from '../describe.ts';
import { environmentLine, environmentOf } from '../environment.ts';
import type { BoardMatrix, ColumnGroup, Row } from '../matrix.ts';
import type { MatrixCell } from '../model.ts';
import { oneLine } from '../sanitize.ts';
import { standInLabel } from '../stand-in.ts';
import { type CellIndex, indexOf, kindBadge, slotButton, tally, verdict } from './parts.ts';
import { type Html, html } from './template.ts';

/** What an expert looks at first; the rest folds away. */
const FIRST = new Set([
  'Kernel',
  'Command line',
  'Mesa',
  'Heaps',
  'CMA',
  'IOMMU',
  'udmabuf',
  'Ran as',
]);

function environment(board: BoardMatrix): Html {
  const facts = environmentOf(board.run);
  const list = (some: typeof facts) =>
    html`<dl class="env">${some.map(({ name, value }) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
  return html`${list(facts.filter(({ name }) => FIRST.has(name)))}
<details><summary>The rest of the environment</summary>${list(facts.filter(({ name }) => !FIRST.has(name)))}</details>`;
}

/** Folded lines, each of which opens its first cell. */
function issues(
  title: string,
  n: number,
  index: CellIndex,
  cells: readonly MatrixCell[],
): Html | null {
  if (!cells.length) return null;
  const items = foldAlike(cells).map((alike) => {
    const { first } = alike;
    const indices = alike.cells.map((entry) => index.get(entry) ?? -1).join(' ');
    const reason = first.reason ? `: ${oneLine(first.reason)}` : '';
    const others = alikeLabel(alike);
    return html`<li><button type="button" class="link" data-b="${n}" data-c="${indices}">${oneLine(first.cell.id)}</button>${witnessMark(first)} <strong>${describeCell(first)}</strong>${reason}${rateNote(first)}${others && html` <span class="soft">(${oneLine(others)})</span>`}</li>`;
  });
  return html`<h3>${title} (${cells.length})</h3><ul class="issues">${items}</ul>`;
}

/** How often each cause is there; a line opens the first of its cells. */
function causes(board: BoardMatrix, n: number, index: CellIndex): Html | null {
  const items = causesOf(board.cells).map((count) => {
    const indices = count.cells.map((entry) => index.get(entry) ?? -1).join(' ');
    const id = count.cells[0]?.cell.id ?? '';
    return html`<li><strong>${causeCountText(count)}</strong> <button type="button" class="link" data-b="${n}" data-c="${indices}">${oneLine(id)}</button></li>`;
  });
  return items.length ? html`<h3>Causes</h3><ul class="issues">${items}</ul>` : null;
}

function head(groups: readonly ColumnGroup[]): Html {
  const suites: { name: string; span: number }[] = [];
  for (const { suite, formats } of groups) {
    const last = suites.at(-1);
    if (last?.name === suite) last.span += formats.length;
    else suites.push({ name: suite, span: formats.length });
  }
  return html`<thead>
<tr><td class="corner"></td>${suites.map(({ name, span }) => html`<th scope="colgroup" class="suite edge" colspan="${span}"><span class="stay">${name}</span></th>`)}</tr>
<tr><td class="corner"></td>${groups.map(({ importer, formats }) => html`<th scope="colgroup" class="imp edge" colspan="${formats.length}"><span class="${importer ? 'stay' : 'sr'}">${importer ? oneLine(importer) : 'no importer'}</span></th>`)}</tr>
<tr><th scope="col" class="corner">backend</th>${groups.map(({ formats }) => formats.map((format, n) => html`<th scope="col" class="fmt${n ? '' : ' edge'}">${oneLine(format)}</th>`))}</tr>
</thead>`;
}

function bodyRow(board: BoardMatrix, n: number, index: CellIndex, row: Row, top: boolean): Html {
  let first = top;
  const cells = board.groups.map((group) =>
    group.formats.map((format, column) => {
      const slot = board.slot(row, group, format);
      const edge = column ? '' : ' class="edge"';
      if (!slot) return edge ? html`<td class="edge"></td>` : html`<td></td>`;
      const where = [row.label, group.suite, group.importer, format].filter(Boolean).join(' ');
      const button = slotButton(n, index, slot, where, { first });
      first = false;
      return edge ? html`<td class="edge">${button}</td>` : html`<td>${button}</td>`;
    }),
  );
  return html`<tr><th scope="row" class="row">${oneLine(row.label)}</th>${cells}</tr>\n`;
}

/** One board: what it is, what is not as expected, and its matrix. */
export function boardSection(board: BoardMatrix, n: number): Html {
  const { run } = board;
  const index = indexOf(board);
  const unexpected = board.cells.filter((entry) => !entry.expected);
  const flaky = board.cells.filter((entry) => entry.state === 'flaky' && entry.expected);
  const claimed = board.cells.filter((entry) => entry.state === 'claimed');
  const witnesses = board.cells.filter((entry) => entry.witness && entry.expected);
  const lucky = board.cells.filter((entry) => entry.state === 'lucky' && entry.expected);
  return html`<section id="board-${n}" aria-labelledby="board-${n}-title">
<div class="title"><h2 id="board-${n}-title" class="mono">${oneLine(board.label)}</h2>${kindBadge(run)}</div>
<p class="sub">${oneLine(run.title)}</p>
${run.incomplete ? html`<p class="note"><strong>Not complete.</strong> ${oneLine(run.incomplete)}</p>` : null}
${(run.findings ?? []).map(({ at, what, text }) => html`<p class="note"><strong>${oneLine(what)}</strong> ${oneLine(text)} <span class="soft">${oneLine(at)}</span></p>`)}
${run.run ? environment(board) : null}
${run.standIn ? html`<p class="sub">Beside the claims stands (VM) what was measured on ${oneLine(standInLabel(run))}: ${environmentLine(run.standIn.run)}. What differs there: ${oneLine(run.standIn.differs)}.</p>` : null}
<h3>${board.counts.total} cells: ${verdict(board.counts)}</h3>
${tally(board.counts)}
<h3 class="sr">Matrix of ${oneLine(board.label)}</h3>
<div class="wrap matrix"><table aria-label="Matrix of ${oneLine(board.label)}: rows are backends, columns importers and formats">${head(board.groups)}<tbody>
${board.rows.map((row, at) => bodyRow(board, n, index, row, at === 0))}</tbody></table></div>
${issues('Not as expected', n, index, unexpected)}
${issues('Flaky', n, index, flaky)}
${issues('Lucky passes: do not rely on these', n, index, lucky)}
${issues('Claimed, not measured', n, index, claimed)}
${issues('Witnesses: not asked for, they tell a pass from luck', n, index, witnesses)}
${causes(board, n, index)}
</section>`;
}
