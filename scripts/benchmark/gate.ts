import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { positiveInt } from '../../bin/cli/options.ts';
import { scratch } from '../../bin/testing/cli.ts';
import { contiguousDisplay, takesAll } from '../../policies/testing/facts.ts';
import { type RunSize, writeLargeRun } from './gate-runs.ts';
import { type Row, tableOf } from './table.ts';
import { startTaken, type Taken } from './taken.ts';

const USAGE = `Usage: scripts/bench --gate [--boards N] [--attempts N] [--passes N]

Measures what \`bufmatrix gate\` takes over a made-up run. The default is about a
million records.
`;

const { values } = parseArgs({
  options: {
    gate: { type: 'boolean' },
    boards: { type: 'string', default: '91' },
    attempts: { type: 'string', default: '10' },
    passes: { type: 'string', default: '3' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const gate = (folder: string, args: readonly string[]) =>
  startTaken(['gate', '--out', folder, ...args]);

/** Each is held against the aim of 10 s and 1 GB, the gates alone. */
const AIMS = {
  seconds: { words: '< 10', met: (seconds: number) => seconds < 10 },
  mib: { words: '< 954', met: (mib: number) => mib < 954 },
};

/** @param aim of the seconds: the one there is is for a million records. */
function rows(what: string, taken: readonly Taken[], aim: Pick<Row, 'aim'>): Row[] {
  return [
    { what: `${what}, s`, digits: 1, values: taken.map((one) => one.seconds), ...aim },
    { what: '  processor time, s', digits: 1, values: taken.map((one) => one.cpuSeconds) },
    { what: '  memory, MiB', digits: 0, values: taken.map((one) => one.mib), aim: AIMS.mib },
  ];
}

async function bench(size: RunSize, passes: number): Promise<void> {
  const { folder, remove } = scratch();
  process.once('exit', remove);
  const load = loadavg()[0] ?? 0;
  const before = writeLargeRun(folder, 'before', size, () => contiguousDisplay);
  // One board in ten takes what it refused before.
  const after = writeLargeRun(folder, 'after', size, (board) =>
    board % 10 === 0 ? takesAll : contiguousDisplay,
  );
  const file = join(folder, 'baseline.ndjson');
  const written = await gate(folder, ['--candidate', 'before', '--write-baseline', file]);
  const fromFile: Taken[] = [];
  const fromRun: Taken[] = [];
  for (let pass = 0; pass < passes; pass += 1) {
    fromFile.push(await gate(folder, ['--baseline', file, '--candidate', 'after']));
    fromRun.push(await gate(folder, ['--baseline', 'before', '--candidate', 'after']));
  }
  process.stdout.write(
    `${[
      `${after.records} records a run, ${Math.round(after.bytes / after.records)} bytes each, ${after.cells} cells on ${size.boards} boards`,
      `Node ${process.versions.node}, ${cpus().length} processors here, load ${load.toFixed(1)} at the start`,
      '',
      tableOf([
        ...rows('baseline file written', [written], { aim: AIMS.seconds }),
        ...rows('a run against the file', fromFile, { aim: AIMS.seconds }),
        ...rows('run against run, twice that', fromRun, {}),
      ]),
    ].join('\n')}\n`,
  );
  if (before.records !== after.records) throw new Error('the two runs are not of one size');
}

if (values.help) process.stdout.write(USAGE);
else
  await bench(
    { boards: positiveInt(values.boards), attempts: positiveInt(values.attempts) },
    positiveInt(values.passes),
  );
