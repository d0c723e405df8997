import pc from 'picocolors';
import type { CellReporter, CellVerdict } from '../../runners/host/cell-tests.ts';
import type { RunListener } from '../../runners/host/run.ts';
import type { CellRecord } from '../../suites/record.ts';

/** Where progress is written: a terminal gets one line that changes, a pipe one line an event. */
export interface ProgressOutput {
  readonly stream: NodeJS.WriteStream;
  readonly live: boolean;
  readonly colour: boolean;
}

interface BoardProgress {
  total: number;
  done: number;
  /** Done in an earlier part of the run: they took no time of this one. */
  readonly before: number;
  /** Ids seen, so that attempts of one cell count once. */
  readonly cells: Set<string>;
  readonly startedMs: number;
  current: string;
}

/** Text from a board or a file, fit for a terminal: no control characters. */
const plain = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

/** Follows a run: which board, which cell, how many of how many, time left. */
export function progress(
  output: ProgressOutput,
): RunListener & { reporter: CellReporter; stop(): void } {
  const { stream, live } = output;
  const colours = pc.createColors(output.colour);
  const boards = new Map<string, BoardProgress>();
  let shown = false;
  let lastDrawn = 0;

  const clear = () => {
    if (shown) stream.write('\r\x1b[K');
    shown = false;
  };
  const line = (text: string) => {
    clear();
    stream.write(`${plain(text)}\n`);
  };
  const draw = (force = false) => {
    const now = Date.now();
    if (!live || (!force && now - lastDrawn < 80)) return;
    lastDrawn = now;
    clear();
    const parts = [...boards].filter(([, one]) => one.done < one.total);
    if (parts.length === 0) return;
    const text = parts.map(([name, one]) => status(name, one)).join('  |  ');
    stream.write(fit(plain(text), (stream.columns ?? 80) - 1));
    shown = true;
  };

  return {
    boardState: (board, state, why) => {
      if (state === 'running') line(`${board}: connecting`);
      else line(`${board}: ${state}${why ? ` - ${why}` : ''}`);
    },
    planned: (board, plan, earlier) => {
      const total = plan.cells.filter((cell) => cell.skip === null).length;
      const cells = new Set(earlier.map(({ cell }) => cell));
      boards.set(board, {
        total,
        done: cells.size,
        before: cells.size,
        cells,
        startedMs: Date.now(),
        current: '',
      });
      const filtered = plan.cells.length - total;
      line(
        `${board}: ${total} cells${filtered ? `, ${filtered} left out by filters` : ''}${earlier.length ? `, ${earlier.length} attempts recorded before` : ''}`,
      );
    },
    started: (board, cell) => {
      const one = boards.get(board);
      if (one) one.current = cell;
      draw();
    },
    record: (board, record) => {
      const one = boards.get(board);
      if (!one) return;
      one.cells.add(record.cell);
      one.done = one.cells.size;
      if (!live) line(event(board, one, record));
      draw();
    },
    experiments: (board, count) => line(`${board}: ${count} experiments to tell causes apart`),
    finding: (board, what, text) => line(colours.yellow(`${board}: ${what}: ${plain(text)}`)),
    waiting: (board, holder, leftMs) =>
      line(`${board}: in use by ${holder}; waiting for it, ${Math.ceil(leftMs / 1000)} s at most`),
    reporter: {
      name: 'bufmatrix-progress',
      handler: (_runner, emitter) => {
        emitter.on('test:end', (test) => {
          const meta: unknown = test.meta?.['verdict'];
          if (!isVerdict(meta) || meta.expected) return;
          const board = String(test.meta?.['board'] ?? '');
          line(colours.red(`${board}: unexpected: ${test.title.original}: ${plain(meta.why)}`));
          draw(true);
        });
      },
    },
    stop: clear,
  };
}

function isVerdict(value: unknown): value is CellVerdict {
  return typeof value === 'object' && value !== null && 'expected' in value && 'why' in value;
}

/** `virtual-scatter 120/430 28% 0:41 left  egl-sample/udmabuf/...` */
function status(board: string, one: BoardProgress): string {
  const percent = one.total ? Math.floor((100 * one.done) / one.total) : 100;
  return `${board} ${one.done}/${one.total} ${percent}% ${timeLeft(one)} left  ${one.current}`;
}

function timeLeft(one: BoardProgress): string {
  if (one.done === one.before) return '?:??';
  const perCell = (Date.now() - one.startedMs) / (one.done - one.before);
  const seconds = Math.round(((one.total - one.done) * perCell) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** `virtual-scatter 120/430 pass cpu/udmabuf/-/XR24/640x480/0x0 3.2 ms`, for a log. */
function event(board: string, one: BoardProgress, record: CellRecord): string {
  const where = record.stage ? ` at ${record.stage}${record.errno ? ` ${record.errno}` : ''}` : '';
  const luck = record.lucky ? ' (lucky)' : '';
  const ms = (record.us / 1000).toFixed(1);
  return `${board} ${one.done}/${one.total} ${record.outcome}${luck}${where} ${record.cell} ${ms} ms`;
}

const fit = (text: string, width: number) =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
