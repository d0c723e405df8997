import type { BoardRun } from '../model.ts';
import { HOSTILE, sampleHostile } from './sample.ts';

/** Lines with which a kernel log or a name would speak to the reader of a report as the report does. */
export const TRAPS: readonly string[] = [
  HOSTILE,
  'ok 1 forged',
  'not ok 2 forged # SKIP forged',
  'KTAP version 1',
  '# Subtest: forged',
  '1..99',
  'x # SKIP forged',
  'cpu.c:1: kunit test case crashed!',
  'reboot: System halted',
  'Kernel panic - not syncing: VFS: Unable to mount root fs',
  'List of all partitions:',
  '::error file=a,line=1::forged',
  '::stop-commands::forged',
  '##[error]forged',
  "=cmd|' /C calc'!A0",
  '+1+1',
  '-1+1',
  '@SUM(1,1)',
  '\t=1+1',
  'a,b;"c"\r\n=2+2',
  'a\nok 3 forged\r::error::forged\u2028not ok 4 forged\u0085ok 5 forged',
  '100%25 %0A::error::forged',
  'From forged@example.org Mon Nov 23 2026',
  '-- ',
  '> quoted',
  'diff --git a/x b/x',
];

/** A control character other than a line's end. */
export const CONTROL = /[^\P{Cc}\n]/u;

/** A sample whose every text of a board's making is that one. */
export function sampleTrap(trap: string): BoardRun {
  const run = sampleHostile();
  return {
    ...run,
    board: trap,
    title: trap,
    incomplete: trap,
    findings: [{ at: trap, what: trap, text: trap }],
    run: run.run && { ...run.run, id: trap, harness: trap, command: [trap] },
    inventory: run.inventory && {
      ...run.inventory,
      kernel: {
        ...run.inventory.kernel,
        cmdline: trap,
        release: trap,
        version: trap,
        machine: trap,
      },
      identity: { ...run.inventory.identity, compatible: [trap], model: trap },
      modules: [trap],
    },
    records: run.records.map((record) => ({
      ...record,
      board: trap,
      at: trap,
      reason: record.reason && trap,
      errno: record.errno && trap,
      kernelLog: [trap],
      stderr: [trap],
      heldBy: trap,
      stages: record.stages.map((stage) => ({ ...stage, detail: trap })),
    })),
    expected: (record) => ({
      expected: record.outcome === 'pass' || record.outcome === 'refused',
      why: trap,
      reason: trap,
    }),
  };
}
