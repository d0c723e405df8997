import { readFileSync } from 'node:fs';
import { test } from '@japa/runner';
import { GLYPHS } from '../glyphs.ts';
import { sampleHostile, sampleOneCell, sampleRuns } from '../testing/sample.ts';
import { htmlReport } from './index.ts';
import { type Ink, TILES } from './palette.ts';
import { html, json } from './template.ts';

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast({ text, fill }: Ink): number {
  const [a, b] = [luminance(text), luminance(fill)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

test.group('HTML', () => {
  test('the template escapes all but HTML', ({ assert }) => {
    const text = html`<p title="${'"<'}">${['<b>', html`<i>`, null, false, 0]}</p>`.text;
    assert.equal(text, '<p title="&quot;&lt;">&lt;b&gt;<i>0</p>');
    assert.equal(json('</script>').text, '"\\u003c/script>"');
  });

  test('needs nothing from outside of the file', ({ assert }) => {
    const text = htmlReport(sampleRuns({ formats: ['NV12'] }));
    assert.notMatch(text, /(src|href)="(?!#)/);
    assert.notMatch(text, /url\(|@import/);
    assert.include(text, 'default-src &#39;none&#39;');
  });

  test('hostile text ends no script and opens no element', ({ assert }) => {
    const text = htmlReport([sampleHostile()]);
    assert.lengthOf(text.match(/<script/g) ?? [], 3);
    assert.lengthOf(text.match(/<\/script/g) ?? [], 3);
    assert.notInclude(text, '<img');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    assert.notMatch(text, /[\u0000-\u0008\u000b-\u001f\u202a-\u202e]/);
  });

  test('a witness is called one in the list, in its place and in its details', ({ assert }) => {
    const run = sampleOneCell();
    const page = htmlReport([run]);
    const id = run.plan.cells.find(({ witness }) => witness)?.id ?? 'none';
    assert.include(page, `${id}</button> (witness) <strong>`);
    // Its place in the board's table, and that of all its sizes across boards.
    assert.equal(page.split(', witness, not asked for"').length - 1, 2);
    assert.equal(page.split('"wit":1').length - 1, 1);
  });

  test('every state has a tile whose letter can be read in both schemes', ({ assert }) => {
    assert.sameMembers(
      TILES.map(({ state }) => state),
      GLYPHS.map(({ state }) => state),
    );
    for (const tile of TILES) {
      assert.isAtLeast(contrast(tile.light), 4.5, `${tile.state}, light`);
      assert.isAtLeast(contrast(tile.dark), 4.5, `${tile.state}, dark`);
    }
    assert.lengthOf([...new Set(TILES.map(({ shape }) => shape))], TILES.length - 1);
  });

  test('the sources name no place of the network', ({ assert }) => {
    for (const file of ['client-detail.ts', 'client-page.ts', 'client-filter.ts', 'style.ts'])
      assert.notMatch(
        readFileSync(new URL(file, import.meta.url), 'utf8'),
        /https?:|innerHTML|eval\(/,
      );
  });
});
