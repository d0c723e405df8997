import { parseArgs } from 'node:util';
import { buildProgress } from '../../bin/cli/build-progress.ts';
import { positiveInt } from '../../bin/cli/options.ts';
import { type DeskBoard, deskBoard } from '../../bin/testing/board.ts';
import { scratch } from '../../bin/testing/cli.ts';
import { buildYardstick } from '../../bin/testing/yardstick.ts';
import { UserError } from '../../devices/problem.ts';
import { writeLab } from './lab.ts';
import { measure } from './measure.ts';
import { reportOf } from './report.ts';

const USAGE = `Usage: scripts/bench [--board NAME] [--accel auto|tcg|kvm] [--passes N] [--starts N]
       scripts/bench --gate [--boards N] [--attempts N] [--passes N]

Measures what bufmatrix costs on a virtual board: cells a second, its share of a
cell's time, the time to the first record, bytes sent. N samples of each.
`;

const { values } = parseArgs({
  options: {
    board: { type: 'string', default: 'virtual-scatter' },
    accel: { type: 'string', default: 'auto' },
    passes: { type: 'string', default: '5' },
    starts: { type: 'string', default: '5' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** A cold start takes as long as Node's 120 MB do. */
const COLD_STARTS = 2;

const say = (text: string) => void process.stderr.write(`${text}\n`);

function accelerator(text: string): 'auto' | 'tcg' | 'kvm' {
  if (text === 'auto' || text === 'tcg' || text === 'kvm') return text;
  throw new UserError({
    code: 'usage',
    message: `--accel ${text}: no such accelerator`,
    hint: 'name auto, tcg or kvm',
  });
}

/** What a signal stops; without it, QEMU ends with us. */
let board: DeskBoard | null = null;
let interrupted = false;

async function bench(): Promise<void> {
  const counts = {
    passes: positiveInt(values.passes),
    starts: positiveInt(values.starts),
    coldStarts: COLD_STARTS,
  };
  const accel = accelerator(values.accel);
  const { folder, remove } = scratch();
  // Also what ssh and the command line make for themselves goes there, and with it.
  process.env['TMPDIR'] = folder;
  process.once('exit', remove);
  // Not `once`: execa ends the process at a signal that nobody else listens to any more.
  process.on('SIGINT', () => void leave(130));
  process.on('SIGTERM', () => void leave(143));
  say(`starting ${values.board}`);
  // A name, and so a disk, of its own: tests may go on beside it.
  const name = `bench-${values.board}`;
  const progress = buildProgress(process.stderr);
  const desk = await deskBoard(values.board, { name, accel, progress });
  board = desk;
  try {
    const lab = writeLab(folder, values.board, desk);
    const cProgram = await buildYardstick(folder, desk.arch);
    const figures = await desk.with((session) =>
      measure(desk, session, { lab, cProgram }, counts, say),
    );
    process.stdout.write(`${reportOf(values.board, desk, figures)}\n`);
  } finally {
    await desk.stop();
  }
}

async function leave(code: number): Promise<void> {
  interrupted = true;
  await board?.stop();
  process.exit(code);
}

try {
  if (values.help) process.stdout.write(USAGE);
  else await bench();
} catch (error) {
  // What broke because the board was being stopped is no news.
  if (!interrupted) {
    const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
    say(`bench: ${error instanceof UserError ? error.message : words}`);
    process.exitCode = 1;
  }
}
