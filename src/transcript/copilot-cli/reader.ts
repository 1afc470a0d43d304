/**
 * Sessions of Copilot CLI: a log of events, each with an id. A rewind takes away an event and all
 * behind it, a compaction leaves its summary alone; what sub-agents said stays apart.
 */
import { addAll } from '../../base/lists.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { EventHistory, EventPlace, EventWords } from '../event-history.ts';
import { openEvents } from '../event-history.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, jsonText, textOf } from '../json-value.ts';
import { knownBlock } from '../known-block.ts';
import { inputOf } from '../raw-arguments.ts';
import { unreadMembers } from '../unread.ts';
import type { FormatReader, Transcript } from '../transcript.ts';

/** Reads what Copilot CLI writes. */
export const copilot: FormatReader = {
  name: 'copilot-cli',
  recognise(first) {
    const events = first.map(asObject).filter((event) => event !== null && isEvent(event));
    if (events.length === 0) return 0;
    return textOf(events[0] ?? null, 'type') === 'session.start' ? 1 : 0.9;
  },
  *open(source): Generator<number, Transcript, void> {
    return yield* openEvents(source, words);
  },
};

const families = /^(?:session|user|assistant|tool|hook|subagent|system|abort)(?:\.|$)/;

function isEvent(event: JsonObject): boolean {
  const { type, data } = event;
  const isNamed = typeof type === 'string' && families.test(type);
  return isNamed && asObject(data) !== null && 'parentId' in event;
}

const words: EventWords = {
  format: 'copilot-cli',
  take(history, event, place) {
    const data = asObject(event['data']) ?? {};
    switch (event['type']) {
      case 'session.start':
        return remember(history, data);
      case 'session.model_change':
        return put(history, 'model', textOf(data, 'newModel'));
      case 'session.title_changed':
        return put(history, 'title', textOf(data, 'title'));
      case 'session.snapshot_rewind':
        return rewind(history, textOf(data, 'upToEventId'), place);
      case 'session.context_cleared':
        return history.keep([], 'compacted', place.id);
      case 'session.compaction_complete':
        return compacted(history, data, place);
      default:
        return message(history, event, place);
    }
  },
  blocks: blocksOf,
  unread: unreadOf,
  model: (event) => textOf(asObject(event['data']), 'model'),
  facts: ({ session }) => ({
    sessionId: session.get('id') ?? null,
    title: session.get('title') ?? null,
    cwd: session.get('cwd') ?? null,
    version: session.get('version') ?? null,
    model: session.get('model') ?? null,
  }),
  // It talks to several providers, and each model keeps its own rules behind one door.
  profile: () => 'generic',
};

function put(history: EventHistory, name: string, value: string | null): void {
  if (value !== null) history.session.set(name, value);
}

function remember(history: EventHistory, data: JsonObject): void {
  put(history, 'id', textOf(data, 'sessionId'));
  put(history, 'version', textOf(data, 'copilotVersion'));
  put(history, 'model', textOf(data, 'selectedModel'));
  put(history, 'cwd', textOf(asObject(data['context']), 'cwd'));
}

const kinds: Readonly<Record<string, 'user' | 'assistant' | 'result'>> = {
  'user.message': 'user',
  'assistant.message': 'assistant',
  'tool.execution_complete': 'result',
};

function message(history: EventHistory, event: JsonObject, place: EventPlace): void {
  const data = asObject(event['data']) ?? {};
  const kind = kinds[textOf(event, 'type') ?? ''];
  // What a user ran beside the conversation is shown to the user alone.
  if (kind === undefined || data['isUserRequested'] === true) return;
  const isAside =
    typeof data['parentToolCallId'] === 'string' || typeof event['agentId'] === 'string';
  if (isAside) return aside(history, textOf(data, 'parentToolCallId') ?? textOf(event, 'agentId'));
  history.add(kind, place, kind === 'user' ? 'prompt' : 'other');
}

/** Each sub-agent is one side, however many messages it has. */
function aside(history: EventHistory, id: string | null): void {
  const at = history.sides.findIndex((side) => side.kind === 'sidechain' && side.id === id);
  const known = history.sides[at];
  if (known === undefined) history.sides.push({ kind: 'sidechain', id, messages: 1 });
  else history.sides[at] = { ...known, messages: known.messages + 1 };
}

/** This event and all behind it are gone. */
function rewind(history: EventHistory, id: string | null, place: EventPlace): void {
  const target = history.known.get(id ?? '');
  if (target === undefined) {
    const meaning = `It goes back to event ${id ?? '?'}, which is not there; nothing is lost.`;
    return history.tell('MISSING_PARENT', place, meaning);
  }
  const kept = history.entries.filter(({ events }) => (events[0]?.record ?? 0) < target.record);
  history.keep(kept, 'rolled-back', id);
}

function compacted(history: EventHistory, data: JsonObject, place: EventPlace): void {
  if (data['success'] !== true || textOf(data, 'summaryContent') === null) return;
  history.keep([], 'compacted', place.id);
  history.add('user', place, 'other');
}

function blocksOf(event: JsonObject): readonly ContentBlock[] {
  const data = asObject(event['data']) ?? {};
  switch (event['type']) {
    case 'user.message':
      // What was sent has the surroundings of the message in it.
      return textBlocks(textOf(data, 'transformedContent', 'content'));
    case 'assistant.message':
      return answerBlocks(data);
    case 'session.compaction_complete':
      return textBlocks(textOf(data, 'summaryContent'));
    default:
      return [resultBlock(data)];
  }
}

/** Words that should be a text and are none; of a result they are told as they are. */
function unreadOf(event: JsonObject): JsonObject | null {
  const data = asObject(event['data']) ?? {};
  switch (event['type']) {
    case 'user.message':
      return unreadAmong(data, 'transformedContent', 'content');
    case 'assistant.message':
      return unreadAmong(data, 'content');
    case 'session.compaction_complete':
      return unreadAmong(data, 'summaryContent');
    default:
      return null;
  }
}

function unreadAmong(data: JsonObject, ...names: readonly string[]): JsonObject | null {
  if (textOf(data, ...names) !== null) return null;
  return unreadMembers(Object.fromEntries(names.map((name) => [name, data[name]])));
}

function textBlocks(text: string | null): readonly ContentBlock[] {
  return text === null || text === '' ? [] : [{ type: 'text', text }];
}

function answerBlocks(data: JsonObject): readonly ContentBlock[] {
  const thinking = textOf(data, 'reasoningText');
  const blocks: ContentBlock[] = thinking === null ? [] : [{ type: 'thinking', thinking }];
  addAll(blocks, textBlocks(textOf(data, 'content')));
  for (const value of asList(data['toolRequests'])) {
    const request = asObject(value);
    if (request === null) {
      blocks.push(knownBlock(value));
      continue;
    }
    const [id, name] = [textOf(request, 'toolCallId') ?? '', textOf(request, 'name') ?? ''];
    blocks.push({ type: 'tool_use', id, name, ...inputOf(request['arguments']) });
  }
  return blocks;
}

function resultBlock(data: JsonObject): ContentBlock {
  const said = asObject(data['result'])?.['content'] ?? textOf(asObject(data['error']), 'message');
  const content = typeof said === 'string' ? said : (jsonText(said ?? '') ?? '');
  const isError = data['success'] === false ? { is_error: true } : {};
  return {
    type: 'tool_result',
    tool_use_id: textOf(data, 'toolCallId') ?? '',
    content,
    ...isError,
  };
}
