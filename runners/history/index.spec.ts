import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@japa/runner';
import fc from 'fast-check';
import { z } from 'zod';
import { seenCells } from './index.ts';
import type { DigestSource, RunDigest } from './model.ts';

const Results = z.array(z.string());
const Place = z.string().nullable();
const Digest = z.object({
  id: z.string(),
  content: z.string().nullable(),
  startedAt: z.string(),
  boards: z.array(
    z.object({
      board: z.string(),
      environment: Place,
      cells: z.array(z.object({ cell: z.string(), results: Results, why: z.string().nullable() })),
    }),
  ),
});
type TestDigest = RunDigest<string, string | null>;

/** Reads what a test wrote in place of a run, and counts how often it had to. */
function source(version = '1') {
  let reads = 0;
  const made: DigestSource<string, string | null> = {
    version,
    results: Results,
    environment: Place,
    read: (folder) => {
      reads += 1;
      return Digest.parse(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')));
    },
  };
  return { ...made, reads: () => reads };
}

const put = (out: string, name: string, content: string) => {
  mkdirSync(join(out, name), { recursive: true });
  writeFileSync(join(out, name, 'run.json'), content);
};

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The same answer, from the files themselves. */
function fullRead(files: ReadonlyMap<string, string>, wanted: (cell: string) => boolean) {
  const seenIds = new Set<string>();
  const runs: TestDigest[] = [];
  const leftOut: string[] = [];
  for (const [name, content] of [...files].sort(([a], [b]) => byText(a, b))) {
    const parsed = Digest.safeParse(jsonOf(content));
    if (!parsed.success || seenIds.has(parsed.data.id)) leftOut.push(name);
    else {
      seenIds.add(parsed.data.id);
      runs.push(parsed.data);
    }
  }
  const sightings = runs.flatMap(({ id: run, content, startedAt, boards }) =>
    boards.flatMap(({ board, environment, cells }) =>
      cells
        .filter(({ cell }) => wanted(cell))
        .map((one) => ({ run, content, startedAt, board, environment, ...one })),
    ),
  );
  return { sightings: sightings.map((one) => JSON.stringify(sorted(one))).sort(), leftOut };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const sorted = (value: object) =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => byText(a, b)));

const cellArbitrary = fc.record({
  cell: fc.constantFrom('a', 'b', "c'", '_%*'),
  results: fc.array(fc.constantFrom('pass', 'refused'), { maxLength: 2 }),
  why: fc.option(fc.constantFrom('no', 'lost')),
});
const digestArbitrary: fc.Arbitrary<TestDigest> = fc.record({
  id: fc.constantFrom('r1', 'r2', 'r3', 'r4'),
  content: fc.option(fc.constantFrom('sha256:0', 'sha256:1')),
  startedAt: fc.constantFrom('2026-11-25T10:00:00Z', '2026-11-26T10:00:00Z'),
  boards: fc.uniqueArray(
    fc.record({
      board: fc.constantFrom('one', 'two'),
      environment: fc.option(fc.constantFrom('x', 'y')),
      cells: fc.uniqueArray(cellArbitrary, { selector: ({ cell }) => cell }),
    }),
    { selector: ({ board }) => board },
  ),
});
const step = fc.record({
  folder: fc.constantFrom('f1', 'f2', 'f3'),
  content: fc.oneof(
    { weight: 5, arbitrary: digestArbitrary.map((digest) => JSON.stringify(digest)) },
    fc.constant('{"broken'),
    fc.constant(null),
  ),
});

const all = () => true;

test.group('the index of runs', (group) => {
  let folder = '';
  let out = '';
  let file = '';
  group.each.setup(() => {
    folder = mkdtempSync(join(tmpdir(), 'bufmatrix-history-'));
    out = join(folder, 'results');
    file = join(folder, 'cache', 'index.sqlite');
    mkdirSync(out);
    return () => rmSync(folder, { recursive: true, force: true });
  });

  const one = (results: string[]): string =>
    JSON.stringify({
      id: 'r1',
      content: null,
      startedAt: '2026-11-25T10:00:00Z',
      boards: [{ board: 'one', environment: 'x', cells: [{ cell: 'a', results, why: null }] }],
    });
  const resultsNow = (from = source()) =>
    seenCells(out, file, from, all).sightings.map(({ results }) => results);

  test('says what a read of all files says, whatever happened to them before', ({ assert }) => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        for (const path of [out, file]) rmSync(path, { recursive: true, force: true });
        mkdirSync(out);
        const files = new Map<string, string>();
        const wanted = (cell: string) => cell !== 'b';
        for (const { folder: name, content } of steps) {
          if (content === null) rmSync(join(out, name), { recursive: true, force: true });
          else put(out, name, content);
          if (content === null) files.delete(name);
          else files.set(name, content);
          const { sightings, leftOut } = seenCells(out, file, source(), wanted);
          assert.deepEqual(
            {
              sightings: sightings.map((seen) => JSON.stringify(sorted(seen))).sort(),
              leftOut: leftOut.map((left) => left.folder),
            },
            fullRead(files, wanted),
          );
          const places = sightings.map(({ cell, board, startedAt }) => [cell, board, startedAt]);
          assert.deepEqual(places.map(String), places.map(String).sort(byText));
        }
      }),
      { numRuns: 60 },
    );
  }).timeout(120_000);

  test('reads a run once, again when it changed, and all where the code is another', ({
    assert,
  }) => {
    put(out, 'f', one(['pass']));
    const first = source();
    assert.deepEqual(resultsNow(first), [['pass']]);
    assert.deepEqual(resultsNow(first), [['pass']]);
    assert.equal(first.reads(), 1);
    // As long as before.
    put(out, 'f', one(['fail']));
    assert.deepEqual(resultsNow(first), [['fail']]);
    assert.equal(first.reads(), 2);
    const other = source('2');
    assert.deepEqual(resultsNow(other), [['fail']]);
    assert.equal(other.reads(), 1);
  });

  test('is made anew where it is broken, and does without a file where there can be none', ({
    assert,
  }) => {
    put(out, 'f', one(['pass']));
    resultsNow();
    const { size } = statSync(file);
    const again = (breakIt: () => void) => {
      breakIt();
      const from = source();
      assert.deepEqual(resultsNow(from), [['pass']]);
      assert.isAtLeast(from.reads(), 1);
      const next = source();
      assert.deepEqual(resultsNow(next), [['pass']]);
      return next.reads();
    };
    assert.equal(
      again(() => writeFileSync(file, 'this is no database, and longer than a header'.repeat(9))),
      0,
    );
    assert.equal(
      again(() => truncateSync(file, size >> 1)),
      0,
    );
    assert.equal(
      again(() => writeFileSync(file, '')),
      0,
    );
    assert.equal(
      again(() => rmSync(file)),
      0,
    );
    rmSync(join(folder, 'cache'), { recursive: true });
    assert.equal(
      again(() => writeFileSync(join(folder, 'cache'), 'in the way')),
      1,
    );
  });

  test('names folders that hold no run, and reads the others', ({ assert }) => {
    put(out, 'good', one(['pass']));
    put(out, 'copy', one(['pass']));
    put(out, 'bad', '{');
    mkdirSync(join(out, 'foreign'));
    const { sightings, leftOut } = seenCells(out, file, source(), all);
    assert.lengthOf(sightings, 1);
    assert.deepEqual(
      leftOut.map((left) => left.folder),
      ['bad', 'foreign', 'good'],
    );
    assert.match(leftOut[0]?.why ?? '', /JSON/);
    assert.match(leftOut[1]?.why ?? '', /ENOENT/);
    assert.equal(leftOut[2]?.why, 'holds the run r1, as another folder does');
  });

  test('says that the results are not there', ({ assert }) => {
    assert.throws(() => seenCells(join(folder, 'none'), file, source(), all), /there are no runs/);
  });
});
