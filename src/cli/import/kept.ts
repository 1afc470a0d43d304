/**
 * Messages of a transcript as a session keeps them: content as it was read, and the ids, times and
 * models of the source beside it.
 *
 * A session asks more of a block than some tools do. Calls that have no id, as those of Gemini may
 * have none, get one, and their results the same in the order of the calls, which is how such
 * tools pair them. Values in results that are no blocks are kept in blocks of type `json`, and a
 * block that lacks what its type asks for in one of type `malformed`, as is what cannot be read of
 * a message that has nothing else. Numbers beyond every double
 * are null, which the finding of their record tells. The same transcript always gives the same
 * messages.
 */
import type { PlacedMessage } from '../../integrity/conversation.ts';
import type { ContentBlock, Message } from '../../session/message.ts';

import { spellingOf } from '../../transcript/spelling.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A message as it is kept, and where it was read. */
export interface Kept {
  readonly placed: PlacedMessage;
  readonly message: Message;
}

/** Every message of a conversation, in order. */
export function* keptMessages(conversation: Iterable<PlacedMessage>): Generator<Kept> {
  const names = new CallNames();
  for (const placed of conversation) {
    const { role, content: told, place, model, timestamp, unread } = placed;
    const content = told.length === 0 && unread !== undefined ? [malformed(unread)] : told;
    const message: Message = {
      role: role === '' ? 'unknown' : role.slice(0, roleCharsMax),
      content: content.map((block) => keptBlock(finite(withExactText(block)) as Fields, names)),
      ...(place.id === null ? {} : { id: place.id }),
      ...(timestamp === undefined ? {} : { timestamp }),
      ...(model === null ? {} : { model }),
    };
    yield { placed, message };
  }
}

const roleCharsMax = 64;
/** Deeper values are refused by the session itself. */
const depthMax = 1000;

/** A call whose record says more than its input keeps the text of it, as one of a text does. */
function withExactText(block: Fields): Fields {
  const text = block['type'] === 'tool_use' ? spellingOf(block['input']) : undefined;
  return text === undefined ? block : { ...block, input_json: text };
}

/** The value with null for numbers beyond every double, as JSON itself would write them. */
function finite(value: unknown, depth = 0): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null || depth > depthMax) return value;
  if (Array.isArray(value)) {
    const list = value.map((element) => finite(element, depth + 1));
    return list.every((element, index) => element === value[index]) ? value : list;
  }
  const members = Object.entries(value).map(
    ([name, member]) => [name, finite(member, depth + 1)] as const,
  );
  const isSame = members.every(([name, member]) => member === (value as Fields)[name]);
  return isSame ? value : Object.fromEntries(members);
}

/** Gives ids to calls that have none. */
class CallNames {
  #given = 0;
  /** Ids of nameless calls whose results have not come, in order. */
  readonly #open: string[] = [];

  call(): string {
    this.#given += 1;
    const id = `imported-call-${this.#given}`;
    this.#open.push(id);
    return id;
  }

  result(): string {
    return this.#open.shift() ?? `imported-call-${this.#given}`;
  }
}

function keptBlock(block: Fields, names: CallNames): ContentBlock {
  switch (block['type']) {
    case 'tool_use': {
      if (!isText(block['name'])) return malformed(block);
      return blockOf(isText(block['id']) ? block : { ...block, id: names.call() });
    }
    case 'tool_result': {
      const id = block['tool_use_id'];
      const named = isText(id) ? block : { ...block, tool_use_id: names.result() };
      return blockOf(keptResult(named));
    }
    case 'text':
      return typeof block['text'] === 'string' ? blockOf(block) : malformed(block);
    case 'thinking': {
      const { thinking, signature } = block;
      const isSigned = signature === undefined || typeof signature === 'string';
      return typeof thinking === 'string' && isSigned ? blockOf(block) : malformed(block);
    }
    default:
      return typeof block['type'] === 'string' ? blockOf(block) : malformed(block);
  }
}

function keptResult(result: Fields): Fields {
  const { content, is_error: isError, ...rest } = result;
  const flag = typeof isError === 'boolean' ? { is_error: isError } : {};
  if (content === undefined || content === null) return { ...rest, ...flag };
  if (typeof content === 'string') return { ...rest, content, ...flag };
  const values: readonly unknown[] = Array.isArray(content) ? content : [content];
  return { ...rest, content: values.map(keptPart), ...flag };
}

/** Parts of a result are blocks of every type; calls in them are none to pair. */
function keptPart(part: unknown): Fields {
  const block = Object(part) as Fields;
  if (typeof block['type'] !== 'string') return { type: 'json', value: part };
  const isSound = keptBlock(block, new CallNames()) === block;
  return isSound ? block : { type: 'json', value: part };
}

function blockOf(block: Fields): ContentBlock {
  return block as ContentBlock;
}

function malformed(block: Fields): ContentBlock {
  return { type: 'malformed', value: block } as unknown as ContentBlock;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
