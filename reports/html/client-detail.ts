/**
 * The part of the page's script that draws a cell's details. It builds nodes with textContent only,
 * so nothing that a board said can become markup. Plain JavaScript: it runs in the reader's browser.
 */
export const CLIENT_DETAIL = String.raw`
const make = (name, props, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props ?? {}))
    if (value === true) node.setAttribute(key, '');
    else if (value !== undefined && value !== false && value !== null) node.setAttribute(key, value);
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== '') node.append(child);
  return node;
};
const glyphs = new Map(JSON.parse(document.getElementById('glyphs').textContent).map((g) => [g.state, g]));
const tile = (state, x, letter) =>
  make('span', { class: 't s-' + state + (x ? ' x' : ''), 'aria-hidden': 'true' }, letter ?? glyphs.get(state).letter);
const time = (us) =>
  us < 1000 ? us + ' µs' : us < 1e6 ? (us / 1000).toFixed(us < 1e4 ? 1 : 0) + ' ms' : (us / 1e6).toFixed(2) + ' s';
const number = (n) => n.toLocaleString('en-US').replaceAll(',', '\u202f');
const bytes = (n) =>
  number(n) + ' bytes' + (n >= 1048576 ? ' (' + (n / 1048576).toFixed(1) + ' MiB)' : n >= 1024 ? ' (' + (n / 1024).toFixed(n < 10240 ? 1 : 0) + ' KiB)' : '');
const facts = (pairs) =>
  make('dl', { class: 'env' }, pairs.filter(([, v]) => v !== undefined && v !== null && v !== '').flatMap(([k, v]) => [make('dt', {}, k), make('dd', {}, String(v))]));

const marks = { ok: '✓', failed: '✗', wrong: '≠', unsupported: '–', entered: '†' };
const words = { failed: 'failed', wrong: 'wrong data', unsupported: 'unsupported', entered: 'the process ended in here' };
function ladder(stages) {
  const longest = Math.max(1, ...stages.map((s) => s[2]));
  const items = stages.map(([name, result, us, errno, detail]) => {
    const fill = make('i', {});
    fill.style.width = (us / longest) * 100 + '%';
    const bad = result !== 'ok';
    const said = [bad ? words[result] : '', errno && detail && detail.includes(errno) ? '' : errno, detail].filter(Boolean).join(': ');
    return make('li', { class: bad ? 'fail' : undefined },
      make('span', { 'aria-hidden': 'true' }, marks[result]),
      make('span', { class: 'name mono' }, name),
      make('span', { class: 'lane', 'aria-hidden': 'true' }, fill),
      make('span', { class: 'time' }, time(us)),
      said ? make('span', { class: 'said' }, said) : null);
  });
  return make('ol', { class: 'ladder' }, items);
}

const part = (title, ...nodes) => [make('h3', {}, title), ...nodes];
const lines = (title, list) => (list ? part(title, make('pre', { tabindex: '0' }, list.join('\n'))) : []);
const runs = (b) =>
  b.segments === null ? 'not known on this kernel' : b.segments === 1 ? '1, contiguous' : number(b.segments);

function attemptNodes(a) {
  const b = a.buf;
  const v = a.v;
  const first = v && v.first;
  return [
    a.r && a.r !== a.d ? make('p', {}, a.r) : null,
    a.st.length ? part('Ladder', ladder(a.st)) : null,
    b ? part('Buffer', facts([
      ['Size', bytes(b.size)], ['Strides', b.strides.join(', ')], ['Offsets', b.offsets.join(', ')],
      ['Modifier', b.modifier ?? 'the exporter does not say'], ['Segments', runs(b)],
      ['Longest run', b.longestRun === null ? 'not known on this kernel' : bytes(b.longestRun)], ['Exporter', b.exporter]])) : null,
    v ? part('Verified', facts([
      ['Compared', number(v.compared)], ['Wrong', number(v.wrong)],
      ['Tolerance', v.tolerance ? v.tolerance + ' of 255' : 'exact'],
      ['Control', { ok: 'glTexImage2D right', wrong: 'glTexImage2D wrong as well: no working renderer', none: 'none needed' }[v.control]],
      ['First wrong', first && first.x + ',' + first.y + ': ' + first.got + ' for ' + first.expected]])) : null,
    part('Attempt', facts([['Took', time(a.us)], ['Node', a.node], ['Ended', a.end], ['Held by', a.held], ['Not expected', a.x], ['At', a.at]])),
    lines('Kernel log', a.log),
    lines('stderr', a.err),
  ].flat();
}

function picker(label, entries, chosen, choose) {
  if (entries.length < 2) return null;
  return make('ul', { class: 'pick', 'aria-label': label }, entries.map((entry, n) => {
    const button = make('button', { type: 'button', class: 'chip', 'aria-pressed': String(n === chosen) }, tile(entry.state, entry.x, entry.letter), entry.text, make('span', { class: 'sr' }, ' ' + glyphs.get(entry.state).word));
    button.addEventListener('click', () => choose(n));
    return make('li', {}, button);
  }));
}

function copyButton(text) {
  const button = make('button', { type: 'button', class: 'plain' }, 'Copy');
  button.addEventListener('click', async () => {
    try { await navigator.clipboard.writeText(text); button.textContent = 'Copied'; }
    catch { getSelection().selectAllChildren(button.previousSibling); button.textContent = 'Selected'; }
  });
  return button;
}

function expectedNodes(cell) {
  const e = cell.e;
  if (!e) return [];
  return part(cell.no ? 'Claimed' : 'Expected', facts([['Outcome', e.d], ['Why', e.r], ['Basis', e.b], ...e.src.map((text, n) => [n ? ' ' : 'Source', text])]));
}
function standInNodes(cell, data) {
  const s = cell.si;
  if (!s) return [];
  return part('Measured on ' + data.beside, make('p', { class: 'verdict' }, tile(s.s), make('span', {}, s.d)), make('p', { class: 'soft' }, s.id), make('p', { class: 'soft' }, 'What differs there: ' + data.differs));
}

function cellNodes(cell, data, attempt, chooseAttempt) {
  const chosen = cell.a[attempt];
  return [
    make('p', { class: 'verdict' }, tile(cell.s, cell.x, cell.l), make('span', {}, cell.d)),
    cell.no ? null : make('p', { class: 'soft' }, make('span', { class: cell.x ? 'bad' : 'good' }, cell.x ? 'not as expected' : 'as expected'), ': ' + cell.w),
    ...(cell.y ? [make('p', {}, make('strong', {}, cell.y[0])), make('ul', {}, cell.y.slice(1).map((line) => make('li', {}, line)))] : []),
    cell.un ? make('p', { class: 'soft' }, 'This cell is not in the plan; it was recorded all the same.') : null,
    cell.wit ? make('p', { class: 'soft' }, 'Witness: nobody asked for this cell. It ran to tell whether a pass of another one is luck.') : null,
    cell.miss ? make('p', { class: 'soft' }, cell.miss + ' of ' + data.repeat + ' planned attempts missing.') : null,
    picker('Attempts', cell.a.map((a) => ({ state: a.o, x: a.x, text: 'attempt ' + a.n })), attempt, chooseAttempt),
    cell.a.length > 1 && chosen ? make('p', {}, make('strong', {}, chosen.d)) : null,
    ...(chosen ? attemptNodes(chosen) : cell.r && !cell.e ? [make('p', {}, cell.r)] : []),
    ...expectedNodes(cell),
    ...standInNodes(cell, data),
    ...(cell.cmd ? part(cell.no ? 'Run this cell' : 'Run this cell again', make('pre', { tabindex: '0' }, cell.cmd), copyButton(cell.cmd)) : []),
  ];
}
`;
