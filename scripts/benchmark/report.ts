import { cpus } from 'node:os';
import type { DeskBoard } from '../../bin/testing/board.ts';
import { SIZE } from './cells.ts';
import type { Figures, Start } from './measure.ts';
import { spreadOf } from './samples.ts';
import { REPEAT, type Times, WARM_UP } from './speed.ts';
import { type Row, tableOf } from './table.ts';

/** What is aimed at: a plain C program's time and little more, and a start that Node itself explains. */
const AIMS = {
  toC: { words: '<= 1.20', met: (ratio: number) => ratio <= 1.2 },
  share: { words: '< 10', met: (percent: number) => percent < 10 },
  start: { words: '< 1.00', met: (ratio: number) => ratio < 1 },
};

function speedRows({ passes }: Figures): Row[] {
  const values = (of: (times: Times) => number) => passes.map(({ all }) => of(all));
  const toC = values(({ harness, c }) => harness / c);
  const share = values(({ harness, loop }) => 100 * (1 - loop / harness));
  return [
    { what: 'cells a second, warm', digits: 1, values: values(({ harness }) => 1e6 / harness) },
    { what: 'time of a cell, ms', digits: 2, values: values(({ harness }) => harness / 1000) },
    { what: '  as its own record has it', digits: 2, values: values((all) => all.inCells / 1000) },
    { what: '  in a tight loop', digits: 2, values: values(({ loop }) => loop / 1000) },
    { what: '  in C', digits: 2, values: values(({ c }) => c / 1000) },
    { what: 'time of a cell / in C', digits: 2, values: toC, aim: AIMS.toC },
    { what: '  in a tight loop / in C', digits: 2, values: values(({ loop, c }) => loop / c) },
    { what: "harness's own share of a cell, %", digits: 1, values: share, aim: AIMS.share },
  ];
}

/** Medians, since one figure for all suites says little of any. */
function suiteLines({ passes }: Figures): string[] {
  const suites = [...(passes[0]?.suites.keys() ?? [])];
  const columns = (cells: readonly string[]) => cells.map((cell) => cell.padStart(9)).join('');
  return [
    `By suite, medians in ms${columns(['harness', 'loop', 'C', 'to C'])}`,
    ...suites.map((suite) => {
      const median = (of: (times: Times) => number) =>
        spreadOf(passes.flatMap((pass) => pass.suites.get(suite) ?? []).map(of)).median.toFixed(2);
      const numbers = [
        median(({ harness }) => harness / 1000),
        median(({ loop }) => loop / 1000),
        median(({ c }) => c / 1000),
        median(({ harness, c }) => harness / c),
      ];
      return `  ${suite.padEnd(21)}${columns(numbers)}`;
    }),
  ];
}

function startRows({ coldMs, starts, receivedBytes }: Figures): Row[] {
  const inSeconds = (of: (start: Start) => number) => starts.map((start) => of(start) / 1000);
  return [
    { what: 'run to first record, cold, s', digits: 2, values: coldMs.map((ms) => ms / 1000) },
    { what: 'run to first record, warm, s', digits: 2, values: inSeconds((s) => s.oneMs) },
    { what: '  in a run of everything', digits: 2, values: inSeconds((s) => s.allMs) },
    { what: "  Node's bare start there, s", digits: 2, values: inSeconds((s) => s.nodeMs) },
    { what: '  one ssh command, s', digits: 2, values: inSeconds((s) => s.sshMs) },
    {
      what: 'warm start / (2 Node + 1 ssh)',
      digits: 2,
      values: starts.map(({ oneMs, nodeMs, sshMs }) => oneMs / (2 * nodeMs + sshMs)),
      aim: AIMS.start,
    },
    {
      what: '  warm start / 2 (Node + ssh)',
      digits: 2,
      values: starts.map(({ oneMs, nodeMs, sshMs }) => oneMs / (2 * (nodeMs + sshMs))),
    },
    { what: 'bytes sent, warm, KiB', digits: 1, values: receivedBytes.map((n) => n / 1024) },
  ];
}

/** All figures, and what they were taken on. */
export function reportOf(profile: string, board: DeskBoard, figures: Figures): string {
  const { ids, passing, leftOut, of, on } = figures.selection;
  return [
    `${profile}, QEMU ${board.accel}, ${cpus().length} processors here`,
    `Linux ${on.kernel}, ${on.mesa}, Node ${on.node}`,
    '',
    tableOf([...speedRows(figures), ...startRows(figures)]),
    '',
    ...suiteLines(figures),
    '',
    `Cells: ${ids.length} of ${of} at ${SIZE}; ${passing.size} of them pass. Left out:`,
    ...[...leftOut].map(([why, { count }]) => `  ${count} ${why}`),
    `A time of a cell is a mean over all of them, attempts ${WARM_UP + 1} to ${REPEAT}, from one record`,
    'to the next; in `encoder` the harness codes a second picture, which C does not.',
    'Starts and bytes are of a run of one cell on the CPU; cold: with nothing of ours',
    "on the board. Bytes are what its network card received, ssh's own among them.",
  ].join('\n');
}
