/** Records and their blocks, read again from the file when they are needed. */
import { assert } from '../../base/assert.ts';
import type { Place, PlacedMessage } from '../../integrity/conversation.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { ByteSource } from '../byte-source.ts';
import { parseRecord } from '../decode.ts';
import type { Entries } from './entries.ts';
import type { JsonObject } from './entry.ts';
import { is, isObject, textOf } from './entry.ts';
import { knownBlock } from '../known-block.ts';
import { loneBlock } from '../lone-content.ts';
import { spelledAt } from '../spelling.ts';
import { timestampOf } from '../timestamp.ts';
import { joinedUnread, unreadMembers } from '../unread.ts';

/** The value of an entry. */
export function valueOf(source: ByteSource, entries: Entries, node: number): JsonObject {
  const offset = entries.offsets.at(node);
  const bytes = source.read(offset, entries.lengths.at(node));
  const value = spelledAt(source, offset, bytes, parseRecord(bytes));
  assert(isObject(value), 'an entry that was read once is read again');
  return value;
}

/** The way to the content of a record of the conversation. */
export function contentPath(flags: number): readonly [string, string] {
  return (flags & is.attachment) !== 0 ? ['attachment', 'prompt'] : ['message', 'content'];
}

/** The content as it stands in the record. */
export function contentOf(value: JsonObject, flags: number): unknown {
  const [outer, inner] = contentPath(flags);
  const holder = value[outer];
  return isObject(holder) ? holder[inner] : undefined;
}

/** The content as blocks: a text is one text block. */
export function blocksOf(content: unknown): readonly ContentBlock[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) {
    const lone = loneBlock(content);
    return lone === null ? [] : [lone as unknown as ContentBlock];
  }
  if (areBlocks(content)) return content as readonly ContentBlock[];
  return content.map(knownBlock);
}

function areBlocks(content: readonly unknown[]): boolean {
  for (const block of content) {
    if (!isObject(block) || typeof block['type'] !== 'string') return false;
  }
  return true;
}

/** Where an entry stands. */
export function placeOf(entries: Entries, node: number, uuid: unknown): Place {
  return {
    record: entries.records.at(node),
    offset: entries.offsets.at(node),
    length: entries.lengths.at(node),
    line: entries.lines.at(node),
    id: typeof uuid === 'string' ? uuid : null,
  };
}

/** The message of some records. */
export function messageOf(
  source: ByteSource,
  entries: Entries,
  nodes: Iterable<number>,
): PlacedMessage {
  const parts = new MessageParts(entries);
  for (const node of nodes) parts.add(node, valueOf(source, entries, node));
  return parts.message();
}

/** The records of one message, in order, and what they come to. */
export class MessageParts {
  readonly #entries: Entries;
  #message: GrowingMessage | null = null;
  /** The blocks of several records; of one record its very list is taken. */
  #blocks: ContentBlock[] | null = null;

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  /** The next record, with its value. */
  add(node: number, value: JsonObject): void {
    const message = this.#message;
    if (message === null) {
      this.#message = begun(this.#entries, node, value);
      return;
    }
    const flags = this.#entries.flags.at(node);
    const place = placeOf(this.#entries, node, value['uuid']);
    this.#blocks ??= [...message.content];
    const blocks = blocksOf(contentOf(value, flags));
    for (const block of blocks) {
      this.#blocks.push(block);
      message.places.push(place);
    }
    const unread = blocks.length === 0 ? unreadIn(value) : null;
    if (unread !== null) message.unread = joinedUnread(message.unread, unread);
    message.content = this.#blocks;
    message.role = oddRole(value, flags) ?? message.role;
    message.model = modelOf(value) ?? message.model;
  }

  /** The message of the records so far. */
  message(): PlacedMessage {
    assert(this.#message !== null, 'a message has a record');
    return this.#message;
  }
}

/** A message that may get the blocks of more records. */
interface GrowingMessage extends PlacedMessage {
  role: string;
  content: readonly ContentBlock[];
  readonly places: Place[];
  model: string | null;
  unread?: JsonObject;
}

/** What a record without blocks says in other words. */
function unreadIn({ message }: JsonObject): JsonObject | null {
  return isObject(message) ? unreadMembers(message) : null;
}

/** The message of its first record, which says who speaks and when. */
function begun(entries: Entries, node: number, value: JsonObject): GrowingMessage {
  const flags = entries.flags.at(node);
  const place = placeOf(entries, node, value['uuid']);
  const content = blocksOf(contentOf(value, flags));
  const places = content.length === 1 ? [place] : content.map(() => place);
  const model = modelOf(value);
  const role = roleOf(value, flags);
  const { timestamp } = timestampOf(value['timestamp']);
  if (content.length === 0) {
    const unread = unreadIn(value);
    const time = timestamp === undefined ? {} : { timestamp };
    return { role, content, place, places, model, ...time, ...(unread === null ? {} : { unread }) };
  }
  // Written out, because members that are spread cost more than all the rest.
  return timestamp === undefined
    ? { role, content, place, places, model }
    : { role, content, place, places, model, timestamp };
}

function roleOf(value: JsonObject, flags: number): string {
  return oddRole(value, flags) ?? typeRole(flags);
}

/** The role of a record that is not the one of its type: of a message, one odd record is enough. */
function oddRole({ message }: JsonObject, flags: number): string | null {
  const role = isObject(message) ? textOf(message['role']) : null;
  return role === typeRole(flags) ? null : role;
}

function typeRole(flags: number): string {
  return (flags & is.assistant) !== 0 ? 'assistant' : 'user';
}

/** The model of a record; what the tool itself wrote in the model's place has none. */
export function modelOf(value: JsonObject): string | null {
  const message = value['message'];
  const model = isObject(message) ? textOf(message['model']) : null;
  return model === '<synthetic>' ? null : model;
}
