import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@japa/runner';
import fc from 'fast-check';
import { eachLine, lineRanges } from './each-line.ts';

test('hands on every line whole, and tells of one that was cut', ({ assert, cleanup }) => {
  const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-lines-'));
  cleanup(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  const read = (text: string) => {
    writeFileSync(path, text);
    const lines: string[] = [];
    const cut = eachLine(path, (line, number) => {
      assert.equal(number, lines.length + 1);
      lines.push(line);
    });
    return { lines, cut };
  };
  assert.deepEqual(read(''), { lines: [], cut: 0 });
  assert.deepEqual(read('a\n\nb\n'), { lines: ['a', '', 'b'], cut: 0 });
  assert.deepEqual(read('a\nb€'), { lines: ['a'], cut: 4 });
  // Longer than what is read at once, with signs of several bytes on the seams, and one short line.
  const wanted = ['€'.repeat(3_000_000), 'x', 'ü'.repeat(2_500_001)];
  const { lines, cut } = read(`${wanted.join('\n')}\n`);
  assert.equal(cut, 0);
  assert.isTrue(lines.length === 3 && lines.every((line, index) => line === wanted[index]));
});

test('parts of a file have all of its lines, each once, and its cut end', ({ assert, cleanup }) => {
  const folder = mkdtempSync(join(tmpdir(), 'bufmatrix-lines-'));
  cleanup(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  const line = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', '€'), maxLength: 20 }),
    fc.constant('x'.repeat(300_000)),
  );
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 8 }),
      line,
      fc.integer({ min: 1, max: 6 }),
      (all, end, parts) => {
        writeFileSync(path, [...all, end].join('\n'));
        const ranges = lineRanges(path, parts);
        const lines: string[] = [];
        const cuts = ranges.map((range) => eachLine(path, (text) => lines.push(text), range));
        assert.deepEqual(lines, all);
        assert.equal(cuts.pop(), Buffer.byteLength(end));
        assert.isTrue(cuts.every((cut) => cut === 0));
        assert.isAtMost(ranges.length, parts);
      },
    ),
  );
  writeFileSync(path, 'line\n'.repeat(1000));
  const sizes = lineRanges(path, 4).map(({ from, to }) => Math.min(to, 5000) - from);
  assert.isTrue(sizes.length === 4 && sizes.every((size) => Math.abs(size - 1250) <= 5));
});
