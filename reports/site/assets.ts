import { CLIENT_DETAIL } from '../html/client-detail.ts';
import { CLIENT_FILTER } from '../html/client-filter.ts';
import { CLIENT_PAGE } from '../html/client-page.ts';
import { CLIENT_SEARCH } from '../html/client-search.ts';
import { CLIENT_COMPARE } from './client-compare.ts';
import { CLIENT_OVERVIEW } from './client-overview.ts';
import { CLIENT_RUN } from './client-run.ts';
import { shortHash } from './identity.ts';
import { siteStyle } from './style.ts';

/** The files that pages share, by what they are for. Relative to the site's folder. */
export interface Assets {
  readonly style: string;
  readonly overview: string;
  readonly run: string;
  readonly compare: string;
  readonly files: ReadonlyMap<string, string>;
}

const script = (...parts: readonly string[]) => `'use strict';{${parts.join('')}}\n`;

/**
 * Styles and scripts, named by their content: a page from an earlier publish keeps the script that it
 * was written for.
 */
export function siteAssets(): Assets {
  const files = new Map<string, string>();
  const add = (name: string, ending: string, text: string) => {
    const path = `assets/${name}-${shortHash(text)}.${ending}`;
    files.set(path, text);
    return path;
  };
  return {
    style: add('style', 'css', siteStyle()),
    overview: add('overview', 'js', script(CLIENT_SEARCH, CLIENT_OVERVIEW)),
    run: add(
      'run',
      'js',
      script(CLIENT_DETAIL, CLIENT_RUN, CLIENT_PAGE, CLIENT_SEARCH, CLIENT_FILTER),
    ),
    compare: add('compare', 'js', script(CLIENT_DETAIL, CLIENT_COMPARE)),
    files,
  };
}
