/** The places of the messages of one file: a few numbers each, whatever the messages hold. */
import type { Place } from '../../integrity/conversation.ts';
import { Column } from '../column.ts';
import type { FileRecord } from '../file-record.ts';

/** Every record of the file, and which of them are messages. */
export class MessageTable {
  readonly #offsets: Column = new Column(Float64Array);
  readonly #lengths: Column = new Column(Uint32Array);
  readonly #lines: Column = new Column(Float64Array);
  /** Records that are messages. */
  readonly #messages: Column = new Column(Float64Array);

  /** Records. */
  get records(): number {
    return this.#offsets.length;
  }

  /** Messages. */
  get length(): number {
    return this.#messages.length;
  }

  /** Adds the next record. */
  add({ offset, length, line }: FileRecord, kind: 'message' | 'other'): void {
    if (kind === 'message') this.#messages.push(this.#offsets.length);
    this.#offsets.push(offset);
    this.#lengths.push(length);
    this.#lines.push(line);
  }

  /** The record of a message. */
  recordOf(message: number): number {
    return this.#messages.at(message);
  }

  /** Where a record stands. */
  place(record: number): Place & { readonly offset: number } {
    return {
      record,
      offset: this.#offsets.at(record),
      length: this.#lengths.at(record),
      line: this.#lines.at(record),
      id: null,
    };
  }
}
