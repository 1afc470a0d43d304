/** The look of the page: one column on a phone, two or three on a screen; light and dark. */

/** CSS without any reference to the outside. */
export const pageStyle: string = `
:root { color-scheme: light dark; --paper: #fbfaf8; --card: #fff; --ink: #1d2430; --soft: #5a6473;
  --rule: #e3e1dc; --curve: #2563a8; --mark: #b4470f; --warn: #fff3dc; --warn-ink: #6b4300; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14171c; --card: #1c2027; --ink: #e6e8ec; --soft: #a0a9b6; --rule: #303641;
    --curve: #7db4f0; --mark: #ffa05c; --warn: #3a2d12; --warn-ink: #ffdf9e; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 24px 16px 56px; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 4px; }
h2 { font-size: 1.15rem; margin: 40px 0 12px; }
h3 { font-size: 1rem; margin: 0 0 4px; }
p { margin: 0 0 8px; max-width: 72ch; }
.soft, figcaption { color: var(--soft); font-size: .875rem; }
.path { overflow-wrap: anywhere; }
.warning { background: var(--warn); color: var(--warn-ink); border-radius: 8px; padding: 12px 16px;
  margin: 16px 0 0; max-width: none; }
.grid { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); }
.grid > :only-child { max-width: 620px; }
/* A row of six figures, with its name, would have to scroll in a third of the page. */
.grid:has(> .card > .wide) { grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }
.tiles { grid-template-columns: repeat(auto-fit, minmax(min(100%, 240px), 1fr)); }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 16px;
  margin: 0; min-width: 0; }
.value { font-size: 1.7rem; font-weight: 650; line-height: 1.2; font-variant-numeric: tabular-nums; }
.name { font: 600 .875rem/1.4 ui-monospace, monospace; color: var(--soft); }
pre { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 12px 16px;
  font: .875rem/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere;
  margin: 16px 0 0; }
.wide { overflow-x: auto; }
.wide:focus-visible { outline: 2px solid var(--curve); outline-offset: 2px; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; width: 100%; }
caption { text-align: left; color: var(--soft); padding-bottom: 4px; }
th, td { text-align: right; padding: 4px 0 4px 10px; border-bottom: 1px solid var(--rule);
  white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; font-weight: 500; white-space: normal; }
thead th { color: var(--soft); font-weight: 500; }
/* On a phone a number and its unit may stand in two lines; nothing is cut then. */
@media (max-width: 480px) {
  .card { padding: 12px; }
  table { font-size: .8125rem; }
  th, td { white-space: normal; padding-left: 6px; }
}
details { margin-top: 8px; font-size: .875rem; }
summary { cursor: pointer; color: var(--soft); }
svg { display: block; width: 100%; height: auto; margin: 8px 0 4px; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .tick, svg .axis { fill: var(--soft); }
svg .axis { paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
svg .marked { fill: var(--mark); font-weight: 700; }
svg .grid { stroke: var(--rule); }
svg .one { stroke: var(--soft); }
svg .whisker { stroke: var(--curve); stroke-width: 3; stroke-linecap: round; opacity: .35; }
svg .needed { stroke: var(--mark); stroke-width: 2; }
svg .curve { fill: none; stroke: var(--curve); stroke-width: 2; stroke-linejoin: round; }
svg .dot { fill: var(--curve); }
svg .knee { fill: var(--card); stroke: var(--curve); stroke-width: 2.5; }
svg .usual { fill: var(--card); stroke: var(--curve); stroke-width: 2.5; }
svg .recommended { fill: var(--mark); stroke: var(--card); stroke-width: 2; }
`;
