import { basename, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { packageRoot } from '../../bin/cli/version.ts';
import { BOARD, type BothSides, gateOf, resultsIn, runBoth, showsIt } from './both-sides.ts';
import { offeredSeries, type Part, updatesOf } from './updates.ts';

const USAGE = `Usage: scripts/demo-gate [--only kernel|mesa] [FOLDER]

Updates the kernel of a virtual board, and its Mesa, and holds each board
against itself before the update. Lab files and runs go into FOLDER
(default: demo-gate). Exit code 1: the gate did not answer as it should. 3: no
Debian suite has the versions any more.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
});

const say = (text: string) => void process.stdout.write(`${text}\n`);
const launcher = join(packageRoot, 'bin', 'bufmatrix.js');

/** A word as it would be typed. */
const typed = (word: string) => (/^[\w./:,=-]+$/.test(word) ? word : `'${word}'`);

/** Starts bufmatrix. What goes to stderr is seen as it comes. */
async function quietly(args: readonly string[]) {
  const { exitCode, stdout } = await execa(process.execPath, [launcher, ...args], {
    reject: false,
    stdin: 'ignore',
    stderr: 'inherit',
  });
  return { code: exitCode ?? -1, stdout };
}

/** The same, with the command before it and what it printed after it. */
async function shown(args: readonly string[]) {
  say(`\n$ bufmatrix ${args.map(typed).join(' ')}`);
  const result = await quietly(args);
  say(result.stdout);
  say(`(exit code ${result.code})`);
  return result;
}

/** The same, where what it prints is long and lies in a file. */
async function begun(args: readonly string[]) {
  say(`\n$ bufmatrix ${args.map(typed).join(' ')}`);
  return quietly(args);
}

/** The newest update that shows the change, run on both sides; null where there is none. */
async function newestThatShows(part: Part, folder: string): Promise<BothSides | null> {
  const offered = await offeredSeries(part);
  for (const update of updatesOf(part, offered)) {
    say(`\n== ${part} ${update.before} -> ${update.after} ==`);
    const sides = await runBoth(update, folder, begun);
    if (await showsIt(sides, quietly)) return sides;
    say(`${part} ${update.before} has it already`);
  }
  say(`\n${part}: no Debian suite has versions that show it; there are ${offered.join(', ')}`);
  return null;
}

/** @returns whether the gate answered as it should; null where there was nothing to ask. */
type Demo = (folder: string) => Promise<boolean | null>;

const kernel: Demo = async (folder) => {
  const sides = await newestThatShows('kernel', folder);
  if (sides === null) return null;
  const { code } = await shown([
    ...gateOf('kernel', sides.before, sides.after),
    '--confirm',
    '--out',
    resultsIn(folder),
  ]);
  say(
    '\nThe CMA heap has a second name there: what that means to a policy that knows the first one.',
  );
  const { stdout } = await shown([
    'policy',
    'check',
    '--policy',
    'libcamera-0.7.2',
    '--use-case',
    'viewfinder-kms',
    '--board',
    BOARD,
    '--out',
    resultsIn(folder),
  ]);
  return code === 0 && /default_cma_region/.test(stdout);
};

const mesa: Demo = async (folder) => {
  const sides = await newestThatShows('mesa', folder);
  if (sides === null) return null;
  const { code } = await shown(gateOf('mesa', sides.before, sides.after));
  say('\nThe other way round, which has to stop the merge:');
  const back = await shown(gateOf('mesa', sides.after, sides.before));
  return code === 0 && back.code === 1;
};

async function demo(): Promise<number> {
  const folder = relative('', resolve(positionals[0] ?? 'demo-gate')) || '.';
  const all = Object.entries({ kernel, mesa });
  const { only } = values;
  const chosen = all.filter(([name]) => only === undefined || name === only);
  if (chosen.length === 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const answers: (boolean | null)[] = [];
  for (const [, run] of chosen) answers.push(await run(folder));
  say(`\nRuns: ${resultsIn(folder)}, lab files beside ${basename(resultsIn(folder))}.`);
  if (answers.includes(false)) return 1;
  return answers.includes(null) ? 3 : 0;
}

if (values.help) process.stdout.write(USAGE);
else process.exitCode = await demo();
