/**
 * The Responses API of OpenAI: a flat list of items, in which an output comes anywhere behind its
 * call. `generic` is what is left of it when nothing is asked that one provider does without.
 */
import type { PlacedMessage } from '../conversation.ts';
import * as turns from './turns.ts';
import type { Part } from './turns.ts';

/** One item; `turn` tells which items the model made in one go. */
interface Item {
  readonly kind: 'call' | 'output' | 'reasoning' | 'content';
  readonly turn: number;
  readonly callId: unknown;
  readonly part: Part;
}

/** Reasons for which the Responses API would refuse the items. */
export function refusedByResponses(messages: readonly PlacedMessage[]): readonly string[] {
  const items = itemsOf(messages);
  const callIds = items.filter(({ kind }) => kind === 'call').map(({ callId }) => callId);
  const form = { id: /^[^]{1,64}$/u, name: /^[a-zA-Z0-9_-]{1,128}$/ };
  return [
    ...turns.misshapenCalls(messages, { ...form, input: 'json' }),
    ...turns.tooManyImages(messages, 500),
    ...turns.repeated(callIds).map((id) => `Duplicate call_id ${turns.shown(id)}`),
    ...turns.repeated(itemIds(messages)).map((id) => `Duplicate item id ${turns.shown(id)}`),
    ...pairing(items),
    ...items
      .map(({ part }) => part['encrypted_content'])
      .filter((text) => typeof text === 'string' && text !== '' && !turns.isSealed(text))
      .map(() => 'The encrypted content could not be verified'),
    ...idle(items)
      .map(({ part }) => part['id'])
      .filter((id) => typeof id === 'string' && id !== '')
      .map((id) => `Item ${turns.shown(id)} was provided without its required following item`),
  ];
}

/** Reasons for which every provider would refuse the history. */
export function refusedByAll(messages: readonly PlacedMessage[]): readonly string[] {
  const items = itemsOf(messages);
  const calls = items.filter(({ kind }) => kind === 'call');
  const inTurns = calls.map(({ callId, turn }) => `${turn} ${turns.shown(callId)}`);
  return [
    ...turns.misshapenCalls(messages, { id: /^[^]/, name: /^[^]/, input: 'anything' }),
    ...turns.repeated(inTurns).map((id) => `two calls of a turn share an id: ${turns.shown(id)}`),
    ...pairing(items),
  ];
}

function itemIds(messages: readonly PlacedMessage[]): readonly unknown[] {
  return messages
    .flatMap(({ content }) => content as readonly Part[])
    .map((part) => (part.type === 'reasoning' ? part['id'] : part['item_id']))
    .filter((id) => typeof id === 'string' && id !== '');
}

function itemsOf(messages: readonly PlacedMessage[]): readonly Item[] {
  const all = turns.turnsOf(messages, { system: 'apart', answers: 'joined' });
  return all.flatMap(({ parts }, turn) =>
    parts
      .filter(({ type, text }) => type !== 'text' || !turns.isBlank(text))
      .map((part): Item => {
        if (part.type === 'tool_use') return { kind: 'call', turn, callId: part['id'], part };
        if (part.type === 'tool_result') {
          return { kind: 'output', turn, callId: part['tool_use_id'], part };
        }
        const kind = part.type === 'reasoning' ? 'reasoning' : 'content';
        return { kind, turn, callId: null, part };
      }),
  );
}

/**
 * Walks the items once: a call waits until its output comes, and an output ends one wait. Where an
 * id comes again in a later turn, outputs from then on are those of the later calls.
 */
function pairing(items: readonly Item[]): readonly string[] {
  const reasons: string[] = [];
  /** Calls of the newest turn of each id that wait, and those that nothing can answer any more. */
  const waiting = new Map<unknown, Item[]>();
  const left: unknown[] = [];
  for (const item of items) {
    const open = waiting.get(item.callId) ?? [];
    if (item.kind === 'call') {
      const isNewTurn = open[0]?.turn !== item.turn;
      if (isNewTurn) for (const { callId } of open) left.push(callId);
      if (isNewTurn) waiting.set(item.callId, [item]);
      else open.push(item);
    } else if (item.kind === 'output' && open.pop() === undefined) {
      reasons.push(`No tool call found for function call output ${turns.shown(item.callId)}`);
    }
  }
  for (const open of waiting.values()) for (const { callId } of open) left.push(callId);
  const unanswered = left.map((id) => `No tool output found for function call ${turns.shown(id)}`);
  return [...reasons, ...unanswered];
}

/** Reasoning behind which nothing else of its turn comes. */
function idle(items: readonly Item[]): readonly Item[] {
  const found: Item[] = [];
  let behind: Item | null = null;
  for (const item of items.toReversed()) {
    if (item.kind !== 'reasoning') behind = item;
    else if (behind?.turn !== item.turn) found.push(item);
  }
  return found.toReversed();
}
