/**
 * Records that stand twice. When an append of Codex fails half-way, it opens the file again and
 * writes the whole record once more, so the same record may stand twice on a line, or again on the
 * next one. Farther apart it is none: a fork copies a history within one millisecond, and two
 * prompts of it may read the same.
 */
import { sameValue } from '../../base/deep-json.ts';
import type { ByteSource } from '../byte-source.ts';
import type { FileRecord } from '../file-record.ts';
import type { JsonObject } from '../json-value.ts';
import { asText } from '../json-value.ts';
import { bytesAt } from '../record-at.ts';
import { isInexactAt } from '../spelling.ts';

/** Records on one line and the one before it: more than were ever fused. */
const heldMax = 16;
/** Records beyond are not held to be compared. */
const heldBytesMax = 1024 * 1024;

/** Remembers the last records of the conversation. */
export class Repeats {
  readonly #source: ByteSource;
  readonly #held: { readonly record: FileRecord; readonly value: JsonObject }[] = [];

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** True when this record was there on its line or the one before, to the millisecond. */
  isRepeated(record: FileRecord, value: JsonObject): boolean {
    if (record.length > heldBytesMax || !/^\d{4}-/.test(asText(value['timestamp']) ?? '')) {
      return false;
    }
    while (record.line - (this.#held[0]?.record.line ?? record.line) > 1) this.#held.shift();
    const { timestamp } = value;
    const isSame = (old: JsonObject): boolean =>
      old['timestamp'] === timestamp && sameValue(old, value);
    const isRepeated = this.#held.some(
      (old) => isSame(old.value) && this.#saysSame(old.record, record),
    );
    // A copy is held, too: it may be followed by a third one.
    this.#held.push({ record, value });
    if (this.#held.length > heldMax) this.#held.shift();
    return isRepeated;
  }

  /** Of records whose values are the same: whether their texts are, where those say more. */
  #saysSame(old: FileRecord, record: FileRecord): boolean {
    if (!isInexactAt(this.#source, record.offset)) return true;
    const bytes = [old, record].map(({ offset, length }) => bytesAt(this.#source, offset, length));
    return sameValue(bytes[0], bytes[1]);
  }
}
