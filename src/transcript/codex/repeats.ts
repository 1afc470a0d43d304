/**
 * Records that stand twice. When an append of Codex fails half-way, it opens the file again and
 * writes the whole record once more, so the same record may follow itself, with at most the record
 * that it was glued to in between.
 */
import { isDeepStrictEqual } from 'node:util';
import type { FileRecord } from '../file-record.ts';
import type { JsonObject } from '../json-value.ts';
import { asText } from '../json-value.ts';

/** How many records back a copy may stand. */
const reach = 3;
/** Records beyond are not held to be compared. */
const heldBytesMax = 1024 * 1024;

/** Remembers the last records of the conversation. */
export class Repeats {
  readonly #held: JsonObject[] = [];

  /** True when this record was there a moment ago, to the millisecond. */
  isRepeated(record: FileRecord, value: JsonObject): boolean {
    if (record.length > heldBytesMax || !/^\d{4}-/.test(asText(value['timestamp']) ?? '')) {
      return false;
    }
    const { timestamp } = value;
    const isSame = (old: JsonObject): boolean =>
      old['timestamp'] === timestamp && isDeepStrictEqual(old, value);
    if (this.#held.some(isSame)) return true;
    this.#held.push(value);
    if (this.#held.length > reach) this.#held.shift();
    return false;
  }
}
