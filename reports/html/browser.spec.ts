import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@japa/runner';
import type { Page } from 'playwright-core';
import type { BoardRun } from '../model.ts';
import { addressOf, noBrowser, TestBrowser, textOf, violations } from '../testing/browser.ts';
import {
  sampleClaims,
  sampleDesk,
  sampleGolden,
  sampleGoldenClaims,
  sampleHostile,
  sampleIommu,
  sampleRuns,
  sampleUnreachable,
} from '../testing/sample.ts';
import { htmlReport } from './index.ts';

test.group('HTML in Chromium', (group) => {
  const browser = new TestBrowser();
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

  /** The report in a page of its own; whatever the page complains of is kept. */
  async function open(
    runs: readonly BoardRun[],
    options: Parameters<TestBrowser['open']>[1] = {},
  ): Promise<Page> {
    writeFileSync(join(browser.folder, 'matrix.html'), htmlReport(runs));
    return browser.open('matrix.html', options);
  }

  for (const scheme of ['light', 'dark'] as const)
    for (const width of [1280, 360])
      test(`accessible and no wider than the page: ${scheme}, ${width} px`, async ({ assert }) => {
        const page = await open(sampleGolden(), { width, scheme });
        assert.deepEqual(await violations(page), []);
        const wider = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        assert.equal(await page.evaluate(wider), 0);
        await page.locator('#board-1 button.s-flaky').first().click();
        assert.deepEqual(await violations(page), []);
        assert.equal(await page.evaluate(wider), 0);
        assert.deepEqual(faults, []);
        await page.close();
      });

  test('what a board is stays inside its card, however long it is', async ({ assert }) => {
    const { inventory, ...run } = sampleDesk();
    if (!inventory) throw new Error('the sample has no inventory');
    const dmi = {
      ...inventory.identity.dmi,
      sysVendor: 'QEMU of a maker of virtual machines, Ltd.',
    };
    const board = { ...inventory, identity: { ...inventory.identity, dmi } };
    const runs = ['one', 'two'].map((name) => ({ ...run, board: name, inventory: board }));
    const page = await open(runs);
    assert.include(await textOf(page.locator('.card .kind').first()), 'maker of virtual machines');
    const sticksOut = await page.evaluate(
      `[...document.querySelectorAll('.card')].map((card) => card.scrollWidth - card.clientWidth)`,
    );
    assert.deepEqual(sticksOut, [0, 0]);
    await page.close();
  });

  for (const scheme of ['light', 'dark'] as const)
    test(`claims are accessible, and drawn unlike results: ${scheme}`, async ({ assert }) => {
      const page = await open(sampleGoldenClaims(), { scheme });
      assert.deepEqual(await violations(page), []);
      const looks = (state: string) =>
        page.evaluate(
          `(() => { const { borderStyle, backgroundImage } = getComputedStyle(document.querySelector('button.s-${state}'), '::before'); return [borderStyle, backgroundImage].join(' '); })()`,
        );
      assert.match(String(await looks('claimed')), /^dotted repeating-linear-gradient/);
      assert.equal(await looks('refused'), 'none none');
      await page.locator('#board-1 button.s-claimed').first().click();
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(faults, []);
      await page.close();
    });

  test('a claim opens with its source and what its stand-in measured, and no command', async ({
    assert,
  }) => {
    const page = await open([sampleDesk(), sampleClaims()]);
    const button = page.locator(
      '#board-1 button.t[aria-label*="udmabuf-scattered kms-primary kms:real_kms NV12"]',
    );
    assert.equal(await textOf(button), '(R) VM R');
    await button.click();
    const text = await textOf(page.locator('#panel'));
    for (const part of [
      'claimed, not measured: refused at prime-import with EINVAL',
      'drm_gem_dma_helper.c',
      'a mail of 2025-04-25',
      'Measured on sample-no-iommu, a virtual board',
      'kms-primary/udmabuf-scattered/kms:contig_kms/NV12/640x480/0x0',
      'another display driver, and no GPU',
    ])
      assert.include(text, part);
    assert.notInclude(text, 'as expected');
    assert.notInclude(text, 'bufmatrix run');
    await page.locator('#filters button[data-s="claimed"]').click();
    assert.match(await textOf(page.locator('#shown')), /^\d+ of 448 cells$/);
    assert.deepEqual(faults, []);
    await page.close();
  });

  test('a cell opens its ladder, facts, attempts, and the command to run it again', async ({
    assert,
  }) => {
    const page = await open(sampleRuns());
    await page.locator('#board-2 button.s-flaky').first().click();
    const panel = page.locator('#panel');
    const text = await textOf(panel);
    for (const part of [
      'encoder/udmabuf/v4l2-m2m:vicodec/XR24/640x480/0x0',
      'hardware',
      'flaky 2/3: pass, refused at streamon ENOMEM',
      'VIDIOC_STREAMON: ENOMEM',
      'Longest run',
      'bufmatrix run sample-desk --cell encoder/udmabuf/v4l2-m2m:vicodec/XR24/640x480/0x0',
    ])
      assert.include(text, part);
    await panel.getByRole('button', { name: 'attempt 1' }).click();
    assert.include(await textOf(panel.locator('.ladder')), 'dequeue');
    await panel.getByRole('button', { name: '1920x1080' }).click();
    assert.include(
      await addressOf(page),
      'cell=encoder/udmabuf/v4l2-m2m:vicodec/XR24/1920x1080/0x0',
    );
    await page.close();
  });

  test('arrow keys move, Enter opens, Escape closes and gives the focus back', async ({
    assert,
  }) => {
    const page = await open([sampleDesk()]);
    const focused = () => page.evaluate("document.activeElement.getAttribute('aria-label')");
    await page.locator('#board-0 .matrix button.t[tabindex="0"]').focus();
    assert.include(await focused(), 'udmabuf allocate XR24');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    assert.include(await focused(), 'udmabuf-scattered allocate NV12');
    await page.keyboard.press('Enter');
    assert.isTrue(await page.locator('#panel').isVisible());
    await page.keyboard.press('ArrowRight');
    assert.include(await textOf(page.locator('#panel h2')), 'cpu/udmabuf-scattered/-/XR24');
    await page.keyboard.press('Escape');
    assert.isFalse(await page.locator('#panel').isVisible());
    assert.include(await focused(), 'udmabuf-scattered cpu XR24');
    await page.close();
  });

  test('filters live in the address and come back from it', async ({ assert }) => {
    const page = await open(sampleRuns());
    await page.locator('select[name=b]').selectOption('udmabuf');
    await page.locator('#filters button[data-s="refused"]').click();
    await page.getByRole('searchbox').fill('prime-import einval');
    assert.include(await addressOf(page), '#q=prime-import+einval&b=udmabuf&s=refused');
    assert.equal(await textOf(page.locator('#shown')), '6 of 672 cells');
    const rows = page.locator('#board-0 tbody tr:visible');
    assert.equal(await rows.count(), 1);
    const { hash } = new URL(await addressOf(page));
    await page.close();
    const again = await open(sampleRuns(), { hash });
    assert.equal(await textOf(again.locator('#shown')), '6 of 672 cells');
    assert.equal(await again.locator('#board-0 thead tr:last-child th.fmt:visible').count(), 2);
    await again.locator('#reset').click();
    assert.notInclude(await addressOf(again), '#');
    await again.close();
    assert.deepEqual(faults, []);
  });

  test('an address with a cell opens that cell', async ({ assert }) => {
    const id = 'kms-primary/udmabuf/kms:contig_kms/NV12/1920x1080/0x0';
    const page = await open(sampleRuns(), { hash: `#board=sample-no-iommu&cell=${id}` });
    assert.equal(await textOf(page.locator('#panel h2')), id);
    assert.include(await textOf(page.locator('#panel')), 'virtual board (QEMU)');
    assert.include(await textOf(page.locator('#panel .fail')), 'EINVAL');
    await page.close();
  });

  test('a board that never answered has a page of its own, without cells', async ({ assert }) => {
    const page = await open([sampleUnreachable(), sampleDesk()]);
    const text = await textOf(page.locator('#board-0'));
    assert.include(text, 'nothing was tried');
    assert.include(text, 'unreachable: ssh');
    await page.getByRole('searchbox').fill('einval');
    assert.include(await textOf(page.locator('#shown')), 'of 224 cells');
    assert.deepEqual(faults, []);
    await page.close();
  });

  test('hostile text is shown, not obeyed', async ({ assert }) => {
    const page = await open([sampleHostile()]);
    await page.locator('#board-0 button.s-crash').first().click();
    assert.include(await textOf(page.locator('#panel')), '<img src=x onerror=');
    assert.equal(await page.evaluate('typeof owned'), 'undefined');
    assert.equal(await page.locator('img').count(), 0);
    assert.deepEqual(faults, []);
    await page.close();
  });

  test('six boards of about a thousand cells stay quick', async ({ assert }) => {
    const formats = ['XR24', 'AR24', 'NV12', 'YU12', 'R8', 'GR88', 'R16', 'GR32'];
    const sizes = [
      { width: 640, height: 480 },
      { width: 1920, height: 1080 },
    ];
    const one = sampleIommu({ formats, sizes });
    const runs = Array.from({ length: 6 }, (_, n) => ({ ...one, board: `sample-${n}` }));
    const page = await open(runs);
    assert.isAtLeast(await page.locator('.matrix button.t').count(), 6 * 400);
    // Within the page, so that neither starting a browser nor writing the file counts.
    const ms = await page.evaluate(`(() => {
      const start = performance.now();
      document.querySelector('#board-5 button.t.s-refused').click();
      const { height } = document.getElementById('panel').getBoundingClientRect();
      return height > 0 ? performance.now() - start : Infinity;
    })()`);
    assert.isBelow(Number(ms), 1000);
    const load = 'performance.getEntriesByType("navigation")[0].domInteractive';
    assert.isBelow(Number(await page.evaluate(load)), 8000);
    await page.close();
  }).timeout(90_000);
});
