/**
 * The first walk over a conversation: its turns, which result answers which call, and where the
 * pieces stand in the file. Holds a few numbers for every message and call, and no text. Pure.
 */
import type { PlacedMessage } from '../integrity/conversation.ts';
import type { ContentBlock } from '../session/message.ts';
import { FileMap } from './file-map.ts';
import type { PieceKind } from './file-map.ts';
import { oneLine } from './markup.ts';
import { isSynthetic } from './synthetic.ts';

/** What became of a call. `synthetic`: its result was made by a program that did not see it run. */
export type CallState = 'answered' | 'failed' | 'synthetic' | 'dangling';

/** A call, by the numbers of its message and block, and the result that answers it. */
export interface CallFact {
  readonly message: number;
  readonly block: number;
  readonly id: string;
  readonly name: string;
  state: CallState;
  result: { readonly message: number; readonly block: number } | null;
}

/** From one prompt of the user to the next. */
export interface Turn {
  /** 0-based number of its first message. */
  readonly first: number;
  /** One behind its last message. */
  end: number;
  /** The beginning of the prompt; empty for what stands before the first one. */
  readonly prompt: string;
  calls: number;
  unanswered: number;
}

/** What the first walk finds. */
export interface Outline {
  readonly messages: number;
  readonly results: number;
  readonly turns: readonly Turn[];
  readonly calls: readonly CallFact[];
  /** By `message.block`, of calls and of results alike: the call of that block. */
  readonly callAt: ReadonlyMap<string, CallFact>;
  readonly map: FileMap | null;
}

/** The key of a block. */
export function refKey(message: number, block: number): string {
  return `${message}.${block}`;
}

const promptCharacters = 140;

/** Walks once. `bytes` is the size of the file; null where there is none. */
export function outlineOf(conversation: Iterable<PlacedMessage>, bytes: number | null): Outline {
  const map = bytes === null ? null : new FileMap(bytes);
  const turns: Turn[] = [];
  const pairing = new Pairing();
  let messages = 0;
  let results = 0;
  for (const message of conversation) {
    const before = turns.at(-1);
    const prompt = promptOf(message);
    if (prompt !== null || before === undefined) {
      if (before !== undefined) before.end = messages;
      const told = prompt === null ? '' : oneLine(prompt, promptCharacters);
      turns.push({ first: messages, end: messages + 1, prompt: told, calls: 0, unanswered: 0 });
    }
    for (const [block, content] of message.content.entries()) {
      if (content.type === 'tool_use') pairing.call(messages, block, content.id, content.name);
      if (content.type === 'tool_result') {
        results += 1;
        pairing.result(messages, block, content.tool_use_id, stateOf(content));
      }
      const place = message.places[block] ?? message.place;
      if (place.offset !== null) map?.add(kindOf(message, content), place.offset, place.length);
    }
    messages += 1;
  }
  const last = turns.at(-1);
  if (last !== undefined) last.end = messages;
  countCalls(turns, pairing.calls);
  return { messages, results, turns, calls: pairing.calls, callAt: pairing.at, map };
}

/** What the user says in this message, or null when it is no prompt: results alone are none. */
function promptOf({ role, content }: PlacedMessage): string | null {
  if (role !== 'user' || content.length === 0) return null;
  if (content.every(({ type }) => type === 'tool_result')) return null;
  for (const block of content) {
    if (block.type === 'text' && block.text.trim() !== '') return block.text;
  }
  return content.some(({ type }) => type === 'tool_result') ? null : '(no text)';
}

function kindOf({ role }: PlacedMessage, { type }: ContentBlock): PieceKind {
  if (type === 'tool_result') return 'result';
  if (type === 'tool_use') return 'call';
  return role === 'user' || role === 'assistant' ? role : 'other';
}

function stateOf(block: ContentBlock): CallState {
  if (isSynthetic(block)) return 'synthetic';
  return block.type === 'tool_result' && block.is_error === true ? 'failed' : 'answered';
}

/** Gives each result to the first call of its id that has none yet. */
class Pairing {
  readonly calls: CallFact[] = [];
  readonly at = new Map<string, CallFact>();
  readonly #open = new Map<string, CallFact[]>();

  call(message: number, block: number, id: string, name: string): void {
    const fact: CallFact = { message, block, id, name, state: 'dangling', result: null };
    this.calls.push(fact);
    this.at.set(refKey(message, block), fact);
    const same = this.#open.get(id);
    if (same === undefined) this.#open.set(id, [fact]);
    else same.push(fact);
  }

  result(message: number, block: number, id: string, state: CallState): void {
    const waiting = this.#open.get(id);
    const fact = waiting?.shift();
    if (fact === undefined) return;
    if (waiting?.length === 0) this.#open.delete(id);
    fact.state = state;
    fact.result = { message, block };
    this.at.set(refKey(message, block), fact);
  }
}

/** Calls come in the order of their messages, as turns do. */
function countCalls(turns: readonly Turn[], calls: readonly CallFact[]): void {
  let at = 0;
  for (const call of calls) {
    while (call.message >= (turns[at]?.end ?? Number.POSITIVE_INFINITY)) at += 1;
    const turn = turns[at];
    if (turn === undefined) continue;
    turn.calls += 1;
    if (call.state === 'dangling') turn.unanswered += 1;
  }
}
