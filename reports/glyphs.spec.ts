import { readFileSync } from 'node:fs';
import { test } from '@japa/runner';
import { GLYPHS } from './glyphs.ts';

test.group('the letters', () => {
  test('are those that the README explains', ({ assert }) => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = [...readme.matchAll(/^\| `(.|\(.\))` +\| ([a-z ]+?) +\|/gm)].map(
      ([, letter, word]) => `${letter} ${word}`,
    );
    assert.sameMembers(
      rows,
      GLYPHS.map(({ letter, word }) => `${letter} ${word}`),
    );
  });
});
