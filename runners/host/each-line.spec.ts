import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@japa/runner';
import { eachLine } from './each-line.ts';

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
