import { createRequire } from 'node:module';
import type { Builder, TestCase } from 'junit-report-builder';
import { causeLines, causeSuffix } from './causes.ts';
import { explainCell, rerunCommand, ruleOf, WITNESS_WORDS, witnessMark } from './describe.ts';
import { environmentOf, kindOf } from './environment.ts';
import { UNMEASURED } from './glyphs.ts';
import { ladderText } from './ladder.ts';
import { type BoardMatrix, boardMatrices } from './matrix.ts';
import type { BoardRun, MatrixCell } from './model.ts';
import { oneLine } from './sanitize.ts';
import { notMeasured } from './unmeasured.ts';

const NEVER_TRIED = new Set(['unsupported', 'blocked', 'not-run']);

/** Its types say `export default`, its JavaScript says `module.exports`: require has it right. */
function newBuilder(): Builder {
  const junit: { newBuilder(): Builder } = createRequire(import.meta.url)('junit-report-builder');
  return junit.newBuilder();
}

/** XML text; oneLine has already taken what XML forbids. */
function attribute(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/**
 * The builder writes `<skipped/>` and drops the reason. It writes them in the order of the cells,
 * so the n-th one outside CDATA gets the n-th reason.
 */
function keepSkipReasons(xml: string, reasons: readonly string[]): string {
  let next = 0;
  return (
    xml
      // The builder's own addition, which the schema of Jenkins does not know.
      .replace(/(<testsuites [^>]*?) skipped="\d+"/, '$1')
      .replace(/<!\[CDATA\[[\s\S]*?\]\]>|<skipped\s*\/>/g, (found) =>
        found.startsWith('<skipped')
          ? `<skipped message="${attribute(reasons[next++] ?? '')}"/>`
          : found,
      )
  );
}

/** The builder ends CDATA properly at the first `]]>` of a text only, so there must be none. */
const cdata = (text: string) => text.replaceAll(']]>', ']] >');

function evidence(board: BoardMatrix, entry: MatrixCell): string {
  const lines = [
    oneLine(entry.cell.id),
    ...(entry.witness ? [WITNESS_WORDS] : []),
    explainCell(entry),
    `expected: ${entry.expected ? 'yes' : 'no'}, ${ruleOf(entry)}`,
    ...(entry.cause ? causeLines(entry.cause).map((line, n) => (n ? `  ${line}` : line)) : []),
    ...entry.attempts.flatMap(({ record }) => ladderText(record)),
    ...againLines(board, entry),
  ];
  return cdata(lines.join('\n'));
}

function againLines({ run }: BoardMatrix, entry: MatrixCell): string[] {
  const command = rerunCommand(run, entry);
  return command === null ? [] : [`again: ${command}`];
}

const stateWord = (entry: MatrixCell) =>
  entry.state === 'filtered' || entry.state === 'lucky'
    ? (entry.shown?.outcome ?? 'not-run')
    : entry.state;

/** Fills one test case in; returns the skip reason where it is skipped. */
function fill(board: BoardMatrix, entry: MatrixCell, test: TestCase): string | null {
  const us = entry.attempts.reduce((sum, { record }) => sum + record.us, 0);
  test
    .className(`${oneLine(board.label)}.${entry.cell.suite}`)
    .name(oneLine(entry.cell.id))
    .time(us / 1e6);
  if (!entry.expected) {
    test
      .failure(explainCell(entry) + causeSuffix(entry), stateWord(entry))
      .stacktrace(evidence(board, entry));
    return null;
  }
  if (UNMEASURED.has(entry.state)) {
    test.skipped();
    return notMeasured(board.run, entry);
  }
  if (NEVER_TRIED.has(entry.state)) {
    test.skipped();
    return `${explainCell(entry)}${causeSuffix(entry)}${witnessMark(entry)}`;
  }
  if (entry.state !== 'pass' || entry.witness) test.standardOutput(evidence(board, entry));
  return null;
}

/** A board without cells would vanish from the report, and its absence look like success. */
function neverTried(builder: Builder, { label, run }: BoardMatrix): void {
  const name = oneLine(label);
  const test = builder.testSuite().name(name).testCase().className(name).name('board');
  test.failure(oneLine(run.incomplete ?? 'the plan has no cells'), 'not-run');
}

/**
 * JUnit XML: classname is board.suite, name the cell. A cell that is not as expected is a failure,
 * a cell that was never reported among them; what could not be tried, and was expected so, and what
 * is only claimed, is skipped with its reason; all else passes, its ladder in system-out where it is
 * no plain pass or nobody asked for the cell.
 */
export function junitReport(runs: readonly BoardRun[]): string {
  const builder = newBuilder().name('bufmatrix');
  const reasons: string[] = [];
  for (const board of boardMatrices(runs)) {
    if (!board.cells.length) neverTried(builder, board);
    for (const [suite, cells] of Map.groupBy(board.cells, ({ cell }) => cell.suite)) {
      const us = cells.flatMap(({ attempts }) => attempts).reduce((n, a) => n + a.record.us, 0);
      const node = builder
        .testSuite()
        .name(`${oneLine(board.label)}.${suite}`)
        .time(Math.round(us / 1e3) / 1e3)
        .property('kind', kindOf(board.run));
      if (board.run.run) node.timestamp(oneLine(board.run.run.startedAt));
      for (const { name, value } of environmentOf(board.run)) node.property(name, value);
      if (board.run.incomplete) node.property('incomplete', oneLine(board.run.incomplete));
      for (const entry of cells) {
        const reason = fill(board, entry, node.testCase());
        if (reason !== null) reasons.push(reason);
      }
    }
  }
  return keepSkipReasons(builder.build(), reasons);
}
