/**
 * The conversation, turn by turn: messages with their calls, each call with what became of it, and
 * findings where they belong. Streams; holds the results of shown calls only. Pure.
 */
import type { PlacedMessage } from '../integrity/conversation.ts';
import type { ContentBlock } from '../session/message.ts';
import { argumentsHtml, blockHtml, resultHtml } from './blocks.ts';
import type { BlockContext } from './blocks.ts';
import { calloutHtml } from './findings.ts';
import type { NumberedFinding } from './findings.ts';
import { counted, grouped } from './figures.ts';
import { cutText, foreign, linkTo } from './markup.ts';
import { refKey } from './outline.ts';
import type { CallFact, CallState, Outline, Turn } from './outline.ts';

/** What the timeline is made of. */
export interface TimelineInput {
  readonly outline: Outline;
  readonly conversation: () => Iterable<PlacedMessage>;
  /** Null: all messages. */
  readonly shown: ReadonlySet<number> | null;
  /** By message: the findings that stand with it. */
  readonly findings: ReadonlyMap<number, readonly NumberedFinding[]>;
  /** By message: the anchors of edits that touch it. */
  readonly edits: ReadonlyMap<number, readonly string[]>;
  readonly context: BlockContext;
}

/** A session of so many messages is shown with every turn open. */
const openMessages = 80;

const stateWords: Readonly<Record<CallState, string>> = {
  answered: 'answered',
  failed: 'answered: error',
  synthetic: 'synthetic result',
  dangling: 'no result',
};

/** The turns, in pieces of markup. */
export function* timelineHtml(input: TimelineInput): Generator<string, void> {
  const { outline, shown, context } = input;
  const results = resultsOfShownCalls(input);
  const { turns } = outline;
  let at = 0;
  let [turn, left] = [turns[0], 0];
  let hasTurn = false;
  let number = 0;
  for (const message of input.conversation()) {
    while (turn !== undefined && number >= turn.end) {
      if (hasTurn) yield leftOut(left, number) + turnEnd;
      [at, left, hasTurn] = [at + 1, 0, false];
      turn = turns[at];
    }
    if (at >= context.limits.turns) break;
    if (!hasTurn && turn !== undefined) yield turnStart(turn, at, input);
    hasTurn = true;
    if (shown?.has(number) ?? true) {
      yield leftOut(left, number) + messageHtml(message, number, input, results);
      left = 0;
    } else left += 1;
    number += 1;
  }
  if (hasTurn) yield leftOut(left, number) + turnEnd;
  const more = turns.length - at - 1;
  if (more > 0 && at >= context.limits.turns) {
    yield `<p class="left-out">${counted(more + 1, 'later turn')} are not in this page.</p>`;
  }
}

const turnEnd = '</ol></details>\n';

function turnStart(turn: Turn, index: number, input: TimelineInput): string {
  const { outline, findings } = input;
  const [errors, warnings] = [0, 0].map((_, which) => {
    const severity = which === 0 ? 'error' : 'warning';
    return countIn(turn, findings, severity);
  });
  const isFirst = index === 0 || index === outline.turns.length - 1;
  const isOpen = isFirst || (errors ?? 0) + (warnings ?? 0) > 0 || outline.messages <= openMessages;
  const meta = [
    counted(turn.end - turn.first, 'message'),
    ...(turn.calls > 0 ? [counted(turn.calls, 'call')] : []),
  ].map((text) => `<span>${text}</span>`);
  if (turn.unanswered > 0) {
    meta.push(`<span class="tag error">${grouped(turn.unanswered)} without result</span>`);
  }
  if ((errors ?? 0) > 0)
    meta.push(`<span class="tag error">${counted(errors ?? 0, 'error')}</span>`);
  if ((warnings ?? 0) > 0) {
    meta.push(`<span class="tag warning">${counted(warnings ?? 0, 'warning')}</span>`);
  }
  const prompt = turn.prompt === '' ? 'Before the first prompt' : foreign(turn.prompt);
  const hasPrompts = outline.turns[0]?.prompt === '';
  const name = turn.prompt === '' ? '–' : grouped(hasPrompts ? index : index + 1);
  return (
    opened(isOpen) +
    `<summary><h3><span class="number"><span class="heard">Turn </span>${name}</span> ` +
    `<bdi class="prompt">${prompt}</bdi></h3><span class="meta">${meta.join('')}</span></summary>` +
    '<ol class="messages">\n'
  );
}

function opened(isOpen: boolean): string {
  return isOpen ? '<details class="turn" open>' : '<details class="turn">';
}

function countIn(
  turn: Turn,
  findings: TimelineInput['findings'],
  severity: 'error' | 'warning',
): number {
  let count = 0;
  // Findings are bounded, messages are not.
  for (const [message, all] of findings) {
    if (message < turn.first || message >= turn.end) continue;
    count += all.filter((one) => one.finding.severity === severity).length;
  }
  return count;
}

function leftOut(count: number, before: number): string {
  if (count === 0) return '';
  const which = `${grouped(before - count)} to ${grouped(before - 1)}`;
  return (
    `<li class="left-out">${counted(count, 'message')} not in this page (${which}); ` +
    'nothing was found in them.</li>\n'
  );
}

/** Results stand with their calls, which come first; so they are read in a walk of their own. */
function resultsOfShownCalls({
  outline,
  conversation,
  shown,
  context,
}: TimelineInput): ReadonlyMap<string, string> {
  const results = new Map<string, string>();
  const wanted = new Map<number, CallFact[]>();
  for (const call of outline.calls) {
    if (call.result === null || shown?.has(call.message) === false) continue;
    const same = wanted.get(call.result.message);
    if (same === undefined) wanted.set(call.result.message, [call]);
    else same.push(call);
  }
  if (wanted.size === 0) return results;
  let number = 0;
  for (const message of conversation()) {
    for (const call of wanted.get(number) ?? []) {
      const block = message.content[call.result?.block ?? -1];
      if (block === undefined) continue;
      results.set(refKey(call.message, call.block), resultHtml(block, context));
    }
    number += 1;
  }
  return results;
}

function messageHtml(
  message: PlacedMessage,
  number: number,
  input: TimelineInput,
  results: ReadonlyMap<string, string>,
): string {
  const { findings, edits, context } = input;
  const found = findings.get(number) ?? [];
  const blocks = message.content.slice(0, context.limits.blocks);
  const answers = found.length === 0 ? answersOf(blocks, number, input) : null;
  if (answers !== null) {
    const head = headHtml(message, number, 'results', edits.get(number) ?? [], answers);
    return `<li id="m${number}" class="message results slim">${head}</li>\n`;
  }
  const parts: string[] = [];
  for (const [index, block] of blocks.entries()) {
    parts.push(pieceHtml(block, number, index, input, results));
    for (const one of found) {
      if (one.finding.blockIndex === index) parts.push(calloutHtml(one));
    }
  }
  const left = message.content.length - blocks.length;
  if (left > 0)
    parts.push(`<p class="cut">${counted(left, 'more block')} are not in this page.</p>`);
  if (message.content.length === 0) parts.push('<p class="aside">No content</p>');
  for (const one of found) {
    const at = one.finding.blockIndex;
    if (at === null || at >= blocks.length) parts.push(calloutHtml(one));
  }
  const role = cutText(message.role, 40).shown;
  const isKnown = ['user', 'assistant', 'system'].includes(role);
  const onlyResults = blocks.length > 0 && blocks.every(({ type }) => type === 'tool_result');
  const kind = onlyResults ? 'results' : isKnown ? role : 'other';
  const name = onlyResults ? 'results' : foreign(role);
  const head = headHtml(message, number, name, edits.get(number) ?? [], '');
  return `<li id="m${number}" class="message ${kind}">${head}${parts.join('')}</li>\n`;
}

/** A message that only answers calls which are in the page is told in a line; null for another. */
function answersOf(
  blocks: readonly ContentBlock[],
  number: number,
  { outline, shown }: TimelineInput,
): string | null {
  const calls: CallFact[] = [];
  for (const [index, block] of blocks.entries()) {
    const call = outline.callAt.get(refKey(number, index));
    if (block.type !== 'tool_result' || call === undefined) return null;
    if (shown?.has(call.message) === false) return null;
    calls.push(call);
  }
  if (calls.length === 0) return null;
  const names = calls.map((call) => foreign(cutText(call.name, 80).shown)).join(', ');
  const places = [...new Set(calls.map(({ message }) => message))].map((message) => {
    return linkTo(`m${message}`, `message ${grouped(message)}`);
  });
  return `<span class="answers">of ${names}, shown in ${places.join(', ')}</span>`;
}

function headHtml(
  message: PlacedMessage,
  number: number,
  name: string,
  edits: readonly string[],
  more: string,
): string {
  const planned = edits.map((anchor) => {
    return linkTo(anchor, `edit ${anchor.slice(1)}`, { class: 'planned' });
  });
  const label = { class: 'number', 'aria-label': `Message ${number}` };
  return (
    `<header><span class="role">${name}</span>${more}` +
    `<span class="where">${placeWords(message)}</span>${planned.join('')}` +
    `${linkTo(`m${number}`, grouped(number), label)}</header>`
  );
}

function placeWords({ place, model }: PlacedMessage): string {
  const words = model === null ? [] : [foreign(cutText(model, 60).shown)];
  if (place.line !== null) words.push(`line ${grouped(place.line)}`);
  if (place.offset !== null) words.push(`byte ${grouped(place.offset)}`);
  else if (place.id !== null) words.push(foreign(cutText(place.id, 60).shown));
  return words.join(' · ');
}

function pieceHtml(
  block: ContentBlock,
  message: number,
  index: number,
  input: TimelineInput,
  results: ReadonlyMap<string, string>,
): string {
  const { outline, context, shown } = input;
  const call = outline.callAt.get(refKey(message, index));
  if (block.type === 'tool_use') {
    return callHtml(block, call, results.get(refKey(message, index)), context);
  }
  if (block.type !== 'tool_result') return blockHtml(block, context);
  const id = foreign(cutText(String(block.tool_use_id), 80).shown);
  if (call !== undefined && (shown?.has(call.message) ?? true)) {
    const to = linkTo(`m${call.message}`, `message ${grouped(call.message)}`);
    return `<p class="aside">Result of ${foreign(cutText(call.name, 80).shown)}, shown with its call in ${to}</p>`;
  }
  const state =
    call === undefined
      ? '<span class="state orphaned">result without call</span>'
      : `<span class="state">result of message ${grouped(call.message)}</span>`;
  const head = `<div class="call-head"><b>Result</b> <code>${id}</code>${state}</div>`;
  return `<div class="call">${head}<div class="result">${resultHtml(block, context)}</div></div>`;
}

function callHtml(
  block: ContentBlock,
  call: CallFact | undefined,
  result: string | undefined,
  context: BlockContext,
): string {
  const state = call?.state ?? 'dangling';
  const name = foreign(cutText(String(block['name']), 80).shown);
  const id = foreign(cutText(String(block['id']), 80).shown);
  const to = call?.result ?? null;
  const words = stateWords[state];
  const chip = `<span class="state ${state}">${words}</span>`;
  const where =
    to === null
      ? ''
      : linkTo(`m${to.message}`, `message ${grouped(to.message)}`, { class: 'where' });
  const answer =
    result === undefined
      ? ''
      : `<div class="result"><p class="label">Result ${where}</p>${result}</div>`;
  return (
    `<div class="call ${state}"><div class="call-head"><b>${name}</b> <code>${id}</code>${chip}</div>` +
    `${argumentsHtml(block['input'], context)}${answer}</div>`
  );
}
