import { severities } from "@plimsoll/model";

/** The page's style sheet: light, dark and print, without a foreign font or picture. Colours keep a contrast of 4.5 to 1. */
export const style: string = `
:root { color-scheme: light dark; --page: #fff; --text: #1b1f24; --soft: #57606a; --line: #d0d7de; --panel: #f6f8fa; --link: #0550ae; --accent: #1a7f37;
  --CRITICAL: #82071e; --HIGH: #cf222e; --MEDIUM: #9a6700; --LOW: #0969da; --NEGLIGIBLE: #57606a; --UNKNOWN: #6e7781; --on: #fff; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --text: #e6edf3; --soft: #9198a1; --line: #3d444d; --panel: #161b22; --link: #79c0ff; --accent: #56d364;
  --CRITICAL: #ff6182; --HIGH: #ff9d76; --MEDIUM: #e3b341; --LOW: #79c0ff; --NEGLIGIBLE: #9198a1; --UNKNOWN: #9198a1; --on: #0d1117; } }
* { box-sizing: border-box; } [hidden] { display: none; }
body { margin: 0 auto; max-width: 80rem; padding: 1.5rem; background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 .5rem; font-size: 1.6rem; overflow-wrap: anywhere; } h2 { margin: 0 0 .75rem; font-size: 1.2rem; }
section { margin: 1.5rem 0; } a { color: var(--link); } code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: 1rem; background: var(--page); padding: .5rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.facts { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: 0; } .facts div { display: flex; gap: .4rem; min-width: 0; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
.verdict { border: 1px solid var(--line); border-left: .4rem solid var(--accent); border-radius: .4rem; padding: 1rem; background: var(--panel); }
.verdict p { margin: .25rem 0; } .alarm { color: var(--CRITICAL); } .verdict:has(.unsound) { border-left-color: var(--MEDIUM); }
.verdict.found { border-left-color: var(--MEDIUM); } .verdict.worst, .verdict:has(.alarm) { border-left-color: var(--CRITICAL); }
table { border-collapse: collapse; width: 100%; } th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } thead th, thead td { background: var(--panel); white-space: nowrap; } .number button { width: 100%; text-align: right; } thead button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
thead th[aria-sort="ascending"] span::after { content: " \\2191"; } thead th[aria-sort="descending"] span::after { content: " \\2193"; }
.charts { display: flex; flex-wrap: wrap; gap: 2rem; align-items: center; } .chart { flex: 1 1 24rem; } .chart caption { text-align: left; color: var(--soft); padding-bottom: .5rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } #rows > tr > td:nth-child(4), #rows > tr > td:nth-child(5) { min-width: 6rem; } .wide { width: 60%; } .bar { display: block; width: 100%; height: .9rem; }
.ring { margin: 0; width: 11rem; text-align: center; } .ring circle { fill: none; stroke-width: 12; } .ring .track { stroke: var(--line); } .ring .share { stroke: var(--accent); } .ring text { fill: var(--text); font-size: 20px; font-weight: 600; }
.badge { display: inline-block; padding: 0 .5rem; border-radius: 1rem; font-size: .85rem; font-weight: 600; color: var(--on); background: var(--soft); white-space: nowrap; }
.badge.flag { background: var(--CRITICAL); margin-left: .4rem; }
${severities.map((severity) => `.badge.${severity} { background: var(--${severity}); } .fill-${severity} { fill: var(--${severity}); }`).join("\n")}
.faint { opacity: .35; }
.layers { list-style: none; margin: 0; padding: 0; } .layer { display: grid; grid-template-columns: 2rem 1fr auto auto; gap: .25rem .75rem; align-items: baseline; padding: .5rem .75rem; border: 1px solid var(--line); border-top-width: 0; background: var(--panel); }
.layer:first-child { border-top-width: 1px; border-radius: .4rem .4rem 0 0; } .layer:last-child { border-radius: 0 0 .4rem .4rem; } .layer.base { background: var(--page); border-left: .3rem solid var(--soft); } .layer.own { border-left: .3rem solid var(--accent); }
.layer .bar { grid-column: 2 / -1; } .layer .index, .layer .origin { color: var(--soft); } .layer code { display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; padding-bottom: .2em; }
.filters { display: flex; flex-wrap: wrap; gap: .75rem 1.25rem; align-items: center; } .filters fieldset { display: flex; flex-wrap: wrap; gap: .25rem .75rem; border: 1px solid var(--line); border-radius: .4rem; margin: 0; padding: .2rem .6rem; }
input[type="search"], select, .pages button { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--soft); border-radius: .4rem; padding: .3rem .5rem; } input[type="search"] { width: 18rem; max-width: 100%; }
.open { font: inherit; color: var(--link); background: none; border: 0; padding: 0; cursor: pointer; text-align: left; text-decoration: underline; } .place { display: block; color: var(--soft); font-size: .85rem; font-weight: normal; }
.detail > td { background: var(--panel); } .detail dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; } .detail dt { color: var(--soft); } .detail dd { margin: 0; min-width: 0; overflow-wrap: anywhere; } .detail ul { margin: 0; padding-left: 1.2rem; }
.pages button:disabled { opacity: .5; } .chart th.number { text-align: right; } .pages { display: flex; gap: 1rem; align-items: center; margin-top: .75rem; } footer { color: var(--soft); }
@media (max-width: 40rem) { body { padding: .75rem; } .layer { grid-template-columns: 2rem 1fr; } .layer .count, .layer .origin { grid-column: 2; } .detail dl { grid-template-columns: 1fr; }
  .stacked thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } .stacked, .stacked tbody { display: block; }
  .stacked tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); } .stacked td:empty { display: none; }
  .stacked td, .stacked th { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .5rem; padding: .1rem 0; border: 0; text-align: left; white-space: normal; overflow-wrap: break-word; }
  .stacked [data-label]::before { content: attr(data-label); color: var(--soft); font-weight: normal; } .stacked [data-label] > * { justify-self: start; min-width: 0; }
  .stacked th > .place, .stacked th > .flag, .stacked td > .place { grid-column: 2; margin: 0; overflow-wrap: anywhere; } .stacked .detail td { display: block; padding: .5rem; } }
@media print { :root { --page: #fff; --text: #000; --panel: #fff; --on: #000; } :root { font-size: 9pt; } body { max-width: none; padding: 0; } .filters, .pages, .skip, #status { display: none; } .scroll { overflow: visible; } .badge { border: 1px solid #000; background: none !important; } tr, .layer { break-inside: avoid; } thead { display: table-header-group; } svg { print-color-adjust: exact; } }
`;
