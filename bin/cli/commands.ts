import type { Command } from 'commander';
import type { Outcome } from './main.ts';

type AddCommand = (program: Command, outcome: Outcome) => Promise<void>;

/** Every subcommand by its name, in the order of the help. Each is loaded when it is asked for. */
const COMMANDS: ReadonlyMap<string, AddCommand> = new Map<string, AddCommand>([
  ['run', async (...to) => (await import('./run-command.ts')).addRunCommand(...to)],
  ['report', async (...to) => (await import('./report-command.ts')).addReportCommand(...to)],
  ['publish', async (to) => (await import('./publish-command.ts')).addPublishCommand(to)],
  ['boards', async (to) => (await import('./boards-command.ts')).addBoardsCommand(to)],
  ['doctor', async (...to) => (await import('./doctor-command.ts')).addDoctorCommand(...to)],
  ['probe', async (to) => (await import('./probe-command.ts')).addProbeCommand(to)],
  ['policy', async (...to) => (await import('./policy-command.ts')).addPolicyCommand(...to)],
  ['submit', async (to) => (await import('./submit-command.ts')).addSubmitCommand(to)],
  ['gate', async (...to) => (await import('./gate-command.ts')).addGateCommand(...to)],
  ['history', async (to) => (await import('./history-command.ts')).addHistoryCommand(to)],
  ['ci', async (to) => (await import('./ci-command.ts')).addCiCommand(to)],
]);

/**
 * Adds the subcommand that is named, or all of them for the help and for a name that is none: what
 * the others stand on would only make its start longer.
 */
export async function addCommands(
  program: Command,
  outcome: Outcome,
  name: string | undefined,
): Promise<void> {
  const named = name === undefined ? undefined : COMMANDS.get(name);
  for (const add of named ? [named] : COMMANDS.values()) await add(program, outcome);
  for (const command of program.commands) {
    command.exitOverride();
    for (const inner of command.commands) inner.exitOverride();
  }
}
