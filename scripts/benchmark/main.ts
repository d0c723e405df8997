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

async function bench(): Promise<void> {
  const counts = {
    passes: positiveInt(values.passes),
    starts: positiveInt(values.starts),
    coldStarts: COLD_STARTS,
  };
  say(`starting ${values.board}`);
  const board = await deskBoard(values.board, {
    // A name, and so a disk, of its own: tests may go on beside it.
    name: `bench-${values.board}`,
    accel: accelerator(values.accel),
    progress: buildProgress(process.stderr),
  });
  const { folder, remove } = scratch();
  process.once('exit', remove);
  stopOnSignals(board);
  try {
    const lab = writeLab(folder, values.board, board);
    const cProgram = await buildYardstick(folder, board.arch);
    const figures = await board.with((session) =>
      measure(board, session, { lab, cProgram }, counts, say),
    );
    process.stdout.write(`${reportOf(values.board, board, figures)}\n`);
  } finally {
    await board.stop();
  }
}

/** Before there is a board, a signal ends us at once; QEMU always ends with us. */
function stopOnSignals(board: DeskBoard): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    process.once(signal, () => {
      interrupted = true;
      void board.stop().then(() => process.exit(code));
    });
}

let interrupted = false;
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
