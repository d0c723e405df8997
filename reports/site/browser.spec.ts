import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from '@japa/runner';
import type { Page } from 'playwright-core';
import { checkPolicies } from '../../policies/check.ts';
import { loadLibrary } from '../../policies/load.ts';
import { contiguousDisplay, factsFixture } from '../../policies/testing/facts.ts';
import type { BoardRun } from '../model.ts';
import {
  addressOf,
  noBrowser,
  type PagesFrom,
  TestBrowser,
  textOf,
  violations,
} from '../testing/browser.ts';
import { sampleHostile, sampleNoIommu } from '../testing/sample.ts';
import { contentId } from './identity.ts';
import { siteFiles } from './index.ts';
import { sampleLater, sampleSite } from './testing/sample-site.ts';

const SCATTERED = 'kms-primary/udmabuf-scattered/kms:contig_kms/NV12/640x480/0x0';

function verdicts() {
  const { policies, useCases } = loadLibrary([join(import.meta.dirname, '..', '..', 'policies')]);
  const now = { ...factsFixture(contiguousDisplay), board: 'sample-no-iommu' };
  return checkPolicies([{ now, before: [] }], policies, useCases, null);
}

const FROM: readonly PagesFrom[] = ['disk', 'a server'];
for (const from of FROM)
  test.group(`site in Chromium, from ${from}`, (group) => {
    const browser = new TestBrowser(from);
    const { faults } = browser;

    group.setup(async () => {
      await browser.start();
      return () => browser.close();
    });
    group.each.skip(noBrowser !== null, noBrowser ?? '');
    group.each.timeout(60_000);
    group.each.setup(() => {
      faults.length = 0;
    });

    function write(runs: readonly BoardRun[]): void {
      rmSync(join(browser.folder, 'site'), { recursive: true, force: true });
      for (const [path, text] of siteFiles({ runs, verdicts: verdicts() })) {
        const file = join(browser.folder, 'site', path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    }

    const open = (path: string, options: Parameters<TestBrowser['open']>[1] = {}): Promise<Page> =>
      browser.open(join('site', path), options);

    /** Without loading the styles anew, which the pages' own policy forbids. */
    const violationsOf = (page: Page) => violations(page, '{ preload: false }');

    const PAGES = [
      'index.html',
      'policies.html',
      'boards/sample-no-iommu/index.html',
      'boards/sample-no-iommu/compare.html',
      'claims/sample-real/index.html',
    ];
    for (const scheme of ['light', 'dark'] as const)
      for (const width of [1280, 360])
        test(`every kind of page is accessible and no wider than the window: ${scheme}, ${width} px`, async ({
          assert,
        }) => {
          write(sampleSite());
          for (const path of PAGES) {
            const page = await open(path, { width, scheme });
            if (path.endsWith('compare.html'))
              await page.locator('#differences table').first().waitFor();
            for (const summary of await page.locator('main details > summary').all())
              await summary.click();
            assert.equal((await violationsOf(page)).join('\n'), '', path);
            const wider =
              'document.documentElement.scrollWidth - document.documentElement.clientWidth';
            assert.equal(await page.evaluate(wider), 0, path);
            await page.close();
          }
          assert.equal(faults.join('\n'), '');
        }).timeout(90_000);

    test('the search is used by keys alone, lives in the address, and comes back from it', async ({
      assert,
    }) => {
      write(sampleSite());
      const page = await open('index.html');
      // The skip link, four pages, and then the search.
      for (let presses = 0; presses < 12; presses += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate('document.activeElement.name === "q"')) break;
      }
      await page.keyboard.type('sample-desk');
      assert.equal(await textOf(page.locator('#shown')), '1 of 3 boards');
      await page.keyboard.press('Tab');
      await page.keyboard.press('ArrowDown');
      assert.include(await addressOf(page), '#q=sample-desk&k=hardware');
      const { hash } = new URL(await addressOf(page));
      await page.close();
      const again = await open('index.html', { hash });
      assert.equal(await again.locator('#boards tbody tr:visible').count(), 1);
      assert.isAbove(await again.locator('.ov tbody tr:visible').count(), 0);
      assert.equal(await again.locator('.ov th > u:visible').count(), 0);
      await again.locator('#reset').press('Enter');
      assert.notInclude(await addressOf(again), '#');
      assert.deepEqual(faults, []);
      await again.close();
    });

    test('a place of the overview leads to the cells that it stands for', async ({ assert }) => {
      write(sampleSite());
      const page = await open('index.html');
      await page.locator('.ov[data-s="kms-primary"] tr:has(b) td:not(:empty)').first().click();
      await page.waitForURL(/boards\/sample-desk\/index\.html#/);
      assert.match(await textOf(page.locator('#shown')), /^[1-9]\d* of \d+ cells$/);
      assert.include(await addressOf(page), 'b=udmabuf');
      const heads = page.locator('#board-0 thead .suite:visible');
      assert.deepEqual(await heads.allTextContents(), ['kms-primary']);
      assert.deepEqual(faults, []);
      await page.close();
    });

    test("a cell's whole id finds its row, and the row's board shows just this cell", async ({
      assert,
    }) => {
      write(sampleSite());
      const page = await open('index.html');
      await page.locator('#find input').fill(`sample-no-iommu ${SCATTERED}`);
      const rows = page.locator('.ov tbody tr:visible');
      assert.deepEqual(await rows.locator('th').allTextContents(), [
        'sample-no-iommu kms:contig_kmsVM',
      ]);
      assert.equal(await textOf(page.locator('#shown')), '1 of 3 boards');
      await rows.locator('a').click();
      await page.waitForURL(/boards\/sample-no-iommu\/index\.html#/);
      assert.equal(await page.locator('#filters input[name=q]').inputValue(), SCATTERED);
      assert.match(await textOf(page.locator('#shown')), /^1 of \d+ cells$/);
      assert.lengthOf(
        await page.locator('#board-0 .matrix tbody td:not(.off) > button:visible').all(),
        1,
      );
      assert.deepEqual(faults, []);
      await page.close();
    });

    test('words that a cell has find its rows, and a place of the row shows what was searched for', async ({
      assert,
    }) => {
      write(sampleSite());
      const page = await open('index.html');
      await page.locator('#find input').fill('640x480 kms:vkms sample-desk');
      const heads = await page.locator('.ov tbody tr:visible th').allTextContents();
      assert.deepEqual(heads, ['sample-desk kms:vkmsHW']);
      await page.locator('.ov tbody tr:visible td:not(:empty)').first().click();
      await page.waitForURL(/boards\/sample-desk\/index\.html#/);
      assert.equal(
        await page.locator('#board-0 .matrix tbody td:not(.off) > button:visible').count(),
        1,
      );
      assert.include(await addressOf(page), 'kms-primary/+640x480+kms:vkms');
      // No cell has both: a row is no sum of its cells.
      const none = await open('index.html', { hash: '#q=640x480+1920x1080' });
      assert.equal(await textOf(none.locator('#shown')), '0 of 3 boards');
      assert.deepEqual(faults, []);
    });

    test("an overview's rows have heads, and their board's address", async ({ assert }) => {
      write(sampleSite());
      const page = await open('index.html');
      const table = page.locator('.ov[data-s="kms-primary"]');
      assert.equal(
        await table.getByRole('rowheader').count(),
        await table.locator('tbody tr').count(),
      );
      const links: string[] = await page.evaluate(
        `[...document.querySelectorAll('.ov tbody a')].map((a) => a.getAttribute('href'))`,
      );
      assert.include(links, 'boards/sample-desk/index.html#i=kms:vkms');
      assert.include(links, 'claims/sample-real/index.html#i=kms:real_kms');
      await page.close();
    });

    test('the details of a cell fit a phone, the way back among them', async ({ assert }) => {
      write(sampleSite());
      const hash = `#${new URLSearchParams({ cell: SCATTERED })}`;
      const page = await open('boards/sample-no-iommu/index.html', { width: 360, hash });
      const close = await page.locator('#panel .close').boundingBox();
      assert.isAtMost((close?.x ?? Infinity) + (close?.width ?? 0), 360);
      assert.equal((await violationsOf(page)).join('\n'), '');
      await page.keyboard.press('Escape');
      assert.isFalse(await page.locator('#panel').isVisible());
      await page.close();
    });

    test('a cell of the newest run opens from its address, with its history and both addresses', async ({
      assert,
    }) => {
      write(sampleSite());
      const [before, later] = [
        contentId(sampleSite()[0] ?? sampleNoIommu()),
        contentId(sampleLater()),
      ];
      const hash = `#${new URLSearchParams({ cell: SCATTERED })}`;
      const page = await open('boards/sample-no-iommu/index.html', { hash });
      const panel = page.locator('#panel');
      const text = await textOf(panel);
      for (const part of [SCATTERED, 'Ladder', 'Segments', 'Run this cell again', '7.3.4-sample'])
        assert.include(text, part);
      assert.include(await textOf(panel.locator('.past').last()), 'refused');
      assert.notInclude(await addressOf(page), before);
      // From the newest page to the frozen one of the earlier run, at the same cell.
      await panel.locator(`a[href^="${before}.html"]`).click();
      await page.waitForURL(`**/${before}.html*`);
      assert.include(await textOf(page.locator('#panel')), 'refused at prime-import EINVAL');
      await page.locator(`#panel a[href^="${later}.html"]`).click();
      await page.waitForURL(`**/${later}.html*`);
      assert.include(await textOf(page.locator('#panel .verdict').first()), 'pass');
      assert.deepEqual(faults, []);
      await page.close();
    });

    test('two runs are compared: systems, cells, and nothing that the hash invents', async ({
      assert,
    }) => {
      write(sampleSite());
      const page = await open('boards/sample-no-iommu/compare.html', {
        hash: '#a=../../evil&b=constructor',
      });
      await page.locator('#differences table').first().waitFor();
      const text = await textOf(page.locator('#differences'));
      for (const part of [
        'cells differ',
        '7.3.4-sample',
        SCATTERED,
        'refused → pass',
        'bufmatrix gate',
      ])
        assert.include(text, part);
      await page.locator('select[name=a]').selectOption({ index: 0 });
      await page
        .getByText(/^0 of \d+ cells differ$/)
        .first()
        .waitFor();
      assert.match(await addressOf(page), /#a=[0-9a-f]{16}&b=[0-9a-f]{16}$/);
      assert.deepEqual(faults, []);
      await page.close();
    });

    test('hostile text is shown, not obeyed', async ({ assert }) => {
      const hostile = sampleHostile();
      const later = hostile.run && {
        ...hostile.run,
        id: 'later',
        startedAt: '2026-11-25T00:00:00Z',
      };
      write([hostile, { ...hostile, run: later }]);
      const index = await open('index.html');
      const href = (await index.locator('#boards tbody a').getAttribute('href')) ?? '';
      const board = await open(href);
      await board.locator('#board-0 button.s-crash').first().click();
      assert.include(await textOf(board.locator('#panel')), '<img src=x onerror=');
      const compare = await open(join(dirname(href), 'compare.html'));
      await compare.locator('#differences h2').waitFor();
      for (const page of [index, board, compare]) {
        assert.equal(await page.evaluate('typeof owned'), 'undefined');
        assert.equal(await page.locator('img').count(), 0);
        await page.close();
      }
      assert.deepEqual(faults, []);
    });

    test('claims, virtual boards and hardware look unlike one another', async ({ assert }) => {
      write(sampleSite());
      const page = await open('index.html');
      const look = (mark: string) =>
        page.evaluate(
          `(() => { const s = getComputedStyle(document.querySelector('.ov th > ${mark}')); return s.borderStyle + s.borderRadius; })()`,
        );
      const looks = await Promise.all(['i', 'u', 'b'].map(look));
      assert.lengthOf([...new Set(looks)], 3);
      await page.close();
    });
  });
