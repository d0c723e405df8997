import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Locator, type Page } from 'playwright-core';
import { type StaticServer, serveFolder } from './static-server.ts';

const executablePath = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync);

/** Why tests that need a browser are left out; null where there is one. */
export const noBrowser =
  executablePath === undefined
    ? 'no Chromium in /usr/bin (Debian: apt-get install chromium)'
    : null;

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const textOf = async (locator: Locator): Promise<string> =>
  (await locator.textContent()) ?? '';

/** The page's own view: the browser's protocol reports a new hash a moment later. */
export const addressOf = (page: Page): Promise<string> => page.evaluate('location.href');

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { html: string }[];
  }[];
}

/** What axe finds fault with. @param options of axe.run(), as a script says them. */
export async function violations(page: Page, options = ''): Promise<string[]> {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
  // Evaluated, not added as an element: the page's own policy would rightly refuse that.
  await page.evaluate(readFileSync(axe, 'utf8'));
  const result: AxeResult = await page.evaluate(`axe.run(${options})`);
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

/** Where pages come from: both are how a site is looked at. */
export type PagesFrom = 'disk' | 'a server';

/** Pages in one Chromium, and whatever they complain of. */
export class TestBrowser {
  readonly faults: string[] = [];
  readonly #from: PagesFrom;
  /** Where pages are written; there once it has started. */
  folder = '';
  #context: BrowserContext | undefined;
  #server: StaticServer | undefined;
  #root = '';

  constructor(from: PagesFrom = 'disk') {
    this.#from = from;
  }

  async start(): Promise<void> {
    this.folder = mkdtempSync(join(tmpdir(), 'bufmatrix-html-'));
    this.#root = pathToFileURL(this.folder).href;
    if (this.#from === 'a server') {
      this.#server = await serveFolder(this.folder);
      this.#root = this.#server.root;
    }
    if (executablePath)
      this.#context = await chromium.launchPersistentContext(join(this.folder, 'user'), {
        executablePath,
        args: ARGS,
      });
  }

  async close(): Promise<void> {
    await this.#context?.close();
    await this.#server?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A file below the folder in a page of its own. */
  async open(
    path: string,
    { width = 1280, scheme = 'light' as 'light' | 'dark', hash = '' } = {},
  ): Promise<Page> {
    if (!this.#context) throw new Error(noBrowser ?? 'the browser was not started');
    const { faults } = this;
    const page = await this.#context.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => faults.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${this.#root}/`)) faults.push(request.url());
    });
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.goto(`${this.#root}/${path}${hash}`);
    return page;
  }
}
