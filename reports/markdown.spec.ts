import { test } from '@japa/runner';
import { rerunCommand } from './describe.ts';
import { codeSpan, escapeMarkdown, markdownReport } from './markdown.ts';
import { boardMatrix } from './matrix.ts';
import { shellQuote } from './sanitize.ts';
import { sampleHostile, sampleNoIommu, sampleRuns } from './testing/sample.ts';

/** The text outside of code spans, where markup would act. */
const outsideCode = (text: string) => text.replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, '');

test.group('Markdown', () => {
  test('all rows of a table have as many cells as its head', ({ assert }) => {
    for (const runs of [sampleRuns(), [sampleHostile()]]) {
      const tables = markdownReport(runs)
        .split('\n\n')
        .filter((block) => block.startsWith('|'));
      assert.isAbove(tables.length, 5);
      for (const table of tables) {
        const columns = table.split('\n').map((line) => line.match(/(?<!\\)\|/g)?.length);
        assert.lengthOf([...new Set(columns)], 1, table);
      }
    }
  });

  test('hostile text stays text: no HTML, no mention, no link', ({ assert }) => {
    const text = outsideCode(markdownReport([sampleHostile()]));
    assert.notMatch(text, /<(?!\/?(details|summary|br)\b)/);
    assert.notInclude(text, '@all');
    assert.notInclude(text, '](http');
    assert.notInclude(text, '://');
  });

  test('a code span holds backticks and bars', ({ assert }) => {
    assert.equal(codeSpan('plain'), '`plain`');
    assert.equal(codeSpan('a`b|c'), '`` a`b\\|c ``');
    assert.equal(escapeMarkdown('*a* <b> @c'), '\\*a\\* &lt;b&gt; &#64;c');
  });

  test('the command that runs a cell again survives a shell', ({ assert }) => {
    assert.equal(
      shellQuote('kms-primary/heap:linux,cma/kms:vc4'),
      'kms-primary/heap:linux,cma/kms:vc4',
    );
    assert.equal(shellQuote("a'b; rm"), "'a'\\''b; rm'");
    assert.equal(shellQuote(''), "''");
    assert.equal(shellQuote('$(id)'), "'$(id)'");
  });

  test('the command that runs a cell again names the lab file of the run: {$self}')
    .with(['--lab my.yaml', '--lab=my.yaml', '--lab other.yaml --lab my.yaml', ''])
    .run(({ assert }, words) => {
      const sample = sampleNoIommu();
      const command = ['bufmatrix', 'run', 'x', ...words.split(' '), '--repeat', '2'];
      const board = { ...sample, run: { ...sample.run, command } };
      const [entry] = boardMatrix(board).cells;
      if (!entry) throw new Error('a sample without cells');
      const lab = words === '' ? '' : ' --lab my.yaml';
      assert.equal(
        rerunCommand(board, entry),
        `bufmatrix run sample-no-iommu${lab} --cell ${entry.cell.id}`,
      );
    });
});
