import { spawnSync } from 'node:child_process';
import { test } from '@japa/runner';
import fc from 'fast-check';
import { annotationsReport } from './annotations.ts';
import { csvReport } from './csv.ts';
import { mailReport } from './mail.ts';
import { boardMatrices } from './matrix.ts';
import { recordsReport } from './records.ts';
import { safeJson } from './sanitize.ts';
import { summaryReport } from './summary.ts';
import { CONTROL, sampleTrap, TRAPS } from './testing/hostile.ts';
import {
  sampleClaims,
  sampleDesk,
  sampleNoIommu,
  sampleRuns,
  sampleUnreachable,
} from './testing/sample.ts';

const count = (text: string, pattern: RegExp) => (text.match(pattern) ?? []).length;

/** A reader of RFC 4180, apart from the writer. */
function readCsv(text: string): string[][] {
  const script =
    'import csv,json,sys; sys.stdin.reconfigure(newline="",encoding="utf-8"); print(json.dumps(list(csv.reader(sys.stdin, strict=True))))';
  const { stdout, stderr, status } = spawnSync('python3', ['-c', script], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

test.group('CSV', () => {
  test('one line a cell, read back by another reader', ({ assert }) => {
    const runs = sampleRuns();
    const [head = [], ...rows] = readCsv(csvReport(runs));
    const cells = boardMatrices(runs).flatMap((board) => board.cells);
    assert.lengthOf(rows, cells.length);
    const at = (name: string) => head.indexOf(name);
    rows.forEach((row, n) => {
      const entry = cells[n];
      assert.lengthOf(row, head.length);
      assert.equal(row[at('cell')], entry?.cell.id);
      assert.equal(row[at('state')], entry?.state);
      assert.equal(row[at('reason')], entry?.reason ?? '');
      assert.equal(row[at('expected')], String(entry?.expected));
    });
    assert.match(csvReport(runs), /^[^\n]*\r\n/);
  });

  test('a claim has no outcome, and its own columns', ({ assert }) => {
    const [head = [], ...rows] = readCsv(csvReport([sampleClaims()]));
    for (const row of rows) {
      assert.equal(row[head.indexOf('outcome')], '');
      assert.equal(row[head.indexOf('passes')], '0');
      assert.notEqual(row[head.indexOf('basis')], 'measured');
      assert.equal(row[head.indexOf('run')], '');
    }
    const [board] = boardMatrices([sampleClaims()]);
    const claimed = rows.filter((row) => row[head.indexOf('basis')] === 'claimed');
    assert.isAbove(claimed.length, 20);
    assert.lengthOf(claimed, board?.counts.states.get('claimed') ?? 0);
  });

  test('no field is a formula, a line or a command of its own', ({ assert }) => {
    const text = csvReport(TRAPS.map(sampleTrap));
    assert.notMatch(text.replaceAll('\r\n', '\n'), CONTROL);
    assert.notMatch(text, /^\s*(::|##\[)/m);
    const [head = [], ...rows] = readCsv(text);
    const cells = boardMatrices(TRAPS.map(sampleTrap)).flatMap((board) => board.cells);
    assert.lengthOf(rows, cells.length);
    for (const row of rows) {
      assert.lengthOf(row, head.length);
      for (const field of row) if (/^\s*[=+\-@]/.test(field)) assert.fail(field);
    }
  });
});

test.group('annotations', () => {
  /** As the runner of GitHub Actions reads a line: properties, then data, each unescaped once. */
  const command = (line: string) => /^::(error|warning|notice) title=([^:,]*)::(.*)$/.exec(line);
  const unescaped = (text: string) =>
    text
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%25', '%');

  test('what is not as expected, and nothing else, by its level', ({ assert }) => {
    const text = annotationsReport([sampleDesk()]);
    assert.match(text, /^::error title=sample-desk::not complete: lost: no answer for 120 s/);
    assert.include(text, '\n::warning title=sample-desk%3A kms-primary/');
    assert.notInclude(text, 'prime-import');
    assert.equal(count(text, /^::/gm), text.trimEnd().split('\n').length);
    assert.match(
      text,
      /\n::notice title=bufmatrix::\d+ cells of 1 boards: 65 not as expected; 1 board not complete\n$/,
    );
  });

  test('at most ten of a level, and no cell is lost from the count', ({ assert }) => {
    const run = sampleNoIommu();
    const text = annotationsReport([
      { ...run, expected: (record) => ({ expected: false, why: `because of ${record.cell}` }) },
      sampleDesk(),
      sampleUnreachable(),
    ]);
    assert.equal(count(text, /^::error/gm), 10);
    assert.isAtMost(count(text, /^::warning/gm), 10);
    const [, more, cells] = /::\+(\d+) more, (\d+) cells/.exec(text) ?? [];
    assert.isAbove(Number(more), 20);
    assert.isAbove(Number(cells), Number(more));
  });

  test('a claim is no annotation', ({ assert }) => {
    assert.equal(
      annotationsReport([sampleClaims()]),
      '::notice title=bufmatrix::0 cells of 1 boards: nothing was measured\n',
    );
  });

  test('every line is one command, whatever the board says', ({ assert }) => {
    for (const trap of TRAPS) {
      const text = annotationsReport([sampleTrap(trap)]);
      assert.notMatch(text, CONTROL);
      for (const line of text.trimEnd().split('\n')) {
        const [, , title = '', data = ''] = command(line) ?? assert.fail(line);
        assert.notMatch(unescaped(title), /[\r\n]/);
        for (const found of data.match(/%../g) ?? []) assert.include(['%25', '%0A'], found);
      }
    }
    const text = annotationsReport([sampleTrap('100%25 %0A::error::forged')]);
    assert.include(text, 'title=100%2525 %250A%3A%3Aerror%3A%3Aforged');
  });
});

test.group('mail', () => {
  const COLUMNS = 72;
  /** What is never broken: the id of a cell, and an argument of a command. */
  const whole = (line: string) => /^ +(again:|--cell|e\.g\. \S+$|\S+$)/.test(line);

  for (const [name, runs] of [
    ['the sample boards', sampleRuns()],
    ['claims', [sampleNoIommu(), sampleClaims()]],
    ['a board that never answered', [sampleUnreachable()]],
  ] as const)
    test(`${name}: in 72 columns`, ({ assert }) => {
      for (const line of mailReport(runs).split('\n'))
        assert.isTrue(line.length <= COLUMNS || whole(line), line);
    });

  test('what is not as expected comes first, then the refusals with their counts', ({ assert }) => {
    const text = mailReport([sampleDesk()]);
    const at = (what: string) => text.indexOf(what);
    assert.isAbove(at('\nNot as expected (65)\n'), at('\nNOT COMPLETE: lost'));
    assert.isAbove(at('\nRefused, as expected ('), at('\nNot as expected (65)\n'));
    assert.isAbove(at('\nEnvironment\n'), at('\nRefused, as expected ('));
    assert.match(
      text.replace(/\s+/g, ' '),
      / \d+x kms-primary, kms:contig_kms: refused at prime-import EINVAL: \S+ EINVAL; cause: not-contiguous \(likely\) e\.g\. kms-primary\//,
    );
  });

  test('every cell that was tried, or not, is in one of the counts', ({ assert }) => {
    for (const run of sampleRuns()) {
      const [board] = boardMatrices([run]);
      const text = mailReport([run]);
      const listed = [...text.matchAll(/^[A-Z][^\n]* \((\d+)\)$/gm)].reduce(
        (n, m) => n + Number(m[1]),
        0,
      );
      const plain = board?.cells.filter(
        ({ state, expected }) => expected && (state === 'pass' || state === 'filtered'),
      ).length;
      assert.equal(listed + (plain ?? 0), board?.counts.total);
    }
  });

  test('a claim is called one', ({ assert }) => {
    const text = mailReport([sampleClaims()]);
    assert.match(text, /\nNot measured, and nothing is claimed: \d+ cells\.\n/);
    assert.isAbove(count(text, /^ +\d+x /gm), 3);
    for (const [block] of text.matchAll(/^ +\d+x .*\n/gm))
      assert.include(block, 'claimed, not measured:');
  });

  test('no line is a command, a signature or a patch of its own', ({ assert }) => {
    for (const trap of TRAPS) {
      const text = mailReport([sampleTrap(trap)]);
      assert.notMatch(text, CONTROL);
      assert.notMatch(text, /^\s*(::|##\[)/m);
      assert.notMatch(text, /^(From |-- $|---|>|diff |Index:|\.$)/m);
    }
  });
});

test.group('summary', () => {
  test('is short, and bounded', ({ assert }) => {
    const run = sampleNoIommu();
    const text = summaryReport([
      { ...run, expected: (record) => ({ expected: false, why: `because of ${record.cell}` }) },
      ...sampleRuns(),
    ]);
    assert.isBelow(text.split('\n').length, 70);
    assert.match(text, /^- \+\d+ more, \d+ cells$/m);
  });

  test('is never glad of a board that was not reached', ({ assert }) => {
    const text = summaryReport([sampleNoIommu(), sampleUnreachable()]);
    assert.match(text, /^### bufmatrix: all as expected; 1 board not complete\n/);
    assert.match(text, /\| \*\*nothing was tried, not complete\*\* \|/);
    assert.match(summaryReport([sampleClaims()]), /^### bufmatrix: nothing was measured\n/);
  });

  test('hostile text makes no markup', ({ assert }) => {
    for (const trap of TRAPS) {
      const text = summaryReport([sampleTrap(trap)]);
      assert.notMatch(text, CONTROL);
      const prose = text.replace(/(`+) ?[^\n]*?[^`]\1(?!`)/g, '');
      assert.notMatch(prose, /<(script|img)|@(all|SUM|example)/);
      assert.notMatch(text, /^(::|##\[|=)/m);
    }
  });
});

test.group('records', () => {
  test('are the records, line by line', ({ assert }) => {
    const run = sampleDesk();
    const lines = recordsReport([run]).trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line): unknown => JSON.parse(line)),
      run.records,
    );
    assert.equal(recordsReport([sampleClaims(), sampleUnreachable()]), '');
  });

  test('any value is read back, and none acts upon a terminal', ({ assert }) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = safeJson({ text });
        assert.deepEqual(JSON.parse(json), { text });
        assert.notMatch(json, /\p{Cc}|\p{Cf}(?<![\u00ad\u0600-\u{fffff}])/u);
      }),
    );
    for (const trap of TRAPS) assert.notMatch(recordsReport([sampleTrap(trap)]), CONTROL);
  });
});
