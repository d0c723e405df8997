import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { globMatches } from '../../devices/glob.ts';
import { UserError } from '../../devices/problem.ts';
import { Environment, Tally } from '../../reports/gate/model.ts';
import { historyReport } from '../../reports/history/build.ts';
import { historyText } from '../../reports/history/text.ts';
import { oneLine } from '../../reports/sanitize.ts';
import { seenCells } from '../../runners/history/index.ts';
import type { DigestSource } from '../../runners/history/model.ts';
import { cacheFolder } from '../../runners/host/cache.ts';
import { codeVersion } from './code-version.ts';
import { countFolder } from './gate-side.ts';
import { colourOf } from './output.ts';

/** What records are judged and counted by. */
const SOURCES = [
  'suites',
  'devices',
  'reports/gate',
  // Has words of an environment that are compared.
  'reports/environment.ts',
  'runners/host',
  'bin/cli',
];

interface HistoryFlags {
  readonly board?: string;
  readonly out: string;
  readonly json?: true;
}

/** `bufmatrix history CELL` */
export function addHistoryCommand(program: Command): void {
  program
    .command('history')
    .description('since when a cell comes out as it does, and what changed with it')
    .argument('<cell>', "a cell's id; * for any text")
    .option('--board <board>', 'only on this board')
    .option('--out <dir>', 'the folder that holds the runs', 'results')
    .option('--json', 'print JSON')
    .action(history);
}

function history(cell: string, { board, out, json }: HistoryFlags): void {
  const folder = resolve(out);
  const seen = seenCells(folder, indexFile(folder), source(), (id) => globMatches(cell, id));
  for (const { folder: name, why } of seen.leftOut)
    process.stderr.write(`bufmatrix: ${oneLine(`${join(out, name)} is left out: ${why}`)}\n`);
  const sightings = seen.sightings.filter((one) => board === undefined || one.board === board);
  if (sightings.length === 0)
    throw new UserError({
      code: 'unknown-name',
      message: `no run in ${out} has a cell ${cell}${board === undefined ? '' : ` on ${board}`}`,
      hint: "take a cell's id from a report, or use * for any text: 'kms-primary/*'",
    });
  const report = historyReport(cell, sightings, seen.leftOut);
  const { stdout } = process;
  if (json) stdout.write(`${JSON.stringify(report, null, 1)}\n`);
  else
    stdout.write(historyText(report, { columns: stdout.columns ?? 80, colour: colourOf(stdout) }));
}

/** Not beside the results, which may be read-only, or shared by several versions of bufmatrix. */
function indexFile(out: string): string {
  let real = out;
  try {
    real = realpathSync(out);
  } catch {
    // Whoever lists the runs says so.
  }
  const name = createHash('sha256').update(real).digest('hex').slice(0, 16);
  return join(cacheFolder(), 'history', `${name}.sqlite`);
}

const source = (): DigestSource<Tally, Environment> => ({
  version: codeVersion(SOURCES),
  results: z.array(Tally),
  environment: Environment.nullable(),
  read: (folder) => {
    const { run, content, boards } = countFolder(folder);
    return {
      id: run.id,
      content,
      startedAt: run.startedAt,
      boards: [...boards.values()].map(({ board, environment, cells }) => ({
        board,
        environment,
        cells: [...cells].map(([cell, { results, why }]) => ({ cell, results, why })),
      })),
    };
  },
});
