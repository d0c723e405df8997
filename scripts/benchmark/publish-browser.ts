import type { Page } from 'playwright-core';
import { noBrowser, TestBrowser } from '../../reports/testing/browser.ts';

/** Milliseconds. */
export interface Opened {
  /** From the navigation's start until the first filter was answered and drawn. */
  readonly usableMs: number;
  /** From a search's input until its rows were drawn, each. */
  readonly searchMs: readonly number[];
}

/** Types into the search, waits for the frame that shows the answer, and says when that was. */
const searching = (text: string) => `new Promise((resolve, reject) => {
  const field = document.querySelector('#find input');
  const from = performance.now();
  field.value = ${JSON.stringify(text)};
  field.dispatchEvent(new Event('input', { bubbles: true }));
  // A frame is begun before it is drawn: the message comes after it.
  requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      const rows = document.querySelectorAll('.ov tbody tr:not([hidden])').length;
      if (rows) resolve({ from, to: performance.now() });
      else reject(new Error('no row holds ' + field.value));
    };
    port2.postMessage(null);
  });
})`;

const search = (page: Page, text: string): Promise<{ from: number; to: number }> =>
  page.evaluate(searching(text));

/**
 * Opens the overview of a site, as from disk and from a server.
 * @param write puts the site into a folder.
 * @param texts what is searched for; the first right after the page has loaded.
 */
export async function openOverview(
  write: (folder: string) => void,
  passes: number,
  texts: readonly string[],
): Promise<Opened[]> {
  if (noBrowser) throw new Error(noBrowser);
  const opened: Opened[] = [];
  for (const from of ['disk', 'a server'] as const) {
    const browser = new TestBrowser(from);
    await browser.start();
    try {
      write(browser.folder);
      for (let pass = 0; pass < passes; pass += 1) opened.push(await once(browser, texts));
    } finally {
      await browser.close();
    }
  }
  return opened;
}

async function once(browser: TestBrowser, [first = '', ...more]: readonly string[]) {
  const page = await browser.open('index.html');
  const { to } = await search(page, first);
  const searchMs: number[] = [];
  for (const text of more) {
    const { from, to: shown } = await search(page, text);
    searchMs.push(shown - from);
  }
  await page.close();
  if (browser.faults.length) throw new Error(browser.faults.join('\n'));
  return { usableMs: to, searchMs };
}
