/**
 * How Kimi Code makes its context out of its log. A step is one answer, to which parts and calls
 * are added; a message that comes while calls are open waits until their results are there; an undo
 * takes prompts back with all behind them; a compaction leaves a summary and some prompts of the
 * user.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { EventHistory, EventPlace, EventWords, HistoryEntry } from '../event-history.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, jsonText, textOf } from '../json-value.ts';
import { knownBlock } from '../known-block.ts';
import { profileOf } from '../provider-profile.ts';
import { inputOf } from '../raw-arguments.ts';
import { unreadMembers } from '../unread.ts';

/** The events of `wire.jsonl`. */
export const wireWords: EventWords = {
  format: 'kimi',
  take(history, event, place) {
    switch (event['type']) {
      case 'llm.request': {
        const [model, provider] = [textOf(event, 'model'), textOf(event, 'provider')];
        if (model !== null) history.session.set('model', model);
        if (provider !== null) history.session.set('provider', provider);
        return;
      }
      case 'context.append_message':
        return append(history, asObject(event['message']) ?? {}, place);
      case 'context.append_loop_event':
        return loopEvent(history, asObject(event['event']) ?? {}, place);
      case 'context.clear':
        history.keep([], 'compacted', null);
        return settle(history);
      case 'context.undo':
        return undo(history, event['count']);
      case 'context.apply_compaction':
        return compact(history, event, place);
      default:
      // Everything else is about the session and not about its context.
    }
  },
  blocks: blocksOf,
  unread: unreadOf,
  model: () => null,
  facts: ({ session }) => ({
    sessionId: null,
    title: null,
    cwd: null,
    version: null,
    model: session.get('model') ?? null,
  }),
  profile: ({ session }) => {
    const provider = session.get('provider') ?? 'kimi';
    return provider === 'kimi' ? 'openai-chat' : profileOf(provider);
  },
};

/** Calls without a result, and messages that wait for them, stand among the open entries. */
const call = (id: string): string => `call ${id}`;
const step = (id: string): string => `step ${id}`;
const waiting = 'waiting ';

function hasOpenCalls({ open }: EventHistory): boolean {
  return [...open.keys()].some((key) => key.startsWith('call '));
}

function append(history: EventHistory, message: JsonObject, place: EventPlace): void {
  const role = textOf(message, 'role');
  const kind = role === 'assistant' ? 'assistant' : role === 'tool' ? 'result' : 'user';
  const origin = textOf(asObject(message['origin']), 'kind');
  const isPrompt = kind === 'user' && (origin === null || origin === 'user');
  const entry: HistoryEntry = { kind, events: [place], isPrompt };
  if (hasOpenCalls(history)) history.open.set(waiting + String(place.record), entry);
  else history.entries.push(entry);
}

/** Messages that waited follow once no call is open any more. */
function flush(history: EventHistory): void {
  if (hasOpenCalls(history)) return;
  for (const [key, entry] of history.open) {
    if (!key.startsWith(waiting)) continue;
    history.entries.push(entry);
    history.open.delete(key);
  }
}

/** After the context was cut, nothing is open. */
function settle(history: EventHistory): void {
  history.open.clear();
}

function loopEvent(history: EventHistory, event: JsonObject, place: EventPlace): void {
  const id = textOf(event, 'stepUuid') ?? textOf(event, 'uuid') ?? '';
  switch (event['type']) {
    case 'step.begin': {
      const entry: HistoryEntry = { kind: 'assistant', events: [], isPrompt: false };
      history.entries.push(entry);
      history.open.set(step(id), entry);
      return;
    }
    case 'content.part':
    case 'tool.call': {
      const entry = history.open.get(step(id));
      if (entry === undefined) {
        const meaning = 'It belongs to a step that never began; Kimi Code stops at such a record.';
        history.tell('MISSING_PARENT', place, meaning);
        return;
      }
      entry.events.push(place);
      const callId = textOf(event, 'toolCallId');
      if (event['type'] === 'tool.call' && callId !== null) history.open.set(call(callId), entry);
      return;
    }
    case 'tool.result':
      history.add('result', place, 'other');
      history.open.delete(call(textOf(event, 'toolCallId') ?? ''));
      return flush(history);
    case 'step.end':
      history.open.delete(step(id));
      return flush(history);
    default:
  }
}

function undo(history: EventHistory, count: unknown): void {
  const prompts = history.entries.flatMap(({ isPrompt }, at) => (isPrompt ? [at] : []));
  if (typeof count !== 'number' || count <= 0 || prompts.length < count) return;
  const at = prompts[prompts.length - count] ?? 0;
  history.keep(history.entries.slice(0, at), 'rolled-back', null);
  settle(history);
}

function compact(history: EventHistory, event: JsonObject, place: EventPlace): void {
  const number = (name: string): number | null => {
    const value = event[name];
    return typeof value === 'number' && value >= 0 ? value : null;
  };
  const kept = number('keptUserMessageCount');
  const { entries } = history;
  const summary: HistoryEntry = {
    kind: kept === null ? 'assistant' : 'user',
    events: [place],
    isPrompt: false,
  };
  let rest: HistoryEntry[];
  if (kept === null) {
    // Older versions put the summary in front of what they left.
    rest = [summary, ...entries.slice(number('compactedCount') ?? entries.length)];
  } else {
    const prompts = entries.filter(({ isPrompt }) => isPrompt);
    const head = Math.min(number('keptHeadUserMessageCount') ?? 0, kept, prompts.length);
    const tail = Math.max(head, prompts.length - (kept - head));
    rest = [...prompts.slice(0, head), ...prompts.slice(tail), summary];
  }
  history.keep(rest, 'compacted', null);
  settle(history);
}

function blocksOf(record: JsonObject): readonly ContentBlock[] {
  switch (record['type']) {
    case 'context.apply_compaction': {
      const name = record['keptUserMessageCount'] === undefined ? 'summary' : 'contextSummary';
      return [{ type: 'text', text: textOf(record, name, 'summary') ?? '' }];
    }
    case 'context.append_message':
      return messageBlocks(asObject(record['message']) ?? {});
    default:
      return eventBlocks(asObject(record['event']) ?? {});
  }
}

/** A content that is neither a text nor a list; that of a result is told as it is. */
function unreadOf(record: JsonObject): JsonObject | null {
  const message = record['type'] === 'context.append_message' ? asObject(record['message']) : null;
  const { role, content } = message ?? {};
  const isRead = typeof content === 'string' || Array.isArray(content) || role === 'tool';
  return isRead ? null : unreadMembers({ content });
}

function messageBlocks(message: JsonObject): readonly ContentBlock[] {
  const { content } = message;
  if (message['role'] === 'tool') {
    const id = textOf(message, 'toolCallId') ?? '';
    const isError = message['isError'] === true ? { is_error: true } : {};
    const said = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    return [{ type: 'tool_result', tool_use_id: id, content: outputOf(said), ...isError }];
  }
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : asList(content);
  return [...parts.map(partBlock), ...asList(message['toolCalls']).map(callBlock)];
}

/** What a result says: a text, parts, or any other value as its JSON. */
function outputOf(output: unknown): string | readonly ContentBlock[] {
  if (typeof output === 'string') return output;
  if (Array.isArray(output)) return output.map(partBlock);
  return output === undefined || output === null ? [] : (jsonText(output) ?? '');
}

function callBlock(value: unknown): ContentBlock {
  const request = asObject(value);
  if (request === null) return knownBlock(value);
  const known = asObject(request['function']) ?? request;
  const [id, name] = [textOf(request, 'id') ?? '', textOf(known, 'name') ?? ''];
  return { type: 'tool_use', id, name, ...inputOf(known['arguments']) };
}

function partBlock(value: unknown): ContentBlock {
  const part = asObject(value);
  if (part === null) return knownBlock(value);
  if (part['type'] === 'think') {
    const signature = textOf(part, 'encrypted');
    const signed = signature === null ? {} : { signature };
    return { type: 'thinking', thinking: textOf(part, 'think') ?? '', ...signed };
  }
  const url = textOf(asObject(part['imageUrl'] ?? part['image_url']), 'url');
  const [, mime, data] = /^data:(image\/[^;,]+);base64,(.*)$/s.exec(url ?? '') ?? [];
  if (mime !== undefined) {
    return { type: 'image', source: { type: 'base64', media_type: mime, data } };
  }
  return knownBlock(part);
}

function eventBlocks(event: JsonObject): readonly ContentBlock[] {
  const id = textOf(event, 'toolCallId') ?? '';
  switch (event['type']) {
    case 'content.part':
      return event['part'] === undefined ? [] : [partBlock(event['part'])];
    case 'tool.call': {
      const input = event['args'] ?? {};
      return [{ type: 'tool_use', id, name: textOf(event, 'name') ?? '', input }];
    }
    case 'tool.result': {
      const result = asObject(event['result']);
      const content = outputOf(result?.['output']);
      const isError = result?.['isError'] === true ? { is_error: true } : {};
      return [{ type: 'tool_result', tool_use_id: id, content, ...isError }];
    }
    default:
      return [];
  }
}
