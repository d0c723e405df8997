/**
 * Runs the project's tests with japa and ends with `N passed, N failed, N skipped`.
 *
 *   node scripts/spec.ts [--boards] [TEXT...]
 *
 * TEXT chooses spec files by a part of their path. `--boards` adds those that need a virtual board
 * (`*.board.spec.ts`); a file named by TEXT runs in any case.
 */
import { globSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { assert } from '@japa/assert';
import type { RunnerSummary } from '@japa/core/types';
import { configure, run } from '@japa/runner';
import { spec } from '@japa/runner/reporters';

process.chdir(resolve(dirname(new URL(import.meta.url).pathname), '..'));
// japa prints for ever into a pipe that nobody reads: its handler for EPIPE prints again.
process.stdout.on('error', () => process.exit(1));

const args = process.argv.slice(2);
const withBoards = args.includes('--boards');
const texts = args.filter((arg) => !arg.startsWith('-'));
const all = globSync('{bin,devices,policies,suites,runners,reports,scripts}/**/*.spec.ts').sort();
const named = (file: string) => texts.some((text) => file.includes(text));
const needsBoard = (file: string) => file.endsWith('.board.spec.ts');
const files = texts.length
  ? all.filter(named)
  : // The quick ones first: they find most of what is wrong.
    [...all.filter((f) => !needsBoard(f)), ...all.filter((f) => needsBoard(f) && withBoards)];
if (files.length === 0) {
  console.error(`no spec file has ${texts.join(' or ')} in its path`);
  process.exit(2);
}

/** The line that says it all, after japa's own summary. */
function closingLine({ aggregates }: RunnerSummary): string {
  const { passed, failed, skipped, regression, todo } = aggregates;
  return `${passed + regression} passed, ${failed} failed, ${skipped + todo} skipped`;
}

configure({
  files,
  plugins: [assert()],
  timeout: 60_000,
  forceExit: false,
  reporters: {
    activated: ['spec', 'closing'],
    list: [
      spec(),
      {
        name: 'closing',
        handler: (runner, emitter) => {
          emitter.on('runner:end', () => {
            const summary = runner.getSummary();
            process.on('exit', () => console.log(closingLine(summary)));
            // NO TESTS EXECUTED counts as good for japa; it is not.
            if (summary.aggregates.total === 0) process.exitCode = 1;
          });
        },
      },
    ],
  },
});
await run();
