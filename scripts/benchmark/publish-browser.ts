import type { Page } from 'playwright-core';
import { noBrowser, TestBrowser } from '../../reports/testing/browser.ts';

/** Milliseconds. */
export interface Opened {
  /** From the navigation's start until the first filter was answered and drawn. */
  readonly usableMs: number;
  /** From the input of a cell's whole id until its row was drawn. */
  readonly cellMs: readonly number[];
  /** The same of words that many rows hold. */
  readonly wordsMs: readonly number[];
}

/** What is searched for. */
export interface Searches {
  /** Right after the page has loaded. */
  readonly first: string;
  readonly cells: readonly string[];
  readonly words: readonly string[];
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
 * Opens the overview of a site, from disk and from a server.
 * @param write puts the site into a folder.
 */
export async function openOverview(
  write: (folder: string) => void,
  passes: number,
  searches: Searches,
): Promise<Opened[]> {
  if (noBrowser) throw new Error(noBrowser);
  const opened: Opened[] = [];
  for (const from of ['disk', 'a server'] as const) {
    const browser = new TestBrowser(from);
    await browser.start();
    try {
      write(browser.folder);
      for (let pass = 0; pass < passes; pass += 1) opened.push(await once(browser, searches));
    } finally {
      await browser.close();
    }
  }
  return opened;
}

async function once(browser: TestBrowser, { first, cells, words }: Searches): Promise<Opened> {
  const page = await browser.open('index.html');
  const { to } = await search(page, first);
  const all = async (texts: readonly string[]) => {
    const taken: number[] = [];
    for (const text of texts) {
      const { from, to: shown } = await search(page, text);
      taken.push(shown - from);
    }
    return taken;
  };
  const opened = { usableMs: to, cellMs: await all(cells), wordsMs: await all(words) };
  await page.close();
  if (browser.faults.length) throw new Error(browser.faults.join('\n'));
  return opened;
}
