/** A session of pi that was read, and its conversation message by message. */
import { addAll } from '../../base/lists.ts';
import type { Place, PlacedMessage } from '../../integrity/conversation.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { ByteSource } from '../byte-source.ts';
import type { ComposedMessage, Share } from '../changed-items.ts';
import { readAhead } from '../read-ahead.ts';
import type { JsonObject } from '../json-value.ts';
import { asText } from '../json-value.ts';
import { recordAt } from '../record-at.ts';
import { viewEntry, type EntryView } from './blocks.ts';
import type { SessionScan } from './scan.ts';
import { pathOf, withContextEdit, type SessionPath } from './tree.ts';
import { timestampOf } from '../timestamp.ts';

/** A message with its places, and the numbers of its rows in the conversation. */
export interface SessionMessage extends PlacedMessage, ComposedMessage<number> {}

/** What a file was read into. */
export class Session {
  readonly source: ByteSource;
  readonly #near: ByteSource;
  readonly scan: SessionScan;
  readonly path: SessionPath;

  constructor(source: ByteSource, scan: SessionScan) {
    this.source = source;
    this.#near = readAhead(source);
    this.scan = scan;
    this.path = pathOf(scan.tree);
  }

  /** The entry of a row as it was written. */
  entry(row: number): JsonObject {
    return recordAt(this.#near, this.scan.tree.place(row));
  }

  /** The entry of a row as its context edit leaves it; null when that takes it away. */
  shown(row: number): JsonObject | null {
    const edit = this.path.edits.get(row);
    return withContextEdit(this.entry(row), edit === undefined ? null : this.entry(edit));
  }

  /** The conversation. Results in a row are one message; everything else is one for itself. */
  *messages(): Generator<SessionMessage, void> {
    const { rows } = this.path;
    let results: OpenMessage | null = null;
    for (let index = 0; index < rows.length; index += 1) {
      const row = rows.at(index);
      const entry = this.shown(row);
      const view = entry === null ? null : viewEntry(entry);
      if (entry === null || view === null) continue;
      const place = { ...this.scan.tree.place(row), id: asText(entry['id']) };
      const time = timestampOf(entry['timestamp']);
      if (view.group !== 'results') {
        if (results !== null) yield results.closed();
        results = null;
        yield new OpenMessage(view, place, time).with(index, view, place).closed();
      } else {
        results ??= new OpenMessage(view, place, time);
        results.with(index, view, place);
      }
    }
    if (results !== null) yield results.closed();
  }
}

class OpenMessage {
  readonly #role: string;
  readonly #place: Place;
  readonly #model: string | null;
  readonly #time: ReturnType<typeof timestampOf>;
  readonly #content: ContentBlock[] = [];
  readonly #places: Place[] = [];
  readonly #shares: Share<number>[] = [];
  readonly #unread: PlacedMessage['unread'];

  constructor(
    { role, model, unread }: EntryView,
    place: Place,
    time: ReturnType<typeof timestampOf>,
  ) {
    this.#unread = unread;
    this.#role = role;
    this.#place = place;
    this.#model = model;
    this.#time = time;
  }

  with(index: number, { blocks }: EntryView, place: Place): this {
    addAll(this.#content, blocks);
    for (const _ of blocks) this.#places.push(place);
    this.#shares.push({ item: index, parts: blocks.length });
    return this;
  }

  closed(): SessionMessage {
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
