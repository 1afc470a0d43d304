/** Records and their blocks, read again from the file when they are needed. */
import { assert } from '../../base/assert.ts';
import type { Place, PlacedMessage } from '../../integrity/conversation.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { ByteSource } from '../byte-source.ts';
import { parseRecord } from '../decode.ts';
import type { Entries } from './entries.ts';
import type { JsonObject } from './entry.ts';
import { is, isObject, textOf } from './entry.ts';
import { spelledAt } from '../spelling.ts';
import { timestampOf } from '../timestamp.ts';

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

/** The content as blocks: a text is one text block, and so is a bare string in a list. */
export function blocksOf(content: unknown): readonly ContentBlock[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) return [];
  if (areBlocks(content)) return content as readonly ContentBlock[];
  return content.map((block: unknown): ContentBlock => {
    if (typeof block === 'string') return { type: 'text', text: block };
    if (!isObject(block)) return unknownBlock({ value: block });
    return typeof block['type'] === 'string' ? (block as ContentBlock) : unknownBlock(block);
  });
}

function areBlocks(content: readonly unknown[]): boolean {
  for (const block of content) {
    if (!isObject(block) || typeof block['type'] !== 'string') return false;
  }
  return true;
}

function unknownBlock(members: JsonObject): ContentBlock {
  return { ...members, type: 'unknown' } as ContentBlock;
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
  /** Of one record the very list that it holds; of several a list of their own. */
  #content: readonly ContentBlock[] = [];
  #more: ContentBlock[] | null = null;
  readonly #places: Place[] = [];
  #first: Place | null = null;
  #role: string | null = null;
  #model: string | null = null;
  #time: ReturnType<typeof timestampOf> | null = null;

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  /** The next record, with its value. */
  add(node: number, value: JsonObject): void {
    const flags = this.#entries.flags.at(node);
    const place = placeOf(this.#entries, node, value['uuid']);
    const blocks = blocksOf(contentOf(value, flags));
    if (this.#first === null) this.#content = blocks;
    else {
      this.#more ??= [...this.#content];
      for (const block of blocks) this.#more.push(block);
      this.#content = this.#more;
    }
    for (let count = 0; count < blocks.length; count += 1) this.#places.push(place);
    this.#first ??= place;
    this.#time ??= timestampOf(value['timestamp']);
    this.#role ??= roleOf(value, flags);
    this.#model = modelOf(value) ?? this.#model;
  }

  /** The message of the records so far. */
  message(): PlacedMessage {
    assert(this.#first !== null && this.#role !== null, 'a message has a record');
    const message = {
      role: this.#role,
      content: this.#content,
      place: this.#first,
      places: this.#places,
      model: this.#model,
    };
    // Members that are spread behind others cost more than all of these.
    const timestamp = this.#time?.timestamp;
    return timestamp === undefined ? message : { ...message, timestamp };
  }
}

function roleOf(value: JsonObject, flags: number): string {
  const message = value['message'];
  const role = isObject(message) ? textOf(message['role']) : null;
  return role ?? ((flags & is.assistant) !== 0 ? 'assistant' : 'user');
}

/** The model of a record; what the tool itself wrote in the model's place has none. */
export function modelOf(value: JsonObject): string | null {
  const message = value['message'];
  const model = isObject(message) ? textOf(message['model']) : null;
  return model === '<synthetic>' ? null : model;
}
