import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@japa/runner';
import fc from 'fast-check';
import { refusal } from '../../devices/testing/refusal.ts';
import { plan } from '../../suites/plan.ts';
import type { CellRecord } from '../../suites/record.ts';
import type { Run } from '../../suites/run.ts';
import { anyPlanInput, anyRecord } from '../../suites/testing/arbitrary.ts';
import { parseRecords, parseRun, recordsFile, runFile } from './run-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-files-'));
const path = recordsFile(folder);
const read = (content: string | Uint8Array) => {
  writeFileSync(path, content);
  return parseRecords(path);
};

const attemptOf = ({ board, cell, attempt }: CellRecord) => `${board} ${cell} ${attempt}`;
const someRecords = fc.uniqueArray(anyRecord, { maxLength: 5, selector: attemptOf });
const manyRecords = fc.uniqueArray(anyRecord, { minLength: 1, maxLength: 5, selector: attemptOf });
const lineOf = (record: object) => `${JSON.stringify(record)}\n`;
const fileOf = (records: readonly object[]) => records.map(lineOf).join('');

const anyRun: fc.Arbitrary<Run> = anyPlanInput.map((input) => ({
  schema: 1,
  id: 'r',
  startedAt: '2026-11-23T10:15:00.000Z',
  endedAt: null,
  harness: { name: 'bufmatrix', version: '0' },
  command: ['bufmatrix', 'run', 'desk'],
  options: { repeat: 1, lab: null, diagnoseSeconds: 60, filter: { suite: ['kms-*'] } },
  boards: [
    {
      board: 'desk',
      profile: 'p',
      profileHash: 'f00',
      profileContent: { name: 'p', limits: { modeset: false } },
      target: 'ssh://pi@desk:22',
      virtual: null,
      state: 'running',
      why: null,
      plan: plan(input),
      inventory: null,
      connections: [{ at: '2026-11-23T10:15:00.000Z', bootId: 'b' }],
      findings: [],
      losses: { 'a/cell': 1 },
    },
  ],
}));

test.group('records.ndjson', (group) => {
  group.teardown(() => rmSync(folder, { recursive: true, force: true }));

  test('reads what was written', ({ assert }) => {
    fc.assert(
      fc.property(someRecords, (records) => {
        const text = fileOf(records);
        assert.deepEqual(read(text), {
          records,
          wholeBytes: Buffer.byteLength(text),
          cutBytes: 0,
        });
      }),
    );
  });

  test('cut anywhere, loses the line that was cut and nothing else', ({ assert }) => {
    fc.assert(
      fc.property(manyRecords, fc.nat(), (records, where) => {
        const bytes = Buffer.from(fileOf(records));
        const cut = bytes.subarray(0, where % (bytes.length + 1));
        const whole = cut.toString('latin1').split('\n').length - 1;
        const found = read(cut);
        assert.deepEqual(found.records, records.slice(0, whole));
        assert.equal(found.wholeBytes + found.cutBytes, cut.length);
        assert.equal(found.wholeBytes, Buffer.byteLength(fileOf(records.slice(0, whole))));
      }),
    );
  });

  test('a foreign line is told with its number, and the file is left as it is', ({ assert }) => {
    const foreign = fc.oneof(
      fc.constantFrom('hello', '{', '{"schema":1}', '{"schema":1,"board":"desk"}', '\u0000'),
      anyRecord.map((record) => JSON.stringify({ ...record, extra: 1 })),
      anyRecord.map((record) => JSON.stringify({ ...record, outcome: 'lucky' })),
      anyRecord.map((record) => JSON.stringify(record).slice(0, -1)),
      anyRecord.map(({ lucky: _, ...record }) => JSON.stringify(record)),
    );
    fc.assert(
      fc.property(someRecords, foreign, fc.nat(), (records, line, where) => {
        const lines = records.map((record) => JSON.stringify(record));
        const at = where % (lines.length + 1);
        const text = `${lines.toSpliced(at, 0, line).join('\n')}\n`;
        const error = refusal(() => read(text));
        assert.equal(error.code, 'foreign-record');
        assert.deepInclude(error.at, { file: path, line: at + 1 });
        assert.equal(readFileSync(path, 'utf8'), text);
      }),
    );
  });

  test('another version is refused, and said', ({ assert }) => {
    const version = fc.oneof(
      fc.integer().filter((number) => number !== 1),
      fc.constantFrom('1', null, true, undefined),
    );
    fc.assert(
      fc.property(manyRecords, version, fc.nat(), (records, schema, where) => {
        const at = where % records.length;
        const lines = records.map((record, n) => (n === at ? { ...record, schema } : record));
        const error = refusal(() => read(fileOf(lines)));
        assert.equal(error.code, 'run-version');
        assert.equal(error.at?.line, at + 1);
      }),
    );
  });

  test('an attempt that is there twice is refused at its second line', ({ assert }) => {
    fc.assert(
      fc.property(manyRecords, fc.nat(), (records, where) => {
        const again = records[where % records.length];
        const error = refusal(() => read(fileOf([...records, { ...again, us: 0 }])));
        assert.equal(error.code, 'foreign-record');
        assert.match(error.message, /twice/);
        assert.equal(error.at?.line, records.length + 1);
      }),
    );
  });
});

test.group('run.json', (group) => {
  const home = mkdtempSync(join(tmpdir(), 'bufmatrix-files-'));
  group.teardown(() => rmSync(home, { recursive: true, force: true }));
  const parse = (text: string) => {
    writeFileSync(runFile(home), text);
    return parseRun(home);
  };

  test('reads what was written', ({ assert }) => {
    fc.assert(
      fc.property(anyRun, (run) => assert.deepEqual(parse(JSON.stringify(run, null, 1)), run)),
    );
  });

  test('cut anywhere, is refused', ({ assert }) => {
    fc.assert(
      fc.property(anyRun, fc.nat(), (run, where) => {
        const text = JSON.stringify(run);
        const error = refusal(() => parse(text.slice(0, where % text.length)));
        assert.equal(error.code, 'foreign-record');
      }),
    );
  });

  test('another version, another shape and no file each have their own word', ({ assert }) => {
    const [run] = fc.sample(anyRun, { seed: 1, numRuns: 1 });
    assert.equal(refusal(() => parse(JSON.stringify({ ...run, schema: 2 }))).code, 'run-version');
    assert.equal(refusal(() => parse('[]')).code, 'run-version');
    const odd = refusal(() => parse(JSON.stringify({ ...run, boards: [{}] })));
    assert.equal(odd.code, 'foreign-record');
    assert.match(odd.message, /boards/);
    assert.equal(refusal(() => parseRun(join(home, 'nowhere'))).code, 'no-run');
  });
});
