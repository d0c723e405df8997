/** The script of the overview: it filters boards, and keeps what was asked in the URL's hash. */
export const CLIENT_OVERVIEW = `
const cells = (globalThis.bufmatrixSite ?? []).find((one) => one.kind === 'cells');
const form = document.getElementById('find');
const shown = document.getElementById('shown');
const list = [...document.querySelectorAll('#boards tbody tr')];
const texts = list.map((row) => row.textContent.toLowerCase());
const files = list.map((row) => row.querySelector('a').getAttribute('href'));
const tables = [...document.querySelectorAll('.ov')];
const lines = tables.flatMap((table) => [...table.tBodies[0].rows].map((row) => ({ row, table, words: [] })));
lines.forEach((line, n) => {
  const [board, ...flat] = cells.rows[n];
  const link = line.row.querySelector('a');
  const pairs = flat.filter((_, at) => at % 2 === 0).map((head, at) => head + ' ' + flat[2 * at + 1]);
  Object.assign(line, { board, link, pairs, importer: link.nextSibling.data.trim() });
});
const keys = ['q', 'k', 's'];
const lineOf = new Map(lines.map((line) => [line.row, line]));

const ids = new Map();
function idsOf(pair) {
  if (!ids.has(pair)) {
    const [head, set] = pair.split(' ');
    ids.set(pair, cells.sets[set].map((tail) => (cells.heads[head] + '/' + cells.tails[tail]).toLowerCase()));
  }
  return ids.get(pair);
}
const pairs = [...new Set(lines.flatMap((line) => line.pairs))];

/** Whether some cell of a row has all words; rows of like boards are asked once. */
function finder(words) {
  const tests = new Map(words.map((word) => [word, inId(word, word.includes('/') && pairs.some((pair) => idsOf(pair).includes(word)))]));
  const known = new Map();
  return (line, wanted) => {
    const all = wanted.map((word) => tests.get(word));
    return line.pairs.some((pair) => {
      const key = pair + ' ' + wanted.join(' ');
      if (!known.has(key)) known.set(key, idsOf(pair).some((id) => all.every((test) => test(id))));
      return known.get(key);
    });
  };
}

const addressOf = (file, entries) => {
  const hash = new URLSearchParams(entries.filter(([, value]) => value)).toString().replaceAll('%2F', '/').replaceAll('%3A', ':');
  return hash ? file + '#' + hash : file;
};
const isCell = (word) => word.split('/').length > 5;
/** What shows just the found cells on the board's own page: a whole id says its suite itself. */
const query = ({ table, words }, more = '') =>
  (words.some(isCell) ? words : [table.dataset.s + '/', more, ...words]).filter(Boolean).join(' ');

function apply() {
  const { q, k, s } = Object.fromEntries(keys.map((key) => [key, form.elements[key].value]));
  const words = wordsOf(q);
  const written = new Map(q.split(/\\s+/).map((word) => [word.toLowerCase(), word]));
  const holds = finder(words);
  const open = list.map(() => null);
  for (const line of lines) {
    const rest = words.filter((word) => !texts[line.board].includes(word));
    const { row, link, board, importer } = line;
    row.hidden = Boolean((k && list[board].className !== k) || (rest.length && !holds(line, rest)));
    if (row.hidden) continue;
    line.words = words.filter((word) => rest.includes(word) || holds(line, [word])).map((word) => written.get(word));
    (open[board] ??= new Set()).add(line.words.join(' '));
    link.setAttribute('href', addressOf(files[board], [['i', importer], ['q', line.words.length && query(line)]]));
  }
  for (const table of tables)
    table.parentElement.hidden = Boolean(s && table.dataset.s !== s) || ![...table.tBodies[0].rows].some((row) => !row.hidden);
  let hits = 0;
  list.forEach((row, n) => {
    const named = words.every((word) => texts[n].includes(word));
    row.hidden = Boolean(k && row.className !== k) || !(named || open[n]);
    hits += row.hidden ? 0 : 1;
    const carried = named ? [] : [...(open[n] ?? [])];
    row.querySelector('a').setAttribute('href', addressOf(files[n], [['q', carried.length === 1 && carried[0]]]));
  });
  const active = q || k || s;
  shown.textContent = active ? hits + ' of ' + list.length + ' boards' : '';
  document.getElementById('reset').hidden = !active;
}
function keep() {
  history.replaceState(null, '', addressOf('', keys.map((key) => [key, form.elements[key].value])) || location.pathname + location.search);
}
function read() {
  const hash = new URLSearchParams(location.hash.slice(1));
  for (const key of keys) form.elements[key].value = hash.get(key) ?? '';
  for (const select of form.querySelectorAll('select')) if (select.selectedIndex < 0) select.value = '';
  apply();
}
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('input', () => { apply(); keep(); });
document.getElementById('reset').addEventListener('click', () => { for (const key of keys) form.elements[key].value = ''; apply(); keep(); form.elements.q.focus(); });
/** A place leads to the cells that it stands for: the row's importer, and the column as a filter. */
document.addEventListener('click', (event) => {
  const td = event.target.closest('.ov td:not(:empty)');
  if (!td) return;
  const line = lineOf.get(td.parentElement);
  const heads = line.table.tHead.rows[0].cells;
  const column = heads[[...td.parentElement.cells].slice(0, td.cellIndex).reduce((sum, cell) => sum + cell.colSpan, 0)].textContent;
  const whole = column.includes(':') || column.startsWith('udmabuf');
  location.href = addressOf(files[line.board], [['i', line.importer], ['b', whole && column], ['q', query(line, !whole && column + ':')]]);
});
// A link within the page, as to its content, is no search.
addEventListener('hashchange', () => { if (!location.hash || location.hash.includes('=')) read(); });
form.hidden = false;
read();
`;
