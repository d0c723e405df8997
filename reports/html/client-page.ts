/**
 * The part of the page's script that opens cells, moves by keys, filters, and keeps it all in the
 * URL's hash. Where the boards' data comes from is told before it: `boardCount`, `load`, what the hash
 * says of a board (`placeOf`), and what stands below a cell's details (`furtherNodes`).
 */
export const CLIENT_PAGE = `
const panel = document.getElementById('panel');
const body = document.getElementById('panel-body');
const status = document.getElementById('status');
const state = { q: '', s: [], i: '', b: '', x: '', open: null };
const wide = matchMedia('(min-width:1100px)');
let opener = null;

const buttonOf = (node) => node && node.querySelector(':scope > button.t');
const seen = (td) => td && !td.hidden && !td.classList.contains('off') && buttonOf(td);

function draw() {
  const { n, cells, at, attempt } = state.open;
  const data = load(n);
  const cell = data.cells[cells[at]];
  const entries = cells.map((c) => data.cells[c]).map((c) => ({ state: c.s, x: c.x, letter: c.l, text: c.f + ' ' + c.z + (c.b === cell.b ? '' : ' ' + c.b) }));
  const choose = (next) => { state.open = { n, cells, at: next, attempt: worstAttempt(data.cells[cells[next]]) }; draw(); keep(); };
  const chooseAttempt = (next) => { state.open = { n, cells, at, attempt: next }; draw(); };
  const close = make('button', { type: 'button', class: 'close' }, 'Close');
  close.addEventListener('click', () => panel.close());
  body.replaceChildren(
    make('div', { class: 'bar' }, make('div', {},
      make('h2', { id: 'panel-title' }, cell.id),
      make('p', { class: 'soft' }, data.label + ' · ', make('span', { class: 'kind ' + data.look }, data.kind))), close),
    ...[picker('Cells in this place', entries, at, choose), ...cellNodes(cell, data, attempt, chooseAttempt), ...furtherNodes(cell)].filter(Boolean));
  panel.scrollTop = 0;
  status.textContent = cell.id + ': ' + cell.d + (cell.x ? ', not as expected' : '');
}

const order = [...glyphs.keys()];
const worstOf = (list, rank) => list.reduce((best, item, n) => (rank(item) < rank(list[best]) ? n : best), 0);
const worstAttempt = (cell) => worstOf(cell.a, (a) => (a.x ? -100 : 0) + order.indexOf(a.o));

function show(n, cells, wanted, from) {
  const data = load(n);
  const match = cells.map((c) => matches(data.cells[c], data));
  const at = wanted ?? worstOf(cells, (c) => (match[cells.indexOf(c)] ? -1000 : 0) + (data.cells[c].x ? -100 : 0) + order.indexOf(data.cells[c].s));
  state.open = { n, cells, at, attempt: worstAttempt(data.cells[cells[at]]) };
  draw();
  for (const old of document.querySelectorAll('[aria-current]')) old.removeAttribute('aria-current');
  if (from) { from.setAttribute('aria-current', 'true'); opener = from; }
  if (!panel.open) {
    if (wide.matches) { panel.show(); document.body.classList.add('docked'); if (from) from.focus(); }
    else panel.showModal();
  }
  keep();
}
panel.addEventListener('close', () => {
  document.body.classList.remove('docked');
  for (const old of document.querySelectorAll('[aria-current]')) old.removeAttribute('aria-current');
  state.open = null;
  keep();
  if (opener) opener.focus();
});
const openFrom = (button) => show(Number(button.dataset.b), button.dataset.c.split(' ').map(Number), undefined, button);

document.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-c]');
  if (button) openFrom(button);
});

const steps = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
function neighbour(td, [down, right]) {
  if (right) {
    let next = td;
    do next = right > 0 ? next.nextElementSibling : next.previousElementSibling; while (next && !seen(next));
    return next;
  }
  const rows = [...td.closest('table').rows];
  let at = rows.indexOf(td.parentElement);
  for (;;) {
    at += down;
    const row = rows[at];
    if (!row) return null;
    const cell = !row.hidden && row.cells[td.cellIndex];
    if (seen(cell)) return cell;
  }
}
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && panel.open && wide.matches) { panel.close(); return; }
  const td = event.target.closest && event.target.closest('.matrix td');
  if (!td || event.ctrlKey || event.altKey || event.metaKey) return;
  let next = null;
  if (steps[event.key]) next = neighbour(td, steps[event.key]);
  else if (event.key === 'Home') next = [...td.parentElement.cells].find(seen);
  else if (event.key === 'End') next = [...td.parentElement.cells].findLast(seen);
  else return;
  event.preventDefault();
  if (!next) return;
  for (const one of td.closest('table').querySelectorAll('button.t[tabindex="0"]')) one.tabIndex = -1;
  const button = buttonOf(next);
  button.tabIndex = 0;
  button.focus();
  if (panel.open && wide.matches) openFrom(button);
});
`;
