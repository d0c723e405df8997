import { tileCss } from '../html/palette.ts';
import { STYLE } from '../html/style.ts';

/** What the site's own pages have beside the matrices. */
const SITE = `
.ov{font-size:.8rem}
.ov caption,.list caption{text-align:left;font-weight:650;padding:.35rem .6rem;background:var(--head);position:sticky;left:0}
.ov thead th{font-family:var(--mono);font-size:.72rem;text-align:center;padding:.15rem .3rem}
.ov td{min-width:30px;height:27px;padding:2px 4px}
.ov td[class]{position:relative;isolation:isolate;color:var(--ink);font:650 .8rem/1 var(--mono)}
.ov td[class]::before{content:"";position:absolute;inset:1px 2px;background:var(--fill);z-index:-1}
.ov[data-s] td[class]{cursor:pointer}
.ov td small{font-size:.64rem;font-weight:500;margin-left:2px}
.ov td.x::after{content:"!";position:absolute;top:0;right:0;width:11px;height:11px;border-radius:50%;
background:var(--bad);color:var(--card);font:700 8px/11px var(--sans)}
.ov th.row a,.list th a{color:inherit}
.ov th.row i,.ov th.row b{font:600 .66rem var(--sans);border:1px solid var(--strong);padding:0 .3rem;margin-left:.4rem;color:var(--soft)}
.ov .virtual th.row b{border-style:dashed;border-radius:1rem}
.ov .hardware th.row b{border:1.5px solid var(--text);color:var(--text)}
.ov .claims th.row b{border:1.5px dotted;border-radius:.7rem .2rem;font-style:italic}
.list td,.list th{padding:.22rem .6rem;text-align:left;white-space:nowrap}
.list tbody tr>*{border-top:1px solid var(--line)}
.list th[scope=row]{font-family:var(--mono);font-size:.8rem}
.list td.wide{white-space:normal;min-width:14rem}
.list thead{z-index:1}
.stack{display:grid;gap:1rem;justify-items:start}.stack>*{max-width:100%}
.stack pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}.stack p,.stack h2{margin:0}
.kinds{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;margin:.6rem 0;padding:0}
.why{font-size:.86rem}.why li{overflow-wrap:anywhere;margin:.25rem 0}
.past{list-style:none;margin:.2rem 0;padding:0;font-size:.86rem}.past li{display:flex;gap:.5rem;align-items:center;padding:.1rem 0}
@media(max-width:700px){.ov th.row{max-width:9.4rem}.list th[scope=row]{position:static;max-width:none}}
`;

/** All rules of all pages: those of the report in one file, and the site's. */
export const siteStyle = (): string => STYLE + tileCss() + SITE;
