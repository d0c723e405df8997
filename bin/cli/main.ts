import { Command, CommanderError } from 'commander';
import { UserError } from '../../devices/problem.ts';
import { TransportError } from '../../runners/transports/session.ts';
import { addCommands } from './commands.ts';
import { bisectCode, EXIT, type ExitCode } from './exit-codes.ts';
import { version } from './version.ts';

/** Where a subcommand puts what the program shall exit with. */
export interface Outcome {
  code: ExitCode;
}

async function buildProgram(outcome: Outcome, name: string | undefined): Promise<Command> {
  const program = new Command('bufmatrix')
    .description(
      'Measures on which board which kind of dma-buf memory can be shared with which device.',
    )
    .version(version)
    .showSuggestionAfterError()
    .showHelpAfterError('(bufmatrix --help lists what there is)')
    .exitOverride();
  await addCommands(program, outcome, name);
  return program;
}

/** Tells what went wrong and what the exit code is for it. */
function explain(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof AggregateError) {
    const codes = error.errors.map(explain);
    return codes.includes(EXIT.usage) ? EXIT.usage : EXIT.lab;
  }
  if (error instanceof UserError) {
    process.stderr.write(`bufmatrix: ${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof TransportError) {
    process.stderr.write(`bufmatrix: ${error.message}\n`);
    return EXIT.lab;
  }
  process.stderr.write(
    `bufmatrix: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`,
  );
  return EXIT.lab;
}

/** Runs the command line. @returns the exit code. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const outcome: Outcome = { code: EXIT.ok };
  try {
    const program = await buildProgram(outcome, argv[0]);
    await program.parseAsync(argv, { from: 'user' });
    return outcome.code;
  } catch (error) {
    return explain(error);
  }
}

// A reader that goes away (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});
const args = process.argv.slice(2);
const code = await main(args);
// Also where the command line itself is wrong: git would take a 2 for a bad commit.
process.exitCode = args[0] === 'gate' && args.includes('--bisect') ? bisectCode(code) : code;
