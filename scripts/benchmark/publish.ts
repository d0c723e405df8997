import { cpSync, statSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { positiveInt } from '../../bin/cli/options.ts';
import { scratch } from '../../bin/testing/cli.ts';
import { type Opened, openOverview } from './publish-browser.ts';
import { type LabSize, nameOf, writeBoardRun, writeLab } from './publish-runs.ts';
import { type Row, tableOf } from './table.ts';
import { startTaken, type Taken } from './taken.ts';

const USAGE = `Usage: scripts/bench --publish [--boards N] [--kernels N] [--passes N]

Measures what \`bufmatrix publish\` takes over the made-up runs of a whole lab, each board once on each
kernel, and what its first page takes in Chromium. The default is 1,000 runs of a thousand cells.
`;

const { values } = parseArgs({
  options: {
    publish: { type: 'boolean' },
    boards: { type: 'string', default: '100' },
    kernels: { type: 'string', default: '10' },
    passes: { type: 'string', default: '3' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const below = (most: number) => ({ words: `< ${most}`, met: (value: number) => value < most });

function takenRows(what: string, taken: readonly Taken[], seconds?: number): Row[] {
  const aim = seconds === undefined ? {} : { aim: below(seconds) };
  return [
    { what: `${what}, s`, digits: 1, values: taken.map((one) => one.seconds), ...aim },
    { what: '  processor time, s', digits: 1, values: taken.map((one) => one.cpuSeconds) },
    { what: '  memory, MiB', digits: 0, values: taken.map((one) => one.mib) },
  ];
}

const SEARCHES = {
  first: 'board-1',
  cells: [
    'kms-primary/udmabuf/kms:contig_kms/NV12/1920x1080/0x0',
    `${nameOf(3)} egl-sample/heap:system/egl:gpu3/XR24/640x480/0x0`,
    'cpu/udmabuf-scattered/-/NV12/640x480/0x0',
    `${nameOf(7)} encoder/heap:reserved/v4l2-m2m:m2m7/NV12/1920x1080/0x0`,
  ],
  words: ['nv12 1920x1080', 'vm heap:reserved', 'kms:'],
};

/** Everything that was measured, sample by sample. */
interface Figures {
  readonly first: Taken;
  readonly same: readonly Taken[];
  readonly changed: readonly Taken[];
  readonly overviewBytes: number;
  readonly opened: readonly Opened[];
}

function rowsOf({ first, same, changed, overviewBytes, opened }: Figures): Row[] {
  const ms = { digits: 0 };
  const usable = opened.map(({ usableMs }) => usableMs);
  const cells = opened.flatMap(({ cellMs }) => cellMs);
  const words = opened.flatMap(({ wordsMs }) => wordsMs);
  return [
    ...takenRows('all runs, nothing kept', [first], 60),
    ...takenRows('again, nothing changed', same),
    ...takenRows('again, one run changed', changed, 5),
    { what: 'overview, kB', digits: 1, values: [overviewBytes / 1000], aim: below(200) },
    { ...ms, what: 'overview to first filter, ms', values: usable, aim: below(1000) },
    { ...ms, what: 'a cell found in it by its id, ms', values: cells, aim: below(100) },
    { ...ms, what: 'words of many rows, ms', values: words },
  ];
}

async function bench(size: LabSize, passes: number): Promise<void> {
  const { folder, remove } = scratch();
  process.once('exit', remove);
  const load = () => (loadavg()[0] ?? 0).toFixed(1);
  const [out, site] = [join(folder, 'results'), join(folder, 'site')];
  const written = writeLab(out, size);
  const atStart = load();
  const publish = () =>
    startTaken(['publish', site, '--out', out], { XDG_CACHE_HOME: join(folder, 'cache') });
  const first = await publish();
  const same: Taken[] = [];
  const changed: Taken[] = [];
  for (let pass = 1; pass <= passes; pass += 1) {
    same.push(await publish());
    writeBoardRun(out, 0, 0, pass);
    changed.push(await publish());
  }
  const overviewBytes = statSync(join(site, 'index.html')).size;
  const opened = await openOverview((to) => cpSync(site, to, PAGES), passes, SEARCHES);
  process.stdout.write(
    `${[
      `${written.runs} runs, ${written.cells} cells, ${Math.round(written.bytes / written.cells)} bytes a record, ${size.boards} boards on ${size.kernels} kernels`,
      `Node ${process.versions.node}, ${cpus().length} processors here, load ${atStart} at the start, ${load()} at the end`,
      '',
      tableOf(rowsOf({ first, same, changed, overviewBytes, opened })),
    ].join('\n')}\n`,
  );
}

/** What the overview loads. */
const PAGES = {
  recursive: true,
  filter: (path: string) => !/\/(boards|claims)$/.test(path),
};

if (values.help) process.stdout.write(USAGE);
else
  await bench(
    { boards: positiveInt(values.boards), kernels: positiveInt(values.kernels) },
    positiveInt(values.passes),
  );
