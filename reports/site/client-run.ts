/**
 * Where a board's page has its cells: in the data file that was loaded before, as a page from disk
 * may load scripts only. Below a cell stand its two addresses and what became of it in other runs.
 */
export const CLIENT_RUN = `
const registered = globalThis.bufmatrixSite ?? [];
const loaded = registered.filter((one) => one.kind === 'run');
const past = registered.find((one) => one.kind === 'history');
const boardCount = loaded.length;
const load = (n) => loaded[n].data;
// The page itself is of one board and one run, or of its newest.
const placeOf = () => [];
const hashOf = (id) => '#' + new URLSearchParams({ cell: id }).toString();

function furtherNodes(cell) {
  const here = loaded[0].id;
  const links = part('Addresses', make('ul', { class: 'past' },
    make('li', {}, make('a', { href: here + '.html' + hashOf(cell.id) }, 'this cell in this run, for ever')),
    make('li', {}, make('a', { href: 'index.html' + hashOf(cell.id) }, 'this cell in the newest run'))));
  if (!past || past.runs.length < 2) return links;
  const line = Object.hasOwn(past.cells, cell.id) ? past.cells[cell.id] : '';
  const items = past.runs.map((run, n) => {
    const state = past.states[parseInt(line[n], 36)];
    const text = run.system + ', ' + run.when;
    return make('li', {},
      state ? tile(state) : make('span', { class: 'soft' }, '–'),
      state ? make('a', { href: run.id + '.html' + hashOf(cell.id), 'aria-current': run.id === here && 'page' }, text) : make('span', {}, text),
      make('span', { class: 'soft' }, state ? glyphs.get(state).word : 'no such cell'));
  });
  return [...links, ...part('In all runs of this board', make('ul', { class: 'past' }, items))];
}
`;
