/**
 * Colours, type, the frame, the verdict and lists of facts. Every text colour has a contrast of 4.5
 * or more against what it stands on, in light and in dark; a test measures it.
 */

/** CSS of what every page has. */
export const frameStyle: string = `
:root { color-scheme: light dark;
  --paper: light-dark(#f8f7f4, #131619); --card: light-dark(#ffffff, #1a1e22);
  --sunk: light-dark(#f1efea, #20252a); --ink: light-dark(#1b2127, #e3e6e9);
  --soft: light-dark(#5a6470, #9ba6b1); --rule: light-dark(#e2dfd8, #2c3238);
  --link: light-dark(#1d5a9e, #8fbdf0);
  --good: light-dark(#1d6a3f, #85d1a2); --good-bg: light-dark(#e9f4ec, #16281d);
  --error: light-dark(#ab2119, #ff9f96); --error-bg: light-dark(#fcecea, #351c1a);
  --warning: light-dark(#7d4c00, #efc06e); --warning-bg: light-dark(#fbf1da, #2f2611);
  --note: light-dark(#3d566f, #a8c0d8); --note-bg: light-dark(#ebf0f5, #1d2731);
  --user: light-dark(#3f7d8c, #5fa3b3); --assistant: light-dark(#8b93a7, #7d879d);
  --call: light-dark(#b9a06a, #a08a58); --result: light-dark(#d5c9a8, #6b6147);
  --rest: light-dark(#e9e6df, #2a3036); --sound: light-dark(#8fb39c, #4f7a60);
  --error-fill: light-dark(#b53a31, #c2574f); --warning-fill: light-dark(#a8741f, #b98a35);
  --sans: -apple-system, "Segoe UI", Roboto, Cantarell, "Noto Sans", "Liberation Sans", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace; }
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-padding-top: 16px; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.55 var(--sans);
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .16em;
  text-decoration-color: color-mix(in srgb, currentColor 40%, transparent); }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
code, kbd, pre { font-family: var(--mono); font-size: .875em; }
p, ol, ul, dl, dd, figure, pre { margin: 0; padding: 0; }
ol, ul { list-style: none; }
button, select { font: inherit; color: inherit; }
.heard, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }
.skip:focus { position: fixed; top: 8px; left: 8px; z-index: 9; background: var(--card);
  padding: 8px 14px; border: 1px solid var(--rule); border-radius: 6px; }
.bar { display: flex; align-items: center; gap: 10px; max-width: 1180px; margin: 0 auto;
  padding: 14px 24px 0; font-size: .8125rem; color: var(--soft); }
.brand { font-weight: 650; color: var(--ink); letter-spacing: .01em; }
.kind::before { content: "/"; margin-right: 10px; color: var(--soft); }
.quiet { background: none; border: 1px solid var(--rule); border-radius: 6px; padding: 3px 10px;
  font-size: .8125rem; color: var(--soft); cursor: pointer; }
.quiet:hover { color: var(--ink); border-color: var(--soft); }
#theme { margin-left: auto; }
html:not(.js) :is(#theme, .copy, .filter, .opener, .keys) { display: none; }
.columns { display: grid; grid-template-columns: 190px minmax(0, 1fr); gap: 0 48px;
  max-width: 1180px; margin: 0 auto; padding: 0 24px 64px; }
nav { font-size: .8125rem; position: sticky; top: 0; align-self: start; padding-top: 38px;
  max-height: 100vh; overflow-y: auto; }
nav li a { display: flex; justify-content: space-between; gap: 8px; padding: 4px 0;
  color: var(--soft); text-decoration: none; }
nav li a:hover { color: var(--ink); }
.count { font-size: .75rem; }
.keys { margin-top: 20px; padding-top: 14px; border-top: 1px solid var(--rule); color: var(--soft);
  font-size: .75rem; line-height: 2; }
kbd { border: 1px solid var(--rule); border-bottom-width: 2px; border-radius: 4px; padding: 0 5px;
  background: var(--card); color: var(--ink); }
main { min-width: 0; padding-top: 28px; }
h1 { font-size: 1.5rem; line-height: 1.25; font-weight: 650; letter-spacing: -.012em; margin: 0; }
h2 { font-size: 1.0625rem; line-height: 1.3; font-weight: 650; margin: 48px 0 14px;
  letter-spacing: -.005em; }
h3 { font-size: .9375rem; font-weight: 600; margin: 20px 0 8px; }
.path { color: var(--soft); font: .8125rem/1.5 var(--mono); margin-top: 4px; }
.verdict { display: flex; gap: 14px; align-items: flex-start; margin-top: 22px; padding: 16px 18px;
  border-radius: 8px; font-size: 1.125rem; line-height: 1.45; background: var(--tone-bg);
  color: var(--tone); font-weight: 500; }
.verdict p { max-width: 62ch; padding-top: 1px; }
.verdict svg { flex: none; width: 28px; height: 28px; padding: 4px; border-radius: 50%;
  background: var(--tone); fill: none; stroke: var(--card); stroke-width: 2.6;
  stroke-linecap: round; stroke-linejoin: round; }
.good { --tone: var(--good); --tone-bg: var(--good-bg); }
.error { --tone: var(--error); --tone-bg: var(--error-bg); }
.warning { --tone: var(--warning); --tone-bg: var(--warning-bg); }
.note { --tone: var(--note); --tone-bg: var(--note-bg); }
.figures { display: flex; flex-wrap: wrap; gap: 14px 36px; margin-top: 20px; }
.figures dt { font-size: .75rem; color: var(--soft); }
.figures dd { font-size: 1.25rem; font-weight: 600; line-height: 1.3; letter-spacing: -.01em; }
.figures dd:is(.error, .warning, .good) { color: var(--tone); }
#next h2 { margin-top: 32px; }
.steps { display: grid; gap: 12px; }
ol.steps { counter-reset: step; }
ol.steps > li { counter-increment: step; padding-left: 28px; position: relative; }
ol.steps > li::before { content: counter(step); position: absolute; left: 0; top: 1px; width: 18px;
  height: 18px; border-radius: 50%; border: 1px solid var(--rule); font-size: .6875rem;
  line-height: 17px; text-align: center; color: var(--soft); background: var(--card); }
.steps p { max-width: 72ch; }
.command { display: flex; gap: 10px; align-items: flex-start; justify-content: space-between;
  background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 8px 8px 8px 14px;
  margin-top: 6px; }
.command code { padding: 3px 0; user-select: all; }
.command code > span { display: inline-block; max-width: 100%; }
.command .quiet { flex: none; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 240px), 1fr));
  gap: 0 32px; }
.facts > div { display: flex; justify-content: space-between; gap: 16px; padding: 7px 0;
  border-bottom: 1px solid var(--rule); font-size: .875rem; min-width: 0; }
.facts dt { color: var(--soft); flex: none; }
.facts dd { text-align: right; min-width: 0; }
.facts > .long-fact { grid-column: 1 / -1; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: 7px 20px 7px 0;
  border-bottom: 1px solid var(--rule); }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-weight: 500; font-size: .75rem; color: var(--soft); }
tbody th { font-weight: 500; }
table.wide { min-width: 560px; }
h3.file { font: 500 .8125rem/1.5 var(--mono); margin: 16px 0 2px; display: flex; flex-wrap: wrap;
  justify-content: space-between; gap: 0 16px; }
h3.file small { font: .75rem/1.5 var(--sans); color: var(--soft); }
.points { min-width: 460px; }
.points :is(th, td) { width: 14%; }
.points :is(th, td):nth-child(2) { width: 26%; }
.points :is(th, td):last-child { width: 46%; }
.legend { margin-top: 10px; }
.tag { color: var(--tone); background: var(--tone-bg); border-radius: 999px; padding: 0 9px;
  font-size: .8125rem; white-space: nowrap; }
.num { text-align: right; white-space: nowrap; }
.calm, .keeps, .cut, .aside { color: var(--soft); font-size: .875rem; }
.unseen { color: var(--warning); background: var(--warning-bg); border-radius: 3px; }
footer { margin-top: 56px; padding-top: 16px; border-top: 1px solid var(--rule);
  color: var(--soft); font-size: .8125rem; }
@media (max-width: 860px) {
  .columns { display: block; padding: 0 16px 48px; }
  .bar { padding: 12px 16px 0; }
  nav { position: static; padding-top: 14px; max-height: none; }
  nav ol { display: flex; flex-wrap: wrap; gap: 0 16px; }
  nav li a { padding: 3px 0; }
  .keys { display: none; }
  main { padding-top: 16px; }
  h1 { font-size: 1.25rem; }
  h2 { margin-top: 36px; }
  .verdict { font-size: 1rem; padding: 14px; gap: 12px; }
  .figures { gap: 12px 26px; }
  .figures dd { font-size: 1.0625rem; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; }
  body { font-size: 10pt; }
  nav, #theme, .copy, .filter, .opener, .skip, .fold, .unfold { display: none !important; }
  .columns { display: block; padding: 0; }
  details::details-content { content-visibility: visible; display: block; }
  .peek:has(+ details) { display: none; }
  .turn, .message, .finding, .edit { content-visibility: visible !important; }
  .finding, .edit, .call-head, h2, h3 { break-inside: avoid; break-after: auto; }
  h2, h3, summary { break-after: avoid; }
}
`;
