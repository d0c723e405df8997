import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { runInNewContext } from 'node:vm';
import { test } from '@japa/runner';
import { Ajv } from 'ajv';
import { CONTROL, sampleTrap, TRAPS } from '../testing/hostile.ts';
import {
  sampleDesk,
  sampleHostile,
  sampleNoIommu,
  sampleOneCell,
  sampleUnreachable,
} from '../testing/sample.ts';
import { contentId, slugOf } from './identity.ts';
import { type SiteFiles, siteFiles } from './index.ts';
import { sampleLater, sampleSite } from './testing/sample-site.ts';

/** The search file, as its script has it. */
interface SearchData {
  readonly heads?: readonly string[];
  readonly tails?: readonly string[];
  readonly sets?: readonly (readonly number[])[];
  readonly rows?: readonly (readonly number[])[];
}

const site = (runs = sampleSite()) => siteFiles({ runs, verdicts: [] });

/** Every address in a page, as a path of the site. */
function linksOf(path: string, text: string): string[] {
  return [...text.matchAll(/ (?:href|src)="?([^"\s>]*)/g)].flatMap(([, address = '']) => {
    const [file = ''] = address.split('#');
    return file ? [posix.join(posix.dirname(path), file)] : [];
  });
}

const pages = (files: SiteFiles) => [...files].filter(([path]) => path.endsWith('.html'));

function textOf(files: SiteFiles, path: string): string {
  const text = files.get(path);
  if (text === undefined) throw new Error(`no ${path} in ${[...files.keys()].join(' ')}`);
  return text;
}

test.group('site', () => {
  test('every address of every page and feed is a file of the site, and every page is reached', ({
    assert,
  }) => {
    const files = site();
    const linked = new Set(['index.html']);
    for (const [path, text] of files) {
      if (!/\.(html|xml)$/.test(path)) continue;
      for (const link of linksOf(path, text)) {
        assert.isTrue(files.has(link), `${path} leads to ${link}`);
        linked.add(link);
      }
    }
    for (const [path] of pages(files)) assert.isTrue(linked.has(path), `nothing leads to ${path}`);
    assert.isAbove(linked.size, 20);
  });

  test('JSON stands beside every page of results, a badge and a feed beside every board', ({
    assert,
  }) => {
    const files = site();
    for (const [path] of pages(files)) {
      if (path.endsWith('compare.html')) continue;
      assert.doesNotThrow(() => JSON.parse(textOf(files, path.replace(/html$/, 'json'))), path);
    }
    assert.isTrue(files.has('boards/sample-desk/feed.xml'));
    assert.isTrue(files.has('claims/sample-real/badge.svg'));
    // A claim has no history of measurements.
    assert.isFalse(files.has('claims/sample-real/feed.xml'));
  });

  test('the order of runs and records does not count', ({ assert }) => {
    const turned = sampleSite()
      .reverse()
      .map((run) => ({ ...run, records: [...run.records].reverse() }));
    const [a, b] = [site(), site(turned)];
    assert.deepEqual([...b.keys()].sort(), [...a.keys()].sort());
    for (const [path, text] of a) assert.equal(b.get(path), text, path);
  });

  test("a run's own files do not change when another run comes; the newest page does", ({
    assert,
  }) => {
    const before = sampleNoIommu({ formats: ['NV12'] });
    const later = sampleLater({ formats: ['NV12'] });
    const [alone, both] = [site([before]), site([before, later])];
    const id = contentId(before);
    for (const ending of ['html', 'js', 'json']) {
      const path = `boards/sample-no-iommu/${id}.${ending}`;
      assert.equal(textOf(both, path), textOf(alone, path), path);
    }
    const index = 'boards/sample-no-iommu/index.html';
    assert.include(textOf(alone, index), `${id}.js`);
    assert.include(textOf(both, index), `${contentId(later)}.js`);
    assert.notEqual(contentId(before), contentId(later));
  });

  test('a frozen name hangs on what the board said, and not on how it is judged', ({ assert }) => {
    const run = sampleNoIommu({ formats: ['NV12'] });
    const judged = run.records.map((record) => ({ ...record, lucky: !record.lucky, reason: 'x' }));
    assert.equal(contentId({ ...run, records: judged }), contentId(run));
    assert.notEqual(contentId({ ...run, records: run.records.slice(1) }), contentId(run));
  });

  test('names of boards become folders that differ and lead nowhere else', ({ assert }) => {
    const names = ['desk', 'Desk', 'DESK', '..', '.', '', 'a/b', 'a b', '../../etc', '\u0000', 'ä'];
    const slugs = names.map(slugOf);
    assert.lengthOf([...new Set(slugs)], names.length);
    for (const slug of slugs) assert.match(slug, /^[a-z0-9][a-z0-9_-]*$/);
  });

  test('the data file registers plain data: all cells, with ladder, log, cause and command', ({
    assert,
  }) => {
    const files = site([sampleNoIommu()]);
    const [path = ''] = [...files.keys()].filter((name) =>
      /sample-no-iommu\/[0-9a-f]+\.js$/.test(name),
    );
    const context: { bufmatrixSite?: readonly unknown[] } = {};
    runInNewContext(textOf(files, path), context);
    const text = JSON.stringify(context.bufmatrixSite);
    for (const part of ['prime-import', 'cause: ', '"segments":', '"cmd":"bufmatrix run', '"log":'])
      assert.include(text, part);
    assert.deepEqual(Object.keys(context), ['bufmatrixSite']);
  });

  test('what changed between neighbouring runs stands in the feed and on the page', ({
    assert,
  }) => {
    const files = site();
    const feed = textOf(files, 'boards/sample-no-iommu/feed.xml');
    assert.equal(feed.split('<entry>').length - 1, 2);
    assert.include(feed, 'kernel: 6.12.94');
    assert.include(feed, 'kms-primary/udmabuf-scattered/kms:contig_kms/NV12/640x480/0x0');
    const page = textOf(files, 'boards/sample-no-iommu/index.html');
    assert.match(page, /Since the run before[\s\S]*fixed, unconfirmed: \d+/);
  });

  test('claims, virtual boards and hardware are told apart on every page', ({ assert }) => {
    const files = site();
    const index = textOf(files, 'index.html');
    for (const kind of ['claims', 'virtual', 'hardware'])
      assert.include(index, `<tr class=${kind}>`);
    for (const mark of ['<b>HW</b>', '<u>VM</u>', '<i>claimed</i>'])
      assert.match(index, new RegExp(`<tr><th><a>[^<]+</a> [^<]*${mark}`));
    const claims = textOf(files, 'claims/sample-real/index.html');
    assert.include(claims, 'class="kind claims"');
    assert.notMatch(claims, /class="kind (virtual|hardware)">(?!HW:|VM:)/);
    assert.include(textOf(files, 'claims/sample-real/badge.svg'), '(claimed, not measured)');
    assert.include(textOf(files, 'boards/sample-no-iommu/badge.svg'), 'VM: ');
  });

  test('the overview of 100 boards is below 130 kB', ({ assert }) => {
    const run = sampleNoIommu();
    const runs = Array.from({ length: 100 }, (_, n) => ({ ...run, board: `sample-board-${n}` }));
    const bytes = Buffer.byteLength(textOf(site(runs), 'index.html'));
    assert.isBelow(bytes, 130_000);
  });

  test('a run of a few cells is not the picture of its board, and is named as left out', ({
    assert,
  }) => {
    const whole = sampleNoIommu({ formats: ['NV12'] });
    const run = { ...whole.run, id: 'one-cell', startedAt: '2026-11-25T00:00:00Z' };
    const few = { ...sampleOneCell(), board: whole.board, run: { ...run, filtered: true } };
    const files = site([few, whole]);
    const page = textOf(files, 'boards/sample-no-iommu/index.html');
    assert.include(page, `src="${contentId(whole)}.js"`);
    const left = `<a href="${contentId(few)}.html">one-cell</a>, newer, but of 2 cells only.`;
    assert.include(page, left);
    const { boards } = JSON.parse(textOf(files, 'index.json'));
    assert.equal(boards[0].shown, contentId(whole));
    assert.equal(boards[0].runs[0].id, contentId(few));
    // One that is all there is, is shown, and says what it is.
    const alone = textOf(site([few]), 'boards/sample-no-iommu/index.html');
    assert.include(alone, 'it is of some cells only');
    assert.match(textOf(site([few]), 'index.html'), /, of \d+ cells only/);
    assert.notInclude(alone, 'Left out here');
  });

  test('index.json is as its published schema says', ({ assert }) => {
    const schema = new URL('../../devices/schema/site-index.schema.json', import.meta.url);
    const validate = new Ajv({ allErrors: true }).compile(JSON.parse(readFileSync(schema, 'utf8')));
    for (const runs of [sampleSite(), [sampleUnreachable()], [sampleHostile()]])
      assert.isTrue(validate(JSON.parse(textOf(site(runs), 'index.json'))), `${validate.errors}`);
    assert.isFalse(validate({ schema: 2 }));
  });

  test('the search file holds every cell of every row, in the order of the rows', ({ assert }) => {
    const runs = [sampleNoIommu(), sampleDesk({ formats: ['NV12'] })];
    const files = site(runs);
    const path = [...files.keys()].find((name) => name.startsWith('assets/cells-')) ?? '';
    const context: { bufmatrixSite?: readonly SearchData[] } = {};
    runInNewContext(textOf(files, path), context);
    const { heads = [], tails = [], sets = [], rows = [] } = context.bufmatrixSite?.[0] ?? {};
    const found = rows.flatMap(([board = -1, ...pairs]) =>
      pairs.flatMap((head, at) =>
        at % 2
          ? []
          : (sets[pairs[at + 1] ?? -1] ?? []).map(
              (tail) => `${board} ${heads[head]}/${tails[tail]}`,
            ),
      ),
    );
    // Boards are in the order of their names.
    const wanted = [runs[1], runs[0]].flatMap(
      (run, n) => run?.plan.cells.map(({ id }) => `${n} ${id}`) ?? [],
    );
    assert.deepEqual([...found].sort(), [...wanted].sort());
    const index = textOf(files, 'index.html');
    assert.lengthOf(rows, index.split('<tr><th><a>').length - 1);
  });

  test('a board that never answered has its page', ({ assert }) => {
    const files = site([sampleUnreachable()]);
    assert.include(textOf(files, 'boards/sample-unreachable/index.html'), 'Connection refused');
    assert.include(textOf(files, 'index.html'), 'nothing was tried, not complete');
  });

  test('feeds and badges are well-formed XML, with hostile text as well', ({ assert }) => {
    for (const run of [...TRAPS.map(sampleTrap), sampleHostile(), ...sampleSite()])
      for (const [path, text] of site([run])) {
        if (!/\.(xml|svg)$/.test(path)) continue;
        const { status, stderr } = spawnSync('xmllint', ['--noout', '-'], { input: text });
        assert.equal(status, 0, `${path}: ${stderr}`);
      }
  }).skip(
    spawnSync('xmllint', ['--version']).error !== undefined,
    'xmllint is not installed (Debian: libxml2-utils)',
  );

  test('hostile text opens no element and ends no script: {$i}')
    .with([...TRAPS.map(sampleTrap), sampleHostile()])
    .run(({ assert }, run) => {
      for (const [path, text] of site([run])) {
        assert.notMatch(text, CONTROL, path);
        assert.match(path, /^[a-z0-9/_.-]+$/);
        if (path.startsWith('assets/')) continue;
        if (path.endsWith('.html')) {
          assert.notInclude(text, '<img', path);
          assert.notMatch(text, /<script>|\son[a-z]+="/, path);
        }
        if (path.endsWith('.js')) {
          assert.notInclude(text, '<', path);
          const context: Record<string, unknown> = {};
          runInNewContext(text, context);
          assert.deepEqual(Object.keys(context), ['bufmatrixSite'], path);
        }
      }
    });
});
