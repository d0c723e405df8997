import type { Command } from 'commander';
import { boardNamed } from '../../devices/boards.ts';
import { diagnose } from '../../devices/doctor.ts';
import { mayExhaustCma } from '../../devices/profile.ts';
import { recognise } from '../../devices/recognise.ts';
import { heapWords } from '../../suites/heap-identity.ts';
import { EXIT } from './exit-codes.ts';
import { askBoard } from './inventory.ts';
import { openLab, shippedProfiles } from './lab.ts';
import type { Outcome } from './main.ts';
import { labOption } from './options.ts';

/** `bufmatrix doctor BOARD` */
export function addDoctorCommand(program: Command, outcome: Outcome): void {
  program
    .command('doctor')
    .description('what is missing on a board, and the line that mends it')
    .argument('<board>', 'a name from the lab file')
    .addOption(labOption())
    .action(async (name: string, flags: { lab?: string }) => {
      const board = boardNamed(name, openLab(flags.lab));
      const { profile } = board.profile;
      const egl = profile.devices.gpu.map(({ driver }) => driver);
      const inventory = await askBoard(board, egl, mayExhaustCma(profile), process.stderr);
      const findings = diagnose(profile, inventory);
      const profiles = shippedProfiles().map((loaded) => loaded.profile);
      const known = recognise(profiles, inventory).map((match) => match.profile.name);
      process.stdout.write(
        `${name}: kernel ${inventory.kernel.release}, ${inventory.kernel.machine}; recognised as ${known.join(', ') || 'no known board'}\n`,
      );
      process.stdout.write(`heaps: ${heapWords(inventory).join(', ') || 'none'}\n`);
      for (const { problem, mend } of findings) process.stdout.write(`- ${problem}\n    ${mend}\n`);
      if (findings.length === 0) process.stdout.write('nothing is missing\n');
      outcome.code = findings.length === 0 ? EXIT.ok : EXIT.unexpected;
    });
}
