/**
 * The conversation, turn by turn: messages with their calls, each call with what became of it, and
 * findings where they belong. Streams; holds the results of shown calls only. Pure.
 */
import { addAll } from '../base/lists.ts';
import { asWords } from '../base/deep-json.ts';
import { assert } from '../base/assert.ts';
import type { PlacedMessage } from '../integrity/conversation.ts';
import type { ContentBlock } from '../session/message.ts';
import { argumentsHtml, blockHtml, resultHtml } from './blocks.ts';
import type { BlockContext } from './blocks.ts';
import { calloutHtml } from './findings.ts';
import type { NumberedFinding } from './findings.ts';
import { counted, grouped, messageAnchor, messageWord } from './figures.ts';
import { lostCalloutHtml } from './lost-bytes.ts';
import type { LostPiece } from './lost-bytes.ts';
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
  /** By message: the lost bytes that stand behind it in the file. */
  readonly lost: ReadonlyMap<number, readonly LostPiece[]>;
  /** Findings of messages that are not among these. */
  readonly findingsLeft: number;
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
  const { outline, shown } = input;
  const results = resultsOfShownCalls(input);
  const folded = foldedTurns(input);
  const words = input.findingsLeft > 0 ? '' : '; nothing was found in them';
  let [at, number, left] = [0, 0, 0];
  let foldedFrom: number | null = null;
  for (const message of input.conversation()) {
    const turn = outline.turns[at];
    assert(turn !== undefined, 'every message belongs to a turn');
    const isFolded = folded.has(at);
    if (number === turn.first && isFolded) foldedFrom ??= at;
    if (number === turn.first && !isFolded) {
      if (foldedFrom !== null) yield foldedHtml(outline.turns, foldedFrom, at, words);
      foldedFrom = null;
      yield turnStart(turn, at, input);
    }
    if (!isFolded && (shown?.has(number) ?? true)) {
      yield leftOut(left, number, words) + messageHtml(message, number, input, results);
      left = 0;
    } else left += 1;
    number += 1;
    if (number < turn.end) continue;
    if (!isFolded) yield leftOut(left, number, words) + turnEnd;
    [at, left] = [at + 1, 0];
  }
  if (foldedFrom !== null) yield foldedHtml(outline.turns, foldedFrom, at, words);
}

/** In a session of very many turns, those of which no message is shown are told together. */
function foldedTurns({ outline, shown, context }: TimelineInput): ReadonlySet<number> {
  const { turns } = outline;
  if (shown === null || turns.length <= context.limits.turns) return new Set();
  const folded = new Set<number>();
  const numbers = [...shown].toSorted((a, b) => a - b);
  let next = 0;
  for (const [index, { first, end }] of turns.entries()) {
    while ((numbers[next] ?? end) < first) next += 1;
    if ((numbers[next] ?? end) >= end) folded.add(index);
  }
  return folded;
}

function foldedHtml(turns: readonly Turn[], from: number, to: number, words: string): string {
  const messages = (turns[to - 1]?.end ?? 0) - (turns[from]?.first ?? 0);
  const many = `${counted(to - from, 'turn')} with ${counted(messages, 'message')}`;
  return `<p class="left-out">${many} not in this page${words}.</p>\n`;
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

function leftOut(count: number, before: number, words: string): string {
  if (count === 0) return '';
  const which = `${grouped(before - count + 1)} to ${grouped(before)}`;
  const many = counted(count, 'message');
  return `<li class="left-out">${many} not in this page (${which})${words}.</li>\n`;
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
  const gone = input.lost.get(number) ?? [];
  const answers = found.length + gone.length === 0 ? answersOf(blocks, number, input) : null;
  if (answers !== null) {
    const head = headHtml(message, number, 'results', edits.get(number) ?? [], answers);
    return `<li id="${messageAnchor(number)}" class="message results slim">${head}</li>\n`;
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
  addAll(parts, gone.map(lostCalloutHtml));
  const role = cutText(message.role, 40).shown;
  const isKnown = ['user', 'assistant', 'system'].includes(role);
  const onlyResults = blocks.length > 0 && blocks.every(({ type }) => type === 'tool_result');
  const kind = onlyResults ? 'results' : isKnown ? role : 'other';
  const name = onlyResults ? 'results' : foreign(role);
  const head = headHtml(message, number, name, edits.get(number) ?? [], '');
  const start = `<li id="${messageAnchor(number)}" class="message ${kind}">`;
  return `${start}${head}${parts.join('')}</li>\n`;
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
    return linkTo(messageAnchor(message), messageWord(message));
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
  const label = { class: 'number', 'aria-label': `Message ${number + 1}` };
  return (
    `<header><span class="role">${name}</span>${more}` +
    `<span class="where">${placeWords(message)}</span>${planned.join('')}` +
    `${linkTo(messageAnchor(number), grouped(number + 1), label)}</header>`
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
  const id = foreign(cutText(asWords(block.tool_use_id), 80).shown);
  if (call !== undefined && (shown?.has(call.message) ?? true)) {
    const to = linkTo(messageAnchor(call.message), messageWord(call.message));
    return `<p class="aside">Result of ${foreign(cutText(call.name, 80).shown)}, shown with its call in ${to}</p>`;
  }
  const state =
    call === undefined
      ? '<span class="state orphaned">result without call</span>'
      : `<span class="state">result of ${messageWord(call.message)}</span>`;
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
  const name = foreign(cutText(asWords(block['name']), 80).shown);
  const id = foreign(cutText(asWords(block['id']), 80).shown);
  const to = call?.result ?? null;
  const words = stateWords[state];
  const chip = `<span class="state ${state}">${words}</span>`;
  const where =
    to === null
      ? ''
      : linkTo(messageAnchor(to.message), messageWord(to.message), { class: 'where' });
  const answer =
    result === undefined
      ? ''
      : `<div class="result"><p class="label">Result ${where}</p>${result}</div>`;
  return (
    `<div class="call ${state}"><div class="call-head"><b>${name}</b> <code>${id}</code>${chip}</div>` +
    `${argumentsHtml(block['input'], context)}${answer}</div>`
  );
}
