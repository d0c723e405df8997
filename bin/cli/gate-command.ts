import type { Command } from 'commander';
import { UserError } from '../../devices/problem.ts';
import { compareSides, triedCells } from '../../reports/gate/compare.ts';
import type { GateSide } from '../../reports/gate/model.ts';
import { gateText } from '../../reports/gate/text.ts';
import { type GateVerdict, verdictOf } from '../../reports/gate/verdict.ts';
import { oneLine } from '../../reports/sanitize.ts';
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
    .action((flags: GateFlags) => {
      outcome.code = flags.writeBaseline
        ? keep(flags, flags.writeBaseline)
        : compare(flags, flags.baseline);
    });
  for (const option of gateOptions()) gate.addOption(option);
}

function compare(flags: GateFlags, name: string | undefined): ExitCode {
  if (name === undefined)
    throw new UserError({
      code: 'usage',
      message: 'there is nothing to hold the candidate against',
      hint: 'name a run or a baseline file with --baseline, or write one with --write-baseline',
    });
  const baseline = baselineSide(name, flags.out);
  // A gate that compares nothing would let everything through.
  if (!measured(baseline))
    throw new UserError({
      code: 'no-run',
      message: `${name}: no cell was tried there`,
      hint: 'name a run that has records',
    });
  const candidate = runSide(flags.candidate, flags.out);
  const { varies, alpha, failOn, anyway = false } = flags;
  const report = compareSides(baseline, candidate, { varies, alpha, failOn, anyway });
  const { stdout } = process;
  if (flags.json) stdout.write(`${JSON.stringify(report, null, 1)}\n`);
  else stdout.write(gateText(report, { columns: stdout.columns ?? 80, colour: colourOf(stdout) }));
  const code = CODES[verdictOf(report)];
  // A bisection is not to blame a commit for a cell that could not be tried.
  return flags.bisect && report.untried && code !== EXIT.usage ? EXIT.lab : code;
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
