import { tellCell } from './causes.ts';
import { rerunCommand, ruleOf, verdictOf } from './describe.ts';
import { environmentOf, kindOf } from './environment.ts';
import { UNMEASURED } from './glyphs.ts';
import { ladderText } from './ladder.ts';
import { type BoardMatrix, boardMatrices, countCells } from './matrix.ts';
import type { BoardRun, MatrixCell } from './model.ts';
import { oneLine } from './sanitize.ts';
import { notMeasured } from './unmeasured.ts';

/** One test with its subtests, as Documentation/dev-tools/ktap.rst has it. */
interface KtapTest {
  readonly ok: boolean;
  readonly name: string;
  /** `SKIP why`, `XFAIL what`; null where the result is all there is to say. */
  readonly directive: string | null;
  /** Stand before the subtests, or before the result where there are none. */
  readonly diagnostics: readonly string[];
  readonly subtests: readonly KtapTest[];
}

const NEVER_TRIED = new Set<MatrixCell['state']>(['unsupported', 'blocked', 'not-run']);
const PASSED = new Set<MatrixCell['state']>(['pass', 'lucky']);

/**
 * One line of a board's text. tools/testing/kunit/kunit_parser.py stops reading wherever a line
 * holds one of these endings of a kernel log (KTAP_END), and sees a crash in the other (kunit itself
 * writes it), so all of them get a backslash.
 */
function ktapLine(text: string): string {
  return oneLine(text).replace(
    /(List of all partitions|Kernel panic - not syncing: VFS|reboot|kunit test case crashed)(?=[:!])/g,
    '$1\\',
  );
}

/** A description: any text but `#`, and no `- ` before it, which readers take away. */
function ktapName(text: string): string {
  return (
    ktapLine(text)
      .replaceAll('#', '_')
      .replace(/^[\s-]+/, '')
      .trim() || '_'
  );
}

/** What follows the `#` of a result: a second ` # SKIP` in it would be taken for the directive. */
const ktapDirective = (word: string, why: string) =>
  `${word} ${ktapLine(why).replaceAll('#', '\\#')}`.trimEnd();

function directiveOf({ run }: BoardMatrix, entry: MatrixCell): string | null {
  if (!entry.expected) return null;
  if (UNMEASURED.has(entry.state)) return ktapDirective('SKIP', notMeasured(run, entry));
  if (NEVER_TRIED.has(entry.state)) return ktapDirective('SKIP', tellCell(entry));
  return PASSED.has(entry.state) ? null : ktapDirective('XFAIL', tellCell(entry));
}

function cellTest(board: BoardMatrix, entry: MatrixCell): KtapTest {
  const again = entry.expected ? null : rerunCommand(board.run, entry);
  const plain = UNMEASURED.has(entry.state) || (entry.expected && entry.state === 'pass');
  const diagnostics = plain
    ? []
    : [
        tellCell(entry),
        `expected: ${entry.expected ? 'yes' : 'no'}, ${ruleOf(entry)}`,
        ...entry.attempts.flatMap(({ record }) => ladderText(record)),
        ...(again === null ? [] : [`again: ${again}`]),
      ];
  return {
    ok: entry.expected,
    name: ktapName(entry.cell.id),
    directive: directiveOf(board, entry),
    diagnostics,
    subtests: [],
  };
}

function suiteTest(board: BoardMatrix, suite: string, cells: readonly MatrixCell[]): KtapTest {
  const { measured, unexpected } = countCells(cells);
  return {
    ok: unexpected === 0,
    // As in JUnit: readers that show a name without its parents still tell two boards apart.
    name: ktapName(`${board.label}.${suite}`),
    directive: measured || unexpected ? null : ktapDirective('SKIP', 'nothing was measured'),
    diagnostics: [],
    subtests: cells.map((entry) => cellTest(board, entry)),
  };
}

function boardTest(board: BoardMatrix): KtapTest {
  const { run, counts, cells } = board;
  const suites = Map.groupBy(cells, ({ cell }) => cell.suite);
  const ok = counts.unexpected === 0 && !run.incomplete && counts.total > 0;
  return {
    ok,
    name: ktapName(board.label),
    directive: ok && !counts.measured ? ktapDirective('SKIP', verdictOf(counts)) : null,
    diagnostics: [
      `${kindOf(run)}: ${run.title}`,
      ...environmentOf(run).map(({ name, value }) => `${name}: ${value}`),
      ...(run.incomplete ? [`Not complete: ${run.incomplete}`] : []),
      ...(run.findings ?? []).map(({ what, text }) => `Finding: ${what}: ${text}`),
    ],
    subtests: [...suites].map(([suite, entries]) => suiteTest(board, suite, entries)),
  };
}

function testLines(test: KtapTest, number: number, indent: string): string[] {
  const notes = test.diagnostics.map((line) => `# ${ktapLine(line)}`.trimEnd());
  const directive = test.directive === null ? '' : ` # ${test.directive}`;
  const result = `${test.ok ? 'ok' : 'not ok'} ${number} ${test.name}${directive}`;
  if (!test.subtests.length) return [...notes, result].map((line) => indent + line);
  const inner = `${indent}  `;
  const head = [
    'KTAP version 1',
    `# Subtest: ${test.name}`,
    ...notes,
    `1..${test.subtests.length}`,
  ];
  return [
    ...head.map((line) => inner + line),
    ...test.subtests.flatMap((one, n) => testLines(one, n + 1, inner)),
    indent + result,
  ];
}

/** The counts as kselftest.h prints them; each cell is in one of them. */
function totals(boards: readonly BoardMatrix[]): string {
  const count = { pass: 0, fail: 0, xfail: 0, xpass: 0, skip: 0, error: 0 };
  for (const board of boards)
    for (const entry of board.cells) {
      if (!entry.expected) count.fail += 1;
      else if (UNMEASURED.has(entry.state) || NEVER_TRIED.has(entry.state)) count.skip += 1;
      else if (PASSED.has(entry.state)) count.pass += 1;
      else count.xfail += 1;
    }
  const words = Object.entries(count).map(([name, number]) => `${name}:${number}`);
  return `# Totals: ${words.join(' ')}`;
}

/**
 * KTAP version 1, nested by board and suite. A cell that is not as expected, or was never reported,
 * is `not ok`; one that failed as expected is XFAIL; one that could not be tried, was not asked for
 * or is only claimed is SKIP. What was seen (ladder, errno, kernel log) stands in `#` lines before it.
 */
export function ktapReport(runs: readonly BoardRun[]): string {
  const boards = boardMatrices(runs);
  const lines = [
    'KTAP version 1',
    `1..${boards.length}`,
    ...boards.flatMap((board, n) => testLines(boardTest(board), n + 1, '')),
    totals(boards),
  ];
  return `${lines.join('\n')}\n`;
}
