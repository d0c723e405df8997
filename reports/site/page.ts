import type { Kind } from '../environment.ts';
import { type Html, html } from '../html/template.ts';
import { oneLine } from '../sanitize.ts';

/** What a page has beside its own content. */
export interface PageFrame {
  readonly title: string;
  /** One sentence below the heading. */
  readonly lead: Html | string;
  /** From the page to the site's folder: empty, or `../../`. */
  readonly root: string;
  /** Relative to the site's folder. */
  readonly style: string;
  /** Relative to the page, in the order in which they run. */
  readonly scripts: readonly string[];
  /** Other pages: where they are, relative to this one, and what they are. */
  readonly links: readonly (readonly [href: string, text: string])[];
  readonly head?: Html;
  readonly main: Html;
  readonly footer: Html;
}

/**
 * Nothing but the site's own files, and nothing inline: whatever a board's text may hold, it cannot
 * run. `file:` is what `'self'` does not cover where a page is opened from disk.
 */
const POLICY =
  "default-src 'none'; style-src 'self' file:; script-src 'self' file:; img-src 'self' file:; base-uri 'none'; form-action 'none'";

/** A whole page of the site. */
export function sitePage(frame: PageFrame): string {
  const { title, lead, root, style, scripts, links, head = null, main, footer } = frame;
  const nav = links.map(([href, text]) => html`<li><a href="${href}">${text}</a></li>`);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${oneLine(title)} – bufmatrix</title>
<link rel="stylesheet" href="${root}${style}">${head}</head><body>
<a class="skip" href="#main">Skip to the content</a>
<div class="page"><header><h1>${oneLine(title)}</h1>
<p>${lead}</p>
<nav aria-label="Pages"><ul>${nav}</ul></nav></header>
<main id="main" tabindex="-1">${main}</main>
<footer>${footer}</footer></div>
${scripts.map((path) => html`<script src="${path}"></script>\n`)}</body></html>
`.text;
}

/** The three that must never be taken for one another, as they are drawn. */
export function kindLegend(): Html {
  return html`<ul class="kinds" aria-label="What a result rests on">
<li><span class="kind hardware">HW: hardware</span> measured on the board itself</li>
<li><span class="kind virtual">VM: virtual board</span> measured on a real kernel with real drivers in QEMU, never the hardware whose situation it shows</li>
<li><span class="kind claims">claimed</span> not measured: what a profile says, in parentheses</li></ul>`;
}

/** `VM`, `HW` or `claimed`. */
export const KIND_SHORT: Readonly<Record<Kind, string>> = {
  virtual: 'VM',
  hardware: 'HW',
  claims: 'claimed',
};
