/** The part of the page's script that filters, and that keeps its state in the URL's hash. */
export const CLIENT_FILTER = String.raw`
const form = document.getElementById('filters');
const chips = [...form.querySelectorAll('button[data-s]')];
const shown = document.getElementById('shown');
const textOf = (cell, data) =>
  (cell.t ??= [data.label, cell.id, cell.d, cell.r, cell.w, ...cell.a.flatMap((a) => [a.d, a.r, ...(a.log ?? [])])].join('\n').toLowerCase());
const active = () => Boolean(state.q || state.s.length || state.i || state.b || state.x);
/** A word with a slash that is in an id is looked for in ids alone: reasons name other cells. */
function testOf(word, data) {
  const ids = word.includes('/') ? data.cells.map((cell) => cell.id.toLowerCase()) : [];
  const whole = ids.includes(word);
  const test = inId(word, whole);
  return whole || ids.some(test) ? (cell) => test(cell.id.toLowerCase()) : (cell) => textOf(cell, data).includes(word);
}
function testsOf(data) {
  if (data.searched !== state.q) data.tests = wordsOf(state.q).map((word) => testOf(word, data));
  data.searched = state.q;
  return data.tests;
}

function matches(cell, data) {
  if (state.s.length && !state.s.includes(cell.s)) return false;
  if (state.i && cell.i !== state.i) return false;
  if (state.b && cell.b !== state.b) return false;
  if (state.x && !cell.x) return false;
  return testsOf(data).every((test) => test(cell));
}

function fold(table) {
  const rows = [...table.tBodies[0].rows];
  const holds = (td) => td && !td.classList.contains('off') && buttonOf(td);
  for (const row of rows) row.hidden = active() && ![...row.cells].some(holds);
  const count = rows[0] ? rows[0].cells.length : 0;
  const heads = table.tHead.rows;
  const visible = [];
  for (let c = 1; c < count; c++) {
    visible[c] = !active() || rows.some((row) => holds(row.cells[c]));
    for (const row of rows) row.cells[c].hidden = !visible[c];
    heads[heads.length - 1].cells[c].hidden = !visible[c];
  }
  for (const row of [...heads].slice(0, -1)) {
    let c = 1;
    for (const th of [...row.cells].slice(1)) {
      const full = Number(th.dataset.full ??= th.colSpan);
      const left = visible.slice(c, c + full).filter(Boolean).length;
      th.hidden = left === 0;
      if (left) th.colSpan = left;
      c += full;
    }
  }
  const buttons = [...table.querySelectorAll('tbody td:not(.off) > button.t')].filter((b) => !b.closest('[hidden]'));
  if (buttons.length && !buttons.some((b) => b.tabIndex === 0)) buttons[0].tabIndex = 0;
}

function apply() {
  for (const chip of chips) chip.setAttribute('aria-pressed', String(state.s.includes(chip.dataset.s)));
  form.elements.q.value = state.q;
  form.elements.i.value = state.i;
  form.elements.b.value = state.b;
  form.elements.x.checked = Boolean(state.x);
  const filtering = active();
  let hits = 0;
  let total = 0;
  const match = Array.from({ length: boardCount }, (_, n) => {
    if (!filtering) return null;
    const data = load(n);
    return data.cells.map((cell) => { const yes = matches(cell, data); total += 1; hits += yes ? 1 : 0; return yes; });
  });
  for (const button of document.querySelectorAll('.matrix button.t')) {
    const yes = match[Number(button.dataset.b)];
    button.parentElement.classList.toggle('off', yes !== null && !button.dataset.c.split(' ').some((c) => yes[c]));
  }
  for (const table of document.querySelectorAll('.matrix table')) fold(table);
  for (const item of document.querySelectorAll('.issues li')) {
    const button = item.querySelector('button');
    const yes = match[Number(button.dataset.b)];
    item.hidden = yes !== null && !button.dataset.c.split(' ').some((c) => yes[c]);
  }
  shown.textContent = filtering ? hits + ' of ' + total + ' cells' : '';
  document.getElementById('reset').hidden = !filtering;
}

function keep() {
  const hash = new URLSearchParams();
  for (const key of ['q', 'i', 'b', 'x']) if (state[key]) hash.set(key, state[key]);
  if (state.s.length) hash.set('s', state.s.join(','));
  if (state.open) {
    const data = load(state.open.n);
    for (const [key, value] of placeOf(data)) hash.set(key, value);
    hash.set('cell', data.cells[state.open.cells[state.open.at]].id);
  }
  const text = hash.toString().replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%2C', ',');
  history.replaceState(null, '', text ? '#' + text : location.pathname + location.search);
}

function read() {
  if (location.hash && !location.hash.includes('=')) return;
  const hash = new URLSearchParams(location.hash.slice(1));
  for (const key of ['q', 'i', 'b', 'x']) state[key] = hash.get(key) ?? '';
  state.s = (hash.get('s') ?? '').split(',').filter((s) => glyphs.has(s));
  apply();
  const wanted = hash.get('cell');
  if (!wanted) return;
  for (let n = 0; n < boardCount; n++) {
    const data = load(n);
    if ((hash.get('board') && data.board !== hash.get('board')) || (hash.get('run') && data.run !== hash.get('run'))) continue;
    const c = data.cells.findIndex((cell) => cell.id === wanted);
    if (c < 0) continue;
    const button = [...document.querySelectorAll('#board-' + n + ' .matrix button.t')].find((b) => b.dataset.c.split(' ').includes(String(c)));
    const cells = button ? button.dataset.c.split(' ').map(Number) : [c];
    if (button) button.scrollIntoView({ block: 'center', inline: 'center' });
    show(n, cells, cells.indexOf(c), button);
    return;
  }
}

const changed = () => { apply(); keep(); };
for (const chip of chips)
  chip.addEventListener('click', () => {
    const s = chip.dataset.s;
    state.s = state.s.includes(s) ? state.s.filter((other) => other !== s) : [...state.s, s];
    changed();
  });
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('input', (event) => {
  const { name, type, checked, value } = event.target;
  if (!name) return;
  state[name] = type === 'checkbox' ? (checked ? '1' : '') : value;
  changed();
});
document.getElementById('reset').addEventListener('click', () => { Object.assign(state, { q: '', s: [], i: '', b: '', x: '' }); changed(); form.elements.q.focus(); });
const measure = () => {
  for (const table of document.querySelectorAll('.matrix table'))
    table.style.setProperty('--left', table.querySelector('.corner').offsetWidth + 'px');
};
addEventListener('resize', measure);
measure();
addEventListener('hashchange', read);
form.hidden = false;
read();
`;
