/**
 * From the entries of a history to messages. Items in a row that one answer of the model is made of
 * become one message, outputs in a row another; every other item is a message of its own.
 */
import { addAll } from '../../base/lists.ts';
import type { PlacedMessage, Place } from '../../integrity/conversation.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { ByteSource } from '../byte-source.ts';
import type { ComposedMessage, Share } from '../changed-items.ts';
import { readAhead } from '../read-ahead.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText } from '../json-value.ts';
import { recordAt } from '../record-at.ts';
import { textsOf } from './context-text.ts';
import { entryForm, type History, type HistoryEntry } from './history.ts';
import { viewItem, type ItemGroup, type ItemView } from './items.ts';
import { itemFlag, type RolloutTable } from './table.ts';
import { timestampOf } from '../timestamp.ts';

/** What Codex says where a compaction left no summary. */
const noSummary = '(no summary available)';

/** A message with its places, and the entries that it comes from. */
export interface RolloutMessage extends PlacedMessage, ComposedMessage<number> {}

/** Makes items and messages from the bytes of a file. */
export class Composer {
  readonly #source: ByteSource;
  readonly #table: RolloutTable;
  readonly #history: History;
  /** The record that was decoded last: a replacement history is asked for item by item. */
  #row = -1;
  #record: JsonObject = {};

  constructor(source: ByteSource, table: RolloutTable, history: History) {
    this.#source = readAhead(source);
    this.#table = table;
    this.#history = history;
  }

  /** The record of a row. */
  record(row: number): JsonObject {
    if (row !== this.#row) {
      this.#record = recordAt(this.#source, this.#table.place(row));
      this.#row = row;
    }
    return this.#record;
  }

  /** The item that an entry stands for. */
  item(entry: HistoryEntry): JsonObject {
    const item = this.#written(entry);
    switch (entry.form) {
      case entryForm.summary:
        return userItem(asText(item['message']) || noSummary);
      case entryForm.userText:
        return userItem(textsOf(item).join(''));
      default:
        return item;
    }
  }

  #written({ row, sub }: HistoryEntry): JsonObject {
    const record = this.record(row);
    const flags = sub < 0 ? this.#table.flags(row, -1) : 0;
    if ((flags & itemFlag.isBare) !== 0) return record;
    const payload = asObject(record['payload']) ?? {};
    if ((flags & itemFlag.isLetter) !== 0) return { ...payload, type: 'agent_message' };
    if (sub < 0) return payload;
    const items = payload['replacement_history'];
    return Array.isArray(items) ? (asObject(items[sub]) ?? {}) : {};
  }

  /** The conversation, message by message. */
  *messages(): Generator<RolloutMessage, void> {
    let open: OpenMessage | null = null;
    for (let index = 0; index < this.#history.length; index += 1) {
      const entry = this.#history.entry(index);
      const view = viewItem(this.item(entry));
      // Gone or overwritten since the file was read: there is nothing to show.
      if (view === null) continue;
      if (open !== null && !open.takes(view.group)) {
        yield open.closed();
        open = null;
      }
      const place = { ...this.#table.place(entry.row), id: view.id };
      const time = timestampOf(this.record(entry.row)['timestamp']);
      open ??= new OpenMessage(view, place, { model: this.#table.model(entry.row), ...time });
      open.add(index, view, place);
    }
    if (open !== null) yield open.closed();
  }
}

function userItem(text: string): JsonObject {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
}

/** Who wrote a message, and when. */
type Author = Pick<PlacedMessage, 'model' | 'timestamp'>;

class OpenMessage {
  readonly #role: string;
  readonly #group: ItemGroup;
  readonly #place: Place;
  readonly #model: string | null;
  readonly #time: Omit<Author, 'model'>;
  readonly #content: ContentBlock[] = [];
  readonly #places: Place[] = [];
  readonly #shares: Share<number>[] = [];
  #unread: PlacedMessage['unread'];

  constructor({ role, group }: ItemView, place: Place, { model, ...time }: Author) {
    this.#role = role;
    this.#group = group;
    this.#place = place;
    this.#model = role === 'assistant' ? model : null;
    this.#time = time;
  }

  takes(group: ItemGroup): boolean {
    return group === this.#group && group !== 'alone';
  }

  add(index: number, { blocks, unread }: ItemView, place: Place): void {
    this.#unread ??= unread;
    addAll(this.#content, blocks);
    for (const _ of blocks) this.#places.push(place);
    this.#shares.push({ item: index, parts: blocks.length });
  }

  closed(): RolloutMessage {
    return {
      role: this.#role,
      content: this.#content,
      place: this.#place,
      places: this.#places,
      model: this.#model,
      shares: this.#shares,
      ...this.#time,
      ...(this.#unread === undefined ? {} : { unread: this.#unread }),
    };
  }
}
