import type { Command } from 'commander';
import { UserError } from '../../devices/problem.ts';
import { compareSides, type GateOptions, triedCells } from '../../reports/gate/compare.ts';
import { unsettledCells } from '../../reports/gate/confirm.ts';
import type { GateReport, GateSide } from '../../reports/gate/model.ts';
import { gateText } from '../../reports/gate/text.ts';
import { type GateVerdict, verdictOf } from '../../reports/gate/verdict.ts';
import { oneLine } from '../../reports/sanitize.ts';
import type { ConfirmFlags } from './confirm.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { writeBaseline } from './gate-baseline.ts';
import { type GateFlags, gateOptions } from './gate-options.ts';
import { baselineSide, runSide } from './gate-side.ts';
import type { Outcome } from './main.ts';
import { colourOf } from './output.ts';

const CODES: Readonly<Record<GateVerdict, ExitCode>> = {
  'not-comparable': EXIT.usage,
  lab: EXIT.lab,
  stop: EXIT.unexpected,
  go: EXIT.ok,
};

/** `bufmatrix gate --baseline RUN|FILE --candidate RUN` */
export function addGateCommand(program: Command, outcome: Outcome): void {
  const gate = program
    .command('gate')
    .description('what became better and worse from one run to another, and whether to go on')
    .action(async (flags: GateFlags) => {
      outcome.code = flags.writeBaseline
        ? keep(flags, flags.writeBaseline)
        : await compare(flags, flags.baseline);
    });
  for (const option of gateOptions()) gate.addOption(option);
}

async function compare(flags: GateFlags, name: string | undefined): Promise<ExitCode> {
  if (name === undefined)
    throw new UserError({
      code: 'usage',
      message: 'there is nothing to hold the candidate against',
      hint: 'name a run or a baseline file with --baseline, or write one with --write-baseline',
    });
  const sides = {
    baseline: baselineSide(name, flags.out),
    candidate: runSide(flags.candidate, flags.out),
  };
  // A gate that compares nothing would let everything through.
  if (!measured(sides.baseline))
    throw new UserError({
      code: 'no-run',
      message: `${name}: no cell was tried there`,
      hint: 'name a run that has records',
    });
  const { confirm } = flags;
  const report =
    confirm === undefined
      ? comparison(sides, flags)
      : await confirmed(sides, { ...flags, confirm });
  if (report === null) return EXIT.interrupted;
  const { stdout } = process;
  if (flags.json) stdout.write(`${JSON.stringify(report, null, 1)}\n`);
  else stdout.write(gateText(report, { columns: stdout.columns ?? 80, colour: colourOf(stdout) }));
  const code = CODES[verdictOf(report)];
  // A bisection is not to blame a commit for a cell that could not be tried.
  return flags.bisect && report.untried && code !== EXIT.usage ? EXIT.lab : code;
}

interface Sides {
  readonly baseline: GateSide;
  readonly candidate: GateSide;
}

function comparison(
  { baseline, candidate }: Sides,
  { varies, alpha, failOn, anyway }: GateFlags,
  confirm?: GateOptions['confirm'],
): GateReport {
  const options = { varies, alpha, failOn, anyway: anyway === true };
  return compareSides(baseline, candidate, confirm ? { ...options, confirm } : options);
}

/** The same after cells whose change may be chance were tried again; null when somebody stopped that. */
async function confirmed(
  sides: Sides,
  flags: GateFlags & ConfirmFlags,
): Promise<GateReport | null> {
  const first = comparison(sides, flags, 'wanted');
  const cells = unsettledCells(first);
  // Without a second look the first has all of alpha. A lab that failed is not asked again: its boards
  // come first.
  if (cells.length === 0 || verdictOf(first) === 'lab') return comparison(sides, flags);
  // Only here is anything of running boards loaded.
  const { tryAgain } = await import('./confirm.ts');
  const again = await tryAgain(sides, cells, flags);
  return again && comparison(sides, flags, again);
}

const measured = ({ boards }: GateSide) => [...boards.values()].some((one) => triedCells(one) > 0);

/** Writes a baseline file. A run that is not whole makes none: what it lacks would never be missed. */
function keep(flags: GateFlags, file: string): ExitCode {
  const side = runSide(flags.candidate, flags.out);
  for (const { board, incomplete, environment } of side.boards.values()) {
    if (incomplete === null && environment) continue;
    process.stderr.write(
      `bufmatrix: ${oneLine(`${board}: ${incomplete ?? 'no description of its environment'}`)}; no baseline is written. Next: go on with the run by --resume.\n`,
    );
    return EXIT.lab;
  }
  if (!measured(side))
    throw new UserError({
      code: 'no-run',
      message: `${flags.candidate}: no cell was tried there`,
      hint: 'name a run that has records',
    });
  writeBaseline(file, side);
  return EXIT.ok;
}
