import { environmentLine, kindClass } from '../environment.ts';
import type { BoardMatrix } from '../matrix.ts';
import { type OverviewLine, type OverviewSection, overviewOf, passShare } from '../overview.ts';
import { oneLine } from '../sanitize.ts';
import { type CellIndex, indexOf, kindBadge, meter, slotButton, tally, verdict } from './parts.ts';
import { type Html, html } from './template.ts';

function card(board: BoardMatrix, n: number): Html {
  return html`<li class="card"><h3><a href="#board-${n}">${oneLine(board.label)}</a></h3>${kindBadge(board.run)}
<p>${oneLine(board.run.title)}</p><p>${environmentLine(board.run)}</p>
${board.run.incomplete ? html`<p class="bad">not complete</p>` : null}
${meter(board.counts)}<p>${verdict(board.counts)}</p>${tally(board.counts)}</li>`;
}

interface Column {
  readonly line: OverviewLine;
  readonly section: OverviewSection;
  /** The board's place among the boards. */
  readonly n: number;
  readonly index: CellIndex;
  /** Where another suite begins. */
  readonly edge: boolean;
}

function columnsOf(boards: readonly BoardMatrix[], sections: readonly OverviewSection[]): Column[] {
  const indices = boards.map(indexOf);
  return sections.flatMap((section) =>
    section.lines.map((line, at): Column => {
      const n = boards.indexOf(line.board);
      return { line, section, n, index: indices[n] ?? new Map(), edge: at === 0 };
    }),
  );
}

const edgeClass = (edge: boolean, more = '') => [more, edge && 'edge'].filter(Boolean).join(' ');

const KIND_WORDS: Readonly<Record<string, string>> = {
  virtual: 'VM',
  hardware: 'HW',
  // The board's label says so.
  claims: '',
};

function heading({ line, edge }: Column): Html {
  const kind = KIND_WORDS[kindClass(line.board.run)] ?? '';
  const importer = line.importer && html`${oneLine(line.importer)}<br>`;
  return html`<th scope="col" class="${edgeClass(edge, 'turn')}"><span>${importer}<b>${oneLine(line.board.label)}</b> <i>${kind}</i></span></th>`;
}

function bodyRow(columns: readonly Column[], label: string, top: boolean): Html {
  let first = top;
  const cells = columns.map(({ line, section, n, index, edge }) => {
    const slot = line.slots.get(label);
    if (!slot) return html`<td class="${edgeClass(edge)}"></td>`;
    const where = [line.board.label, section.suite, line.importer, label].filter(Boolean).join(' ');
    const button = slotButton(n, index, slot, where, { share: passShare(slot), first });
    first = false;
    return html`<td class="${edgeClass(edge)}">${button}</td>`;
  });
  return html`<tr><th scope="row" class="row">${oneLine(label)}</th>${cells}</tr>\n`;
}

/** All boards: a card each, then their answers beside one another. */
export function overviewSection(boards: readonly BoardMatrix[]): Html {
  const { rows, sections } = overviewOf(boards);
  const columns = columnsOf(boards, sections);
  return html`<section id="overview" aria-labelledby="overview-title">
<h2 id="overview-title">Across boards</h2>
<ul class="cards">${boards.map(card)}</ul>
<p class="sub">One column an importer of a board (VM: a virtual board, HW: hardware, claimed: not measured); all its formats and sizes in one place. The worst is shown, with n/m passes where they differ.</p>
<div class="wrap matrix across"><table aria-label="All boards: rows are backends, columns importers of boards"><thead>
<tr><td class="corner"></td>${sections.map(({ suite, lines }) => html`<th scope="colgroup" class="suite edge" colspan="${lines.length}"><span class="stay">${suite}</span></th>`)}</tr>
<tr><th scope="col" class="corner">backend</th>${columns.map(heading)}</tr></thead><tbody>
${rows.map((row, at) => bodyRow(columns, row.label, at === 0))}</tbody></table></div>
</section>`;
}
