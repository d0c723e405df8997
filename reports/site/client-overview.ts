/** The script of the overview: it filters boards, and keeps what was asked in the URL's hash. */
export const CLIENT_OVERVIEW = `
const form = document.getElementById('find');
const shown = document.getElementById('shown');
const list = [...document.querySelectorAll('#boards tbody tr')];
const lines = [...document.querySelectorAll('.ov tbody tr')];
const tables = [...document.querySelectorAll('.ov')];
const keys = ['q', 'k', 's'];
const hrefOf = (row) => row.querySelector('a').getAttribute('href').split('#')[0];
const texts = new Map(list.map((row) => [hrefOf(row), row.textContent.toLowerCase()]));

function apply() {
  const { q, k, s } = Object.fromEntries(keys.map((key) => [key, form.elements[key].value]));
  const words = q.toLowerCase().split(/\\s+/).filter(Boolean);
  const fits = (row, more) =>
    (!k || row.className === k) && words.every((word) => (texts.get(hrefOf(row)) + more).includes(word));
  let hits = 0;
  const open = new Set();
  for (const table of tables) {
    for (const row of table.tBodies[0].rows) {
      row.hidden = !fits(row, row.cells[0].textContent.toLowerCase());
      if (!row.hidden) open.add(hrefOf(row));
    }
    const rows = [...table.tBodies[0].rows].some((row) => !row.hidden);
    table.parentElement.hidden = !rows || Boolean(s && table.dataset.s !== s);
  }
  for (const row of list) {
    row.hidden = !(fits(row, '') || (words.length && open.has(hrefOf(row))));
    hits += row.hidden ? 0 : 1;
  }
  const active = q || k || s;
  shown.textContent = active ? hits + ' of ' + list.length + ' boards' : '';
  document.getElementById('reset').hidden = !active;
}
function keep() {
  const hash = new URLSearchParams(keys.map((key) => [key, form.elements[key].value]).filter(([, value]) => value)).toString();
  history.replaceState(null, '', hash ? '#' + hash : location.pathname + location.search);
}
function read() {
  if (location.hash && !location.hash.includes('=')) return;
  const hash = new URLSearchParams(location.hash.slice(1));
  for (const key of keys) form.elements[key].value = hash.get(key) ?? '';
  for (const select of form.querySelectorAll('select')) if (select.selectedIndex < 0) select.value = '';
  apply();
}
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('input', () => { apply(); keep(); });
document.getElementById('reset').addEventListener('click', () => { for (const key of keys) form.elements[key].value = ''; apply(); keep(); form.elements.q.focus(); });
/** A place leads to the cells that it stands for: the row's address, and the column as a filter. */
document.addEventListener('click', (event) => {
  const td = event.target.closest('.ov td[class]');
  if (!td) return;
  const table = td.closest('table');
  const column = table.tHead.rows[0].cells[td.cellIndex].textContent;
  const whole = column.includes(':') || column.startsWith('udmabuf');
  const [file, hash = ''] = td.parentElement.querySelector('a').getAttribute('href').split('#');
  const wanted = new URLSearchParams(hash);
  if (whole) wanted.set('b', column);
  wanted.set('q', table.dataset.s + '/' + (whole ? '' : ' ' + column + ':'));
  location.href = file + '#' + wanted;
});
addEventListener('hashchange', read);
form.hidden = false;
read();
`;
