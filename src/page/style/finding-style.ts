/** Findings, callouts, the map of the file and the plan. */

/** CSS of what was found and what would be done. */
export const findingStyle: string = `
.filter { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-bottom: 14px;
  font-size: .8125rem; }
.toggle { border: 1px solid var(--rule); border-radius: 999px; padding: 3px 12px; cursor: pointer;
  background: none; color: var(--soft); }
.toggle::before { content: ""; display: inline-block; width: 8px; height: 8px; border-radius: 50%;
  margin-right: 7px; border: 1.5px solid var(--tone); }
.toggle[aria-pressed="true"] { color: var(--tone); background: var(--tone-bg); border-color: transparent; }
.toggle[aria-pressed="true"]::before { background: var(--tone); }
.filter label { color: var(--soft); margin-left: 4px; }
.filter select { border: 1px solid var(--rule); border-radius: 6px; background: var(--card);
  color: var(--ink); padding: 3px 6px; max-width: 100%; }
.filter output { color: var(--soft); margin-left: auto; }
.findings { display: grid; gap: 10px; }
.finding, .callout { border-left: 3px solid var(--tone); background: var(--card);
  border-radius: 0 8px 8px 0; padding: 10px 14px; font-size: .875rem; scroll-margin: 24px; }
.finding:target, .callout:target, .finding:focus, .callout:focus { outline: 2px solid var(--tone);
  outline-offset: 1px; }
.finding header, .callout header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 9px; }
.code, a.code { font: 600 .8125rem/1.5 var(--mono); color: var(--tone, var(--soft));
  text-decoration: none; }
a.code:hover { text-decoration: underline; }
.sign { display: inline-grid; place-items: center; width: 16px; height: 16px; border-radius: 50%;
  background: var(--tone); color: var(--card); font: 700 .625rem/1 var(--sans); align-self: center; }
.where { color: var(--soft); font-size: .8125rem; }
.finding .where { margin-left: auto; }
.fix { color: var(--soft); margin-top: 2px; }
.fix::before { content: "→ "; }
.callout { background: var(--tone-bg); border-radius: 6px; border-left-width: 3px; margin: 8px 0 4px; }
.callout .fix { color: inherit; opacity: 1; }

.map { margin: 0; }
.strip { display: block; overflow: visible; }
.strip rect { shape-rendering: crispEdges; }
.p-user, .k-user { fill: var(--user); background: var(--user); }
.p-assistant, .k-assistant { fill: var(--assistant); background: var(--assistant); }
.p-call, .k-call { fill: var(--call); background: var(--call); }
.p-result, .k-result { fill: var(--result); background: var(--result); }
.p-rest, .k-rest { fill: var(--rest); background: var(--rest); }
.p-other, .k-other { fill: var(--soft); background: var(--soft); }
.p-sound, .k-sound { fill: var(--sound); background: var(--sound); }

.p-lost, .k-lost { fill: var(--error); background: var(--error); }
.p-damaged { fill: url(#hatch); }
.hatch-ground { fill: var(--card); }
.hatch-line { stroke: var(--error-fill); stroke-width: 2; fill: none; }
.k-damaged { background: repeating-linear-gradient(135deg, var(--error-fill) 0 2px, var(--card) 2px 4px);
  outline: 1px solid var(--error-fill); }
.p-bad, .k-bad { fill: var(--error-fill); background: var(--error-fill); }
.fault.error { fill: var(--error-fill); }
.fault.warning { fill: var(--warning-fill); }
.fault.note { fill: var(--note); }
.mark line { stroke: var(--tone); stroke-width: 1.5; }
.mark circle { fill: var(--tone); stroke: var(--paper); stroke-width: 2; }
.mark text { fill: var(--card); font: 700 10px/1 var(--sans); text-anchor: middle; }
.mark:hover circle { stroke: var(--ink); }
.mark:focus-visible circle { stroke: var(--link); stroke-width: 3; }
.mark.gone { display: none; }
.scale { display: flex; justify-content: space-between; font-size: .75rem; color: var(--soft);
  margin-top: 2px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-top: 10px; font-size: .75rem;
  color: var(--soft); }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 6px; }
.k-fault { background: var(--tone); border-radius: 50% !important; }

.keeps { margin-top: 4px; }
.lost { margin-top: 12px; border-left: 3px solid var(--error); background: var(--error-bg); border-radius: 0 8px 8px 0;
  padding: 10px 16px 12px; font-size: .875rem; }
.lost h3 { margin: 0 0 4px; color: var(--error); }
.lost li + li { margin-top: 8px; }
.lost .where { color: inherit; }
.edits { display: grid; gap: 12px; }
.edit { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; font-size: .875rem;
  padding: 10px 14px 12px; min-width: 0; scroll-margin: 24px; }
.edit:target { outline: 2px solid var(--link); outline-offset: 1px; }
.edit header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 2px 12px; }
.edit header b { font-weight: 600; }
.edit > p { color: var(--soft); }
.diff { margin-top: 8px; font: .8125rem/1.5 var(--mono); border-radius: 6px; overflow: hidden;
  background: var(--sunk); padding: 6px 0; }
.line { display: grid; grid-template-columns: 26px minmax(0, 1fr); white-space: pre-wrap; }
.line i { font-style: normal; text-align: center; user-select: none; }
.line :is(del, ins, span:last-child) { text-decoration: none; padding-right: 12px; min-height: 1.5em; }
.line.del { background: var(--error-bg); color: var(--error); }
.line.ins { background: var(--good-bg); color: var(--good); }
.line.gap { color: var(--soft); }
@media (max-width: 860px) {
  .finding .where { margin-left: 0; width: 100%; }
  .filter output { margin-left: 0; width: 100%; }
}
`;
