/**
 * The script of a board's A/B page: it loads the data files of the two runs that the URL's hash names,
 * and lists what differs. It tells what was seen, and makes no statistics.
 */
export const CLIENT_COMPARE = `
const past = (globalThis.bufmatrixSite ?? []).find((one) => one.kind === 'history');
const form = document.getElementById('pair');
const out = document.getElementById('differences');
const status = document.getElementById('status');
const order = [...glyphs.keys()];
const runOf = (id) => past.runs.find((run) => run.id === id);
const loadedRun = (id) => globalThis.bufmatrixSite.find((one) => one.kind === 'run' && one.id === id);

for (const select of [form.elements.a, form.elements.b])
  for (const run of past.runs) select.append(make('option', { value: run.id }, run.when + ', ' + run.system + ', ' + run.run));

/** Only names of the history are loaded: the hash is anybody's. */
const fetchRun = (id) => new Promise((resolve, reject) => {
  if (loadedRun(id)) return resolve(loadedRun(id));
  const script = make('script', { src: id + '.js' });
  script.onload = () => resolve(loadedRun(id));
  script.onerror = () => reject(new Error(id + '.js was not loaded'));
  document.head.append(script);
});

const side = (cell, id) => cell
  ? [tile(cell.s, cell.x, cell.l), ' ', make('a', { href: id + '.html#' + new URLSearchParams({ cell: cell.id }) }, cell.d)]
  : [make('span', { class: 'soft' }, 'no such cell')];

function table(caption, heads, rows) {
  return make('div', { class: 'wrap', tabindex: '0', role: 'region', 'aria-label': caption },
    make('table', { class: 'list' }, make('caption', {}, caption),
      make('thead', {}, make('tr', {}, heads.map((head) => make('th', { scope: 'col' }, head)))),
      make('tbody', {}, rows)));
}

function draw(a, b) {
  const facts = new Map(a.environment);
  const after = new Map(b.environment);
  const axes = [...new Set([...facts.keys(), ...after.keys()])].filter((name) => facts.get(name) !== after.get(name));
  const cells = new Map(a.data.cells.map((cell) => [cell.id, cell]));
  const later = new Map(b.data.cells.map((cell) => [cell.id, cell]));
  const ids = [...new Set([...cells.keys(), ...later.keys()])];
  const told = (cell) => cell ? cell.s + ' ' + cell.d : '';
  const changed = ids.filter((id) => told(cells.get(id)) !== told(later.get(id)));
  const rank = (id) => order.indexOf((later.get(id) ?? cells.get(id)).s);
  changed.sort((x, y) => rank(x) - rank(y));
  const ways = new Map();
  for (const id of changed) {
    const way = (cells.get(id)?.s ?? 'absent') + ' → ' + (later.get(id)?.s ?? 'absent');
    ways.set(way, (ways.get(way) ?? 0) + 1);
  }
  const words = changed.length + ' of ' + ids.length + ' cells differ';
  out.replaceChildren(
    make('h2', {}, words),
    make('p', { class: 'sub' }, 'What was seen, without statistics. Whether it is more than chance: '),
    make('pre', {}, 'bufmatrix gate --baseline ' + runOf(a.id).run + ' --candidate ' + runOf(b.id).run),
    axes.length
      ? table('The two systems differ in ' + axes.length + (axes.length === 1 ? ' thing' : ' things'), ['What', 'A', 'B'],
          axes.map((name) => make('tr', {}, make('th', { scope: 'row' }, name), make('td', { class: 'wide' }, facts.get(name) ?? ''), make('td', { class: 'wide' }, after.get(name) ?? ''))))
      : make('p', {}, 'The two systems do not differ in anything that was recorded.'),
    changed.length ? make('ul', { class: 'tally' }, [...ways].map(([way, count]) => make('li', {}, way + ': ' + count))) : '',
    changed.length
      ? table('Cells that differ, the worst in B first', ['Cell', 'A', 'B'],
          changed.map((id) => make('tr', {}, make('th', { scope: 'row' }, id), make('td', { class: 'wide' }, side(cells.get(id), a.id)), make('td', { class: 'wide' }, side(later.get(id), b.id)))))
      : '');
  status.textContent = words;
}

async function compare() {
  const [a, b] = [form.elements.a.value, form.elements.b.value];
  try {
    const [one, other] = [await fetchRun(a), await fetchRun(b)];
    if (form.elements.a.value === a && form.elements.b.value === b) draw(one, other);
  } catch (error) {
    out.replaceChildren(make('p', { class: 'bad' }, error.message));
  }
}
function read() {
  if (location.hash && !location.hash.includes('=')) return;
  const hash = new URLSearchParams(location.hash.slice(1));
  const or = (id, at) => (runOf(id) ?? past.runs[at]).id;
  form.elements.a.value = or(hash.get('a'), 1);
  form.elements.b.value = or(hash.get('b'), 0);
  compare();
}
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('change', () => {
  history.replaceState(null, '', '#' + new URLSearchParams({ a: form.elements.a.value, b: form.elements.b.value }));
  compare();
});
addEventListener('hashchange', read);
form.hidden = false;
read();
`;
