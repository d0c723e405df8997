import { tileCss } from '../html/palette.ts';
import { STYLE } from '../html/style.ts';
import { tileSelector, UNEXPECTED } from './place.ts';

/**
 * What the site's own pages have beside the matrices. Of a hundred boards, a browser lays out the tables
 * that are near the window, and passes, which are most of all places, have no shape of their own to draw.
 */
const SITE = `
.ov{font-size:.8rem}
.ov caption,.list caption{text-align:left;font-weight:650;padding:.35rem .6rem;background:var(--head);position:sticky;left:0}
.ov thead th{font-family:var(--mono);font-size:.72rem;text-align:center;padding:.15rem .3rem}
.ov td{min-width:30px;height:27px;padding:2px 4px}
.ov td:not(:empty){color:var(--ink);font:650 .8rem/1 var(--mono)}
.ov td:not([class]):not(:empty){background:var(--fill);background-clip:padding-box;border:solid transparent;border-width:1px 2px;border-radius:7px}
.ov td[class]{position:relative;isolation:isolate}
:where(.ov td[class])::before{content:"";position:absolute;inset:1px 2px;background:var(--fill);z-index:-1}
.ov[data-s] td:not(:empty){cursor:pointer}
.ov td i,.ov td small{font-style:normal;font-size:.64rem;font-weight:500;margin-left:2px}
${UNEXPECTED}::after{content:"!";position:absolute;top:0;right:0;width:11px;height:11px;border-radius:50%;
background:var(--bad);color:var(--card);font:700 8px/11px var(--sans)}
.ov tbody th{position:sticky;left:0;z-index:2;background:var(--card);border-right:1px solid var(--strong);padding:.1rem .6rem;font:500 .8rem var(--mono)}
.ov th a,.list th a{color:inherit}
.ov a~:is(b,u,i),#boards td :is(b,u,i){font:600 .66rem var(--sans);border:1px solid var(--strong);padding:0 .3rem;color:var(--soft);text-decoration:none;white-space:nowrap}
.ov a~:is(b,u,i){margin-left:.4rem}
.ov a~u,#boards td u{border-style:dashed;border-radius:1rem}
.ov a~b,#boards td b{border:1.5px solid var(--text);color:var(--text)}
.ov a~i,#boards td i{border:1.5px dotted;border-radius:.7rem .2rem;font-style:italic}
.ov tbody tr:hover>th{background:color-mix(in srgb,var(--link) 7%,var(--card))}
.list td,.list th{padding:.22rem .6rem;text-align:left;white-space:nowrap}
.list tbody tr>*{border-top:1px solid var(--line)}
.list th[scope=row]{font-family:var(--mono);font-size:.8rem}
.list td.wide,#boards td:last-child{white-space:normal;min-width:14rem}
.list thead{z-index:1}
.stack>.wrap:has(.ov){content-visibility:auto;contain-intrinsic-size:auto 40rem auto 30rem}
.stack{display:grid;gap:1rem;justify-items:start}.stack>*{max-width:100%}
.stack pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}.stack p,.stack h2{margin:0}
.kinds{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;margin:.6rem 0;padding:0}
.why{font-size:.86rem}.why li{overflow-wrap:anywhere;margin:.25rem 0}
.past{list-style:none;margin:.2rem 0;padding:0;font-size:.86rem}.past li{display:flex;gap:.5rem;align-items:center;padding:.1rem 0}
@media(max-width:700px){.ov tbody th{max-width:9.4rem;padding:.1rem .4rem;font-size:.72rem;white-space:normal;overflow-wrap:anywhere;line-height:1.15}.list th[scope=row]{position:static;max-width:none}}
`;

/** All rules of all pages: those of the report in one file, and the site's. */
export const siteStyle = (): string => STYLE + tileCss(tileSelector) + SITE;
