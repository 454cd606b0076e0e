/** The style sheet of a report. Colours of series are those of Okabe and Ito, told apart by the colour-blind. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1c2024; --quiet: #60666d; --line: #dfe3e6; --faint: #f5f6f7; --accent: #0a5ea8;
  --good: #0b7a4b; --bad: #b3261e;
  --s0: #0072b2; --s1: #d55e00; --s2: #009e73; --s3: #cc79a7; --s4: #e69f00; --s5: #56b4e9; --s6: #6f5fb3; --s7: #7a7a52;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme=light]) {
    --paper: #14171a; --ink: #e3e6e8; --quiet: #99a1a8; --line: #2e3439; --faint: #1b1f23; --accent: #6cb6ff;
    --good: #4cc38a; --bad: #ff8a80;
    --s0: #4aa3df; --s1: #f0803c; --s2: #2fc39a; --s3: #e39cc4; --s4: #f0b93a; --s5: #8accf2; --s6: #a394e6; --s7: #b5b57e;
  }
}
:root[data-theme=dark] {
  color-scheme: dark;
  --paper: #14171a; --ink: #e3e6e8; --quiet: #99a1a8; --line: #2e3439; --faint: #1b1f23; --accent: #6cb6ff;
  --good: #4cc38a; --bad: #ff8a80;
  --s0: #4aa3df; --s1: #f0803c; --s2: #2fc39a; --s3: #e39cc4; --s4: #f0b93a; --s5: #8accf2; --s6: #a394e6; --s7: #b5b57e;
}
:root[data-theme=light] { color-scheme: light; }
* { box-sizing: border-box; }
html { scroll-padding-top: 3.2rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 14px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
/* A section that is not seen is not laid out; what lies over its edge would be cut. */
main > section { content-visibility: auto; contain-intrinsic-size: auto 900px; margin: 0 -12px; padding: 0 12px; }
main, header > div, footer { max-width: 1200px; margin: 0 auto; padding: 0 24px; }
header { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--line); }
header > div { display: flex; gap: 20px; align-items: baseline; min-height: 44px; flex-wrap: wrap; padding-top: 8px; padding-bottom: 8px; }
h1 { font-size: 15px; margin: 0; font-weight: 650; max-width: 40ch; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
nav { display: flex; gap: 14px; flex: 1; flex-wrap: wrap; }
nav a { color: var(--quiet); text-decoration: none; }
nav a:hover { color: var(--accent); text-decoration: underline; }
h2 { font-size: 19px; font-weight: 650; margin: 36px 0 8px; }
h3 { font-size: 15px; font-weight: 650; margin: 22px 0 8px; }
h4 { font-size: 12px; font-weight: 600; margin: 0; color: var(--quiet); }
p { margin: 6px 0; max-width: 90ch; }
a { color: var(--accent); }
code { font: 12px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
.note, .quiet { color: var(--quiet); }
.good { color: var(--good); } .bad { color: var(--bad); }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: inherit; }
.theme { border: 1px solid var(--line); border-radius: 4px; padding: 1px 8px; color: var(--quiet); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 8px; top: 8px; background: var(--paper); padding: 4px 8px; z-index: 3; }
.facts { display: flex; flex-wrap: wrap; gap: 10px 32px; margin: 8px 0 12px; }
.facts div { max-width: 60ch; }
dt { color: var(--quiet); font-size: 12px; }
dd { margin: 0; }
.findings { padding-left: 18px; margin: 8px 0; max-width: 110ch; }
.findings li { margin: 3px 0; }
.scroll { overflow-x: auto; max-height: 640px; overflow-y: auto; border: 1px solid var(--line); border-radius: 4px; }
table { border-collapse: collapse; font-size: 13px; margin: 10px 0; }
.scroll table { margin: 0; min-width: 100%; }
caption { text-align: left; font-weight: 600; padding: 4px 0; }
.scroll caption { padding: 6px 10px; }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--line); text-align: left; font-weight: 400; vertical-align: baseline; white-space: nowrap; }
thead th { color: var(--quiet); font-size: 12px; font-weight: 600; background: var(--faint); }
.scroll thead th { position: sticky; top: 0; z-index: 1; }
#comparison th:first-child { position: sticky; left: 0; z-index: 1; background: var(--paper); box-shadow: 1px 0 var(--line); }
#comparison thead th:first-child { z-index: 2; background: var(--faint); }
tbody tr:last-child > * { border-bottom: 0; }
tbody tr:hover > * { background: var(--faint); }
.n { text-align: right; position: relative; }
td .bar { position: absolute; inset: auto auto 2px 0; height: 2px; background: var(--s0); opacity: .55; }
tr.ruler > * { color: var(--quiet); font-style: italic; }
th[aria-sort=ascending] button::after { content: ' \\2191'; }
th[aria-sort=descending] button::after { content: ' \\2193'; }
table.small { font-size: 12px; width: 100%; }
table.small td { white-space: normal; overflow-wrap: anywhere; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(460px, 100%), 1fr)); gap: 14px 28px; align-items: start; }
.chart { margin: 10px 0; min-width: 0; position: relative; }
figcaption { font-weight: 600; font-size: 13px; }
.chart svg { width: 100%; height: auto; display: block; overflow: visible; }
.axes line { stroke: var(--line); stroke-width: 1; }
.axes .base { stroke: var(--quiet); }
svg text { fill: var(--quiet); font: 11px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
text.y, .rule text { text-anchor: end; } text.x { text-anchor: middle; }
.rule line { stroke: var(--bad); stroke-dasharray: 2 3; } .rule text { fill: var(--bad); }
.line { fill: none; stroke: var(--c); stroke-width: 1.75; stroke-linejoin: round; }
.dashed { stroke-dasharray: 5 4; }
.area { fill: var(--c); opacity: .82; } .band { fill: var(--c); opacity: .16; }
circle { fill: var(--c, var(--ink)); }
.cursor { stroke: var(--ink); stroke-width: 1; visibility: hidden; opacity: .5; } .cursor.on { visibility: visible; }
.c0 { --c: var(--s0); } .c1 { --c: var(--s1); } .c2 { --c: var(--s2); } .c3 { --c: var(--s3); }
.c4 { --c: var(--s4); } .c5 { --c: var(--s5); } .c6 { --c: var(--s6); } .c7 { --c: var(--s7); }
.legend { list-style: none; margin: 2px 0 0 66px; padding: 0; display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 12px; color: var(--quiet); }
.legend i { display: inline-block; width: 14px; height: 3px; margin-right: 6px; vertical-align: middle; background: var(--c); }
.legend i.dashed { background: repeating-linear-gradient(90deg, var(--c) 0 4px, transparent 4px 7px); }
.stack { display: flex; height: 14px; border-radius: 3px; overflow: hidden; margin: 4px 0; }
.stack i { background: var(--c); } .stack + .legend { margin-left: 0; }
.tip { position: absolute; z-index: 2; pointer-events: none; background: var(--paper); border: 1px solid var(--line); border-radius: 4px; padding: 4px 8px; font-size: 12px; box-shadow: 0 2px 8px #0003; white-space: nowrap; }
.tip i { display: inline-block; width: 8px; height: 8px; margin-right: 6px; background: var(--c); }
.whisker { width: 120px; height: 14px; vertical-align: middle; margin-right: 8px; }
.whisker .one { stroke: var(--line); } .whisker .span { stroke: var(--ink); stroke-width: 2; }
.whisker + .quiet { font-size: 12px; }
details.run { border-top: 1px solid var(--line); padding: 2px 0; }
details.run > summary { display: flex; gap: 14px; align-items: baseline; cursor: pointer; padding: 6px 0; flex-wrap: wrap; }
summary h3 { margin: 0; } details.run > summary .quiet { flex: 1 1 0; min-width: 12em; } summary .figure { font-weight: 600; }
summary { cursor: pointer; }
details.run > summary::before { content: '\\25B8'; color: var(--quiet); }
details.run[open] > summary::before { content: '\\25BE'; }
.tiers { list-style: none; padding: 0; margin: 10px 0; }
.tiers > li { display: grid; grid-template-columns: 120px 1fr; gap: 12px; padding: 10px 0 10px 12px; border-left: 3px solid var(--c); margin-bottom: 4px; }
.tiers > li:nth-child(1) { --c: var(--s0); } .tiers > li:nth-child(2) { --c: var(--s1); } .tiers > li:nth-child(3) { --c: var(--s2); } .tiers > li:nth-child(n+4) { --c: var(--s3); }
.nodes { display: flex; flex-wrap: wrap; gap: 10px; }
.node { border: 1px solid var(--line); border-radius: 4px; padding: 6px 12px; background: var(--faint); min-width: 150px; }
.node span { display: block; color: var(--quiet); font-size: 12px; }
.heat .note { margin: 2px 0; font-size: 12px; }
.heat img { width: 100%; height: 220px; image-rendering: pixelated; border: 1px solid var(--line); background: var(--faint); display: block; margin: 4px 0; }
.scale { display: flex; gap: 8px; align-items: center; font-size: 12px; } .scale .quiet { margin-left: auto; }
.scale i { width: 90px; height: 8px; }
.scale .accesses { background: linear-gradient(90deg, #fde7c4, #f5a66e, #d6545c, #84206b, #280b54); }
.scale .hot { background: linear-gradient(90deg, #f0e0d6, #e8a078, #cd563c, #96201e, #540612); }
.scale .placement { background: linear-gradient(90deg, #e2d6b8, #9ec5b0, #4e9eaa, #226296, #122c68); }
.glossary { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; font-size: 13px; }
.glossary dt { grid-column: 1; } .glossary dd { grid-column: 2; }
footer { color: var(--quiet); font-size: 12px; padding-top: 24px; padding-bottom: 40px; }
@media (max-width: 700px) { main, header > div, footer { padding: 0 14px; } .tiers > li { grid-template-columns: 1fr; } .glossary { grid-template-columns: 1fr; } .glossary dd { grid-column: 1; } }
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --quiet: #444; --line: #bbb; --faint: #fff; }
  body { font-size: 10pt; } header { position: static; } nav, .theme, .skip { display: none; }
  main, header > div, footer { max-width: none; padding: 0; }
  main > section { content-visibility: visible; }
  .scroll { overflow: visible; max-height: none; border: 0; } table { font-size: 8pt; } th, td { padding: 2px 4px; }
  .scroll thead th { position: static; }
  figure, tr, .tiers > li { break-inside: avoid; } h2, h3 { break-after: avoid; }
  * { print-color-adjust: exact; }
}
`;
