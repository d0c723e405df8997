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
import { pathToFileURL } from 'node:url';
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

/** The lines that say it all, after japa's own summary: of a long log often the end alone is kept. */
function closingLines({ aggregates, failureTree }: RunnerSummary): string {
  const { passed, failed, skipped, regression, todo } = aggregates;
  const nodes = failureTree.flatMap(({ children }) => children);
  const lines = [
    ...failureTree.flatMap(({ name, errors }) => failedLine(name, errors)),
    ...nodes.flatMap((node) =>
      node.type === 'test'
        ? failedLine(node.title, node.errors)
        : [
            ...failedLine(node.name, node.errors),
            ...node.children.flatMap((one) =>
              failedLine(`${node.name} / ${one.title}`, one.errors),
            ),
          ],
    ),
  ];
  // Set-up or cleanup of a group that failed is no test that failed, for japa.
  const more = Math.max(0, lines.length - failed);
  const counts = `${passed + regression} passed, ${failed + more} failed, ${skipped + todo} skipped`;
  return [...lines, counts].join('\n');
}

/** What failed and, in a line, why. */
function failedLine(name: string, errors: readonly { readonly error: unknown }[]): string[] {
  const [first] = errors;
  if (!first) return [];
  const why = first.error instanceof Error ? first.error.message : String(first.error);
  return [`FAILED ${name}: ${why.replace(/\s+/g, ' ').slice(0, 300)}`];
}

configure({
  // As a function: a list would be sorted by name.
  files: () => files.map((file) => pathToFileURL(resolve(file))),
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
            process.on('exit', () => console.log(closingLines(summary)));
            // NO TESTS EXECUTED counts as good for japa; it is not.
            if (summary.aggregates.total === 0) process.exitCode = 1;
          });
        },
      },
    ],
  },
});
await run();
