import { cpus } from 'node:os';
import type { DeskBoard } from '../../bin/testing/board.ts';
import { SIZE } from './cells.ts';
import type { Figures, Start } from './measure.ts';
import { REPEAT, WARM_UP } from './speed.ts';
import { type Row, tableOf } from './table.ts';

/** What is aimed at: a plain C program's time and little more, and a start that Node itself explains. */
const AIMS = {
  harnessToC: { words: '<= 1.20', below: 1.2 },
  share: { words: '< 10', below: 10 },
  start: { words: '< 1.00', below: 1 },
};

const ms = (us: number) => us / 1000;

function speedRows({ passes }: Figures): Row[] {
  return [
    { what: 'cells a second, warm', digits: 1, values: passes.map((pass) => 1e6 / pass.harness) },
    { what: 'time of a cell, ms', digits: 2, values: passes.map((pass) => ms(pass.harness)) },
    { what: '  of it, by its own record', digits: 2, values: passes.map((p) => ms(p.inCells)) },
    { what: '  the same calls in a tight loop', digits: 2, values: passes.map((p) => ms(p.loop)) },
    { what: '  the same cell in C', digits: 2, values: passes.map((pass) => ms(pass.c)) },
    {
      what: 'time of a cell / in C',
      digits: 2,
      values: passes.map(({ harness, c }) => harness / c),
      aim: AIMS.harnessToC,
    },
    { what: '  tight loop / in C', digits: 2, values: passes.map(({ loop, c }) => loop / c) },
    {
      what: "harness's own share of a cell, %",
      digits: 1,
      values: passes.map(({ harness, loop }) => 100 * (1 - loop / harness)),
      aim: AIMS.share,
    },
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
    { what: 'bytes sent, warm, KiB', digits: 1, values: receivedBytes.map((n) => n / 1024) },
  ];
}

/** All figures, and what they were taken on. */
export function reportOf(profile: string, board: DeskBoard, figures: Figures): string {
  const { ids, passing, leftOut, of, on } = figures.selection;
  return [
    `${profile}: QEMU ${board.accel} on ${cpus().length} CPUs, ${on.kernel}, ${on.mesa}, Node ${on.node}`,
    '',
    tableOf([...speedRows(figures), ...startRows(figures)]),
    '',
    `Cells: ${ids.length} of ${of} at ${SIZE}; ${passing.size} of them pass. Left out:`,
    ...[...leftOut].map(([why, { count }]) => `  ${count} ${why}`),
    `A time of a cell is a mean over all of them, attempts ${WARM_UP + 1} to ${REPEAT}, from one record`,
    'to the next. Starts and bytes are of a run of one cell on the CPU; cold: with',
    "nothing of ours on the board. Bytes are what its network card received, ssh's",
    'own among them.',
  ].join('\n');
}
