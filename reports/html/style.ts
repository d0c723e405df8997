/** Page, type and colour. System fonts only; both colour schemes. */
const BASE = `
:root{color-scheme:light dark;--bg:#fbfbfa;--card:#fff;--text:#1b1e22;--soft:#555c65;--line:#dde1e5;
--strong:#b9c0c7;--link:#0a54b5;--bad:#b3102b;--badbg:#fdeaec;--good:#17602c;--mark:#fff3bf;--bar:#9fb0c3;--head:#f4f5f5;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
--mono:ui-monospace,"SF Mono","Cascadia Mono","DejaVu Sans Mono",Menlo,Consolas,monospace}
@media(prefers-color-scheme:dark){:root{--bg:#111315;--card:#191c1f;--text:#e3e6e9;--soft:#a0a7af;--line:#2a2f34;
--strong:#454c54;--link:#8ab8ff;--bad:#ff8a98;--badbg:#33161b;--good:#8fd6a2;--mark:#4a3d0c;--bar:#4f6072;--head:#16191c}}
*{box-sizing:border-box}
html{scroll-padding-top:4.5rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:14px/1.45 var(--sans);font-variant-numeric:tabular-nums}
body.docked{padding-right:27rem}body.docked .filters{position:static}
a{color:var(--link)}
code,pre,.mono{font-family:var(--mono);font-size:.92em}
h1{font-size:1.35rem;margin:0;letter-spacing:-.01em}
h2{font-size:1.15rem;margin:0}
h3{font-size:.95rem;margin:1.4rem 0 .5rem}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
button,select,input{font:inherit;color:inherit}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.3rem .6rem;z-index:9}
.page{max-width:1500px;margin:0 auto;padding:0 1.25rem}
.page>header{padding:1.1rem 0 .7rem}
.page>header p{margin:.25rem 0 0;color:var(--soft);max-width:70ch}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:.6rem 0 0;padding:0}
section{padding:1.6rem 0 .6rem;border-top:1px solid var(--line)}
main>section:first-of-type{border-top:0}
.title{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem .7rem}
.title h2{font-size:1.2rem}
.sub{margin:.2rem 0 .8rem;color:var(--soft)}
.kind{font-size:.78rem;padding:.05rem .5rem;border:1px solid var(--strong);color:var(--soft);display:inline-block;max-width:100%}
.kind.virtual{border-style:dashed;border-radius:1rem}
.kind.claims{border-style:dotted;border-width:1.5px;border-radius:.7rem .2rem;font-style:italic}
.kind.hardware{border-width:1.5px;border-color:var(--text);color:var(--text);font-weight:600}
.bad{color:var(--bad);font-weight:600}.good{color:var(--good)}
.note{border-left:3px solid var(--bad);background:var(--badbg);padding:.4rem .7rem;margin:.5rem 0;overflow-wrap:anywhere}
footer{color:var(--soft);border-top:1px solid var(--line);margin-top:2rem;padding:1rem 0 3rem}
`;

const TABLES = `
.wrap{overflow:auto;max-height:82vh;width:fit-content;max-width:100%;border:1px solid var(--line);background:var(--card);border-radius:6px}
table{border-collapse:separate;border-spacing:0;font-size:.86rem}
th{font-weight:500;text-align:left;white-space:nowrap}
thead{position:sticky;top:0;z-index:3;background:var(--head)}
thead th{background:var(--head);padding:.1rem .35rem;vertical-align:bottom}
thead tr:first-child th{padding-top:.4rem}
thead tr:last-child>*{border-bottom:1px solid var(--strong)}
th.row,.corner{position:sticky;left:0;z-index:2;background:var(--card);border-right:1px solid var(--strong);padding:.1rem .6rem}
.corner{z-index:4;background:var(--head);color:var(--soft);font-size:.8rem}
th.row{font-family:var(--mono);font-size:.8rem}
thead .suite{font-weight:650}
thead .imp{font-family:var(--mono);font-size:.76rem;color:var(--soft)}
thead .fmt{font-family:var(--mono);font-size:.7rem;text-align:center;color:var(--soft)}
thead .stay{position:sticky;left:calc(var(--left,11rem) + .35rem);display:inline-block}
.edge{border-left:1px solid var(--line)}
td{padding:2px;text-align:center}
tbody tr:hover>td,tbody tr:hover>th.row{background:color-mix(in srgb,var(--link) 7%,var(--card))}
thead .turn{vertical-align:bottom;padding:.45rem .1rem;text-align:left}
thead .turn span{writing-mode:vertical-rl;transform:rotate(180deg);font:.72rem/1.25 var(--mono);color:var(--soft)}
thead .turn b{font-weight:600;color:var(--text)}thead .turn i{font:600 .64rem var(--sans)}
.across .t{flex-direction:column;height:29px;gap:1px;padding:0 3px;min-width:29px}
.t{position:relative;isolation:isolate;display:inline-flex;align-items:center;justify-content:center;gap:2px;
min-width:27px;height:25px;padding:0 5px;border:0;background:none;color:var(--ink);font:650 .8rem/1 var(--mono);cursor:pointer}
.t::before{content:"";position:absolute;inset:0;background:var(--fill);z-index:-1}
.t,.t small{white-space:nowrap}.t small{font-size:.66rem;font-weight:500}
span.t{cursor:default}
.t.x::after{content:"!";position:absolute;top:-3px;right:-3px;width:12px;height:12px;border-radius:50%;
background:var(--bad);color:var(--card);font:700 9px/12px var(--sans);box-shadow:0 0 0 1.5px var(--card)}
button.t:hover::before{filter:brightness(.94)}
.t[aria-current]{outline:2px solid var(--text);outline-offset:1px}
.off>*{visibility:hidden}
[hidden]{display:none!important}
`;

const PARTS = `
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(19rem,1fr));gap:.8rem;margin:.8rem 0 1.4rem;padding:0;list-style:none}
.card{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.7rem .85rem}
.card h3{margin:0 0 .2rem;font-family:var(--mono);font-size:.95rem}
.card p{margin:.25rem 0;color:var(--soft);font-size:.86rem}
.meter{display:block;width:100%;height:8px;margin:.55rem 0 .4rem;border-radius:2px}
.meter rect{fill:var(--fill);stroke:var(--ink);stroke-width:.4}
.tally{display:flex;flex-wrap:wrap;gap:.15rem .8rem;font-size:.84rem;margin:0;padding:0;list-style:none}
.filters{position:sticky;top:0;z-index:5;background:color-mix(in srgb,var(--bg) 94%,transparent);backdrop-filter:blur(6px);
border-block:1px solid var(--line);padding:.5rem 0;display:flex;flex-wrap:wrap;gap:.4rem .6rem;align-items:center}
.filters fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.25rem}
.filters input[type=search],.filters select{border:1px solid var(--strong);border-radius:4px;background:var(--card);padding:.18rem .4rem;max-width:13rem}
.filters label{display:inline-flex;gap:.35rem;align-items:center;color:var(--soft)}
.chip,.plain{border:1px solid var(--line);border-radius:4px;background:var(--card);padding:.1rem .45rem .1rem .2rem;display:inline-flex;gap:.35rem;align-items:center;cursor:pointer;font-size:.84rem}
.plain{padding:.18rem .6rem}
.chip[aria-pressed=true]{border-color:var(--text);box-shadow:inset 0 0 0 1px var(--text)}
.chip .t{height:20px;min-width:22px}
.filters input[type=search]{flex:1 1 12rem;max-width:20rem}
.shown{color:var(--soft);font-size:.84rem;margin-left:auto}
dl.env{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.12rem .9rem;margin:.4rem 0;font-size:.86rem}
dl.env dt{color:var(--soft)}dl.env dd{margin:0;overflow-wrap:anywhere}
details>summary{cursor:pointer;color:var(--soft);margin:.3rem 0}
.issues{list-style:none;margin:.3rem 0 1rem;padding:0;font-size:.88rem}
.issues li{padding:.28rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
.issues li:first-child{border-top:0}
.issues button.link{font-family:var(--mono);font-size:.92em;text-align:left}
.link{background:none;border:0;padding:0;color:var(--link);cursor:pointer;text-decoration:underline;text-underline-offset:2px;overflow-wrap:anywhere}
.soft{color:var(--soft)}
dialog{position:fixed;inset:0 0 0 auto;width:27rem;max-width:100%;height:100dvh;max-height:none;margin:0;border:0;border-left:1px solid var(--strong);
background:var(--card);color:var(--text);padding:0;overflow:auto;z-index:8;box-shadow:-8px 0 30px #0001}
dialog::backdrop{background:#0006}
.panel{padding:.9rem 1.1rem 2rem}
.panel .bar{display:flex;justify-content:space-between;gap:.6rem;align-items:start}
.panel .bar>div{min-width:0}.panel .kind{white-space:normal}
.panel h2{font:650 .95rem/1.35 var(--mono);overflow-wrap:anywhere}
.panel h3{font-size:.8rem;margin:1.1rem 0 .35rem;color:var(--soft);font-weight:600}
.panel .close{border:1px solid var(--line);border-radius:4px;background:none;cursor:pointer;padding:.1rem .5rem}
.pick{display:flex;flex-wrap:wrap;gap:.3rem;margin:.5rem 0;padding:0;list-style:none}
.verdict{display:flex;gap:.5rem;align-items:baseline;font-weight:600;margin:.7rem 0 .2rem}
.panel p,.panel li{margin:.2rem 0;overflow-wrap:anywhere}
.ladder{list-style:none;margin:0;padding:0;font-size:.86rem}
.ladder li{display:grid;grid-template-columns:1.1rem 7rem 1fr 4.6rem;gap:.4rem;align-items:center;padding:.13rem 0}
.ladder .time{text-align:right;color:var(--soft)}
.ladder .lane{height:5px;background:var(--line);border-radius:2px;overflow:hidden}
.ladder .lane i{display:block;height:100%;min-width:2px;background:var(--bar)}
.ladder .said{grid-column:2/-1;overflow-wrap:anywhere;font-size:.95em}
.ladder .fail{background:var(--badbg);margin:0 -.5rem;padding:.25rem .5rem;border-radius:4px}
.ladder .fail .name{font-weight:650}
.panel pre{margin:.2rem 0;padding:.5rem .6rem;background:var(--bg);border:1px solid var(--line);border-radius:4px;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.8rem;max-height:22rem;overflow:auto}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media(max-width:1099px){body.docked{padding-right:0}dialog{width:100%;border-left:0}}
@media(max-width:700px){.page{padding:0 .7rem}.filters{position:static}.shown{margin-left:0}.cards{grid-template-columns:1fr}
html{scroll-padding-top:.5rem}th.row{font-size:.72rem;padding:.1rem .4rem;max-width:8.6rem;white-space:normal;overflow-wrap:anywhere;line-height:1.15}
.corner{padding:.1rem .4rem}.filters input[type=search]{max-width:none;flex:1 1 8rem}
main dl.env{grid-template-columns:minmax(0,1fr)}main dl.env dd{margin-bottom:.35rem}}
@media print{.filters,nav,dialog{display:none}.wrap{max-height:none;overflow:visible}thead{position:static}}
@media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`;

/** All of the page's own rules; the tiles' come from the palette. */
export const STYLE = BASE + TABLES + PARTS;
