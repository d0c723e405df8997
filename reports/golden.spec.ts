import { readFileSync, writeFileSync } from 'node:fs';
import { test } from '@japa/runner';
import { FORMATS } from './index.ts';
import { sampleGolden, sampleGoldenClaims } from './testing/sample.ts';

/** Set to write the files anew; then read what changed before it is committed. */
const update = process.env['BUFMATRIX_UPDATE_GOLDEN'] === '1';

const files = [
  ['terminal', 'terminal.txt'],
  ['json', 'report.json'],
  ['markdown', 'report.md'],
  ['junit', 'junit.xml'],
  ['summary', 'summary.md'],
  ['mail', 'mail.txt'],
  ['github', 'annotations.txt'],
  ['ktap', 'matrix.ktap'],
  ['kcidb', 'kcidb.json'],
  ['csv', 'cells.csv'],
  ['records', 'judged.ndjson'],
] as const;

test.group('golden files', () => {
  for (const [name, file] of files)
    test(`${name} is as in golden/${file}`, ({ assert }) => {
      const path = new URL(`golden/${file}`, import.meta.url);
      const text = FORMATS[name].write(sampleGolden());
      if (update) writeFileSync(path, text);
      assert.equal(text, readFileSync(path, 'utf8'));
    });

  for (const [name, file] of files)
    test(`claims: ${name} is as in golden/claims/${file}`, ({ assert }) => {
      const path = new URL(`golden/claims/${file}`, import.meta.url);
      const text = FORMATS[name].write(sampleGoldenClaims());
      if (update) writeFileSync(path, text);
      assert.equal(text, readFileSync(path, 'utf8'));
    });

  test('JSON is JSON, with the version and all cells', ({ assert }) => {
    const report = JSON.parse(FORMATS.json.write(sampleGolden()));
    assert.equal(report.schema, 1);
    for (const board of report.boards) {
      assert.lengthOf(board.cells, board.counts.total);
      assert.equal(board.records.file, 'records.ndjson');
    }
    const lines = FORMATS.json.write(sampleGolden()).split('\n');
    assert.lengthOf(
      lines.filter((line) => line.startsWith('    {"cell":')),
      report.boards.reduce((sum: number, { cells }: { cells: [] }) => sum + cells.length, 0),
    );
  });
});
