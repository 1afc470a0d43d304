/** Turns, messages and calls. */

/** CSS of the timeline. */
export const timelineStyle: string = `
.opener { display: flex; gap: 8px; margin-bottom: 12px; }
.turn { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; margin-bottom: 8px;
  content-visibility: auto; contain-intrinsic-size: auto 46px; }
.turn[open] { contain-intrinsic-size: auto 900px; }
.turn > summary { display: flex; flex-wrap: wrap; gap: 2px 16px; align-items: baseline;
  justify-content: space-between; padding: 11px 16px; cursor: pointer; list-style: none;
  border-radius: 8px; }
.turn > summary::-webkit-details-marker { display: none; }
.turn > summary:hover { background: var(--sunk); }
.turn > summary h3 { margin: 0; font-size: .9375rem; font-weight: 600; flex: 1 1 320px; min-width: 0;
  display: grid; grid-template-columns: 30px minmax(0, 1fr); }
.turn > summary .number { color: var(--soft); font-weight: 500; }
.prompt { display: block; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
.meta { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: .8125rem; color: var(--soft);
  align-items: baseline; }
.tag { color: var(--tone); background: var(--tone-bg); border-radius: 999px; padding: 0 9px; }
.messages { border-top: 1px solid var(--rule); padding: 4px 16px 10px; }
.message { padding: 10px 0 10px 30px; position: relative;
  scroll-margin: 24px; }
.message + .message { border-top: 1px solid color-mix(in srgb, var(--rule) 55%, transparent); }
.message::before { content: ""; position: absolute; left: 0; top: 17px; width: 9px; height: 9px;
  border-radius: 50%; background: var(--dot, var(--soft)); }
.message.slim { padding-block: 5px; }
.message.slim::before { top: 12px; }
.message.slim > header { margin: 0; }
.message.slim .role { font-weight: 400; color: var(--soft); }
.message.user { --dot: var(--user); }
.message.assistant { --dot: var(--assistant); }
.message.results { --dot: var(--result); }
.message > header { display: flex; flex-wrap: wrap; gap: 0 10px; align-items: baseline;
  font-size: .8125rem; color: var(--soft); margin-bottom: 3px; }
.message > header .number { color: var(--soft); text-decoration: none; margin-left: auto; }
.message > header .number::before { content: "#"; }
.message > header .role { color: var(--ink); font-weight: 600; }
.message:target > header .number { color: var(--link); }
.planned { color: var(--good); background: var(--good-bg); border-radius: 999px; padding: 0 9px;
  font-size: .75rem; text-decoration: none; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; tab-size: 4; }
pre.said { font: inherit; max-width: 76ch; }
pre.said + pre.said, .message > * + pre.said { margin-top: 8px; }
pre.raw { font-size: .8125rem; line-height: 1.5; }
.more > pre, .result > pre, .result > details > pre, .call dd > pre { background: var(--sunk); border-radius: 6px; padding: 8px 12px; }
.more, .long { font-size: .8125rem; }
.long pre.said { font-size: .9375rem; margin-top: 8px; }
.more > summary, .long > summary { color: var(--link); cursor: pointer; padding: 3px 0; width: fit-content; }
.more > pre { margin-top: 4px; }
.long[open] .fold, .long:not([open]) .unfold, .peek:has(+ .long[open]) { display: none; }
.cut { border-left: 3px solid var(--rule); padding-left: 10px; margin-top: 6px; }
.aside { font-style: normal; }
.left-out { color: var(--soft); font-size: .8125rem; text-align: center; padding: 10px;
  border-block: 1px dashed var(--rule); margin: 8px 0; }
.call { border: 1px solid var(--rule); border-radius: 8px; margin-top: 8px; overflow: hidden; }
.call-head { display: flex; flex-wrap: wrap; gap: 0 10px; align-items: baseline; padding: 7px 12px;
  font-size: .875rem; }
.call-head code { color: var(--soft); font-size: .75rem; }
.state { margin-left: auto; font-size: .75rem; color: var(--soft); }
.state::before { content: ""; display: inline-block; width: 7px; height: 7px; border-radius: 50%;
  margin-right: 6px; background: currentColor; }
.state.answered { color: var(--good); }
.state.failed, .state.synthetic { color: var(--warning); }
.state.dangling, .state.orphaned { color: var(--error); font-weight: 600; }
.call.dangling { border-color: color-mix(in srgb, var(--error) 45%, var(--rule)); }
.call > pre, .call > .peek, .call > .long, .call > .aside, .call > .cut { margin: 0 12px 8px; }
.arguments { padding: 0 12px 10px; display: grid; gap: 6px; font-size: .8125rem; }
.arguments > div { display: grid; grid-template-columns: 110px minmax(0, 1fr); gap: 12px; }
.arguments dt { color: var(--soft); padding-top: 1px; }
.arguments pre.raw { background: none; padding: 0; }
.result { border-top: 1px solid var(--rule); padding: 7px 12px 10px; background: var(--sunk); }
.result > pre { padding: 0; background: none; }
.result > .label { font-size: .75rem; color: var(--soft); display: flex; gap: 10px; margin-bottom: 2px; }
.result > .label .where { font-size: .75rem; }
@media (max-width: 860px) {
  .turn > summary { padding: 10px 12px; }
  .turn > summary h3 { flex-basis: 100%; grid-template-columns: 24px minmax(0, 1fr); }
  .meta { padding-left: 24px; }
  .messages { padding: 4px 12px 8px; }
  .message { padding-left: 20px; }
  .arguments > div { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .state { margin-left: 0; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: auto; } }
`;
