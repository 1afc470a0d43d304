/**
 * Changes of the values in a file of JSON lines. A value may stand there several times, because
 * some tools write a record again when it changes: the last one counts, at the place of the first.
 * It may also stand inside a list within another record. Lines that are not touched keep their
 * bytes.
 */
import type { ByteSource } from './byte-source.ts';
import type { JsonObject } from './json-value.ts';
import { writtenJson } from './json-value.ts';
import { closingLineEnd } from './line-splices.ts';
import { valueAt } from './record-at.ts';
import type { Splice } from './splice.ts';
import type { ElementChange } from './array-words.ts';
import { changedElement } from './array-words.ts';

/** One place at which a value stands. */
export interface Spot {
  readonly record: number;
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  /** Another record ends on the same line in front of it. */
  readonly isFused: boolean;
  /** Its number in the list of the record; null for a record of its own. */
  readonly nested: number | null;
}

/** A value and all its places, in the order of the file. */
export interface SpottedValue {
  readonly spots: readonly Spot[];
}

/** How lists stand inside records. */
export interface NestedLists {
  read(record: unknown): readonly unknown[];
  replace(record: JsonObject, list: readonly unknown[]): JsonObject;
}

/** Where new lines go when no value stands behind them. */
export interface FileEnd {
  /** Behind the last record, in front of its line end; 0 in a file of none. */
  readonly offset: number;
}

/** The splices that carry out what becomes of each value; `front` are values for a file of none. */
export function lineSplices(
  source: ByteSource,
  values: readonly SpottedValue[],
  changes: ReadonlyMap<number, ElementChange>,
  lists: NestedLists,
  end: FileEnd,
  front: readonly unknown[] = [],
): readonly Splice[] {
  const words = new LineWords(source, lists, end);
  words.atEnd(front);
  for (const [index, change] of [...changes].toSorted(([a], [b]) => a - b)) {
    const value = values[index];
    const first = value?.spots[0];
    const last = value?.spots.at(-1);
    if (value === undefined || first === undefined || last === undefined) continue;
    words.before(first, change.before);
    if (change.own === 'drop') for (const spot of value.spots) words.drop(spot);
    else if (change.own !== 'keep') words.replace(last, change.own.value);
    const next = values[index + 1]?.spots[0];
    if (next === undefined) words.atEnd(change.after);
    else words.before(next, change.after);
  }
  return words.splices();
}

/** What becomes of a record that holds a list. */
interface ListChange {
  readonly spot: Spot;
  readonly before: Map<number, unknown[]>;
  readonly own: Map<number, readonly unknown[]>;
}

class LineWords {
  readonly #source: ByteSource;
  readonly #lists: NestedLists;
  readonly #end: FileEnd;
  readonly #splices: Splice[] = [];
  readonly #nested = new Map<number, ListChange>();
  #growsAtEnd = false;

  constructor(source: ByteSource, lists: NestedLists, end: FileEnd) {
    this.#source = source;
    this.#lists = lists;
    this.#end = end;
  }

  before(spot: Spot, values: readonly unknown[]): void {
    if (values.length === 0) return;
    if (spot.nested !== null) {
      const { before } = this.#listOf(spot);
      before.set(spot.nested, [...(before.get(spot.nested) ?? []), ...values]);
      return;
    }
    const lineEnd = this.#lineEnd(spot);
    const lines = values.map((value) => writtenJson(value) + lineEnd).join('');
    this.#put(spot.offset, 0, spot.isFused ? lineEnd + lines : lines);
  }

  atEnd(values: readonly unknown[]): void {
    if (values.length === 0) return;
    const { offset } = this.#end;
    this.#growsAtEnd = true;
    const lines = values.map((value) => writtenJson(value)).join('\n');
    const close = closingLineEnd(this.#source, offset);
    this.#put(offset, 0, offset === 0 ? `${lines}\n` : `\n${lines}${close}`);
  }

  replace(spot: Spot, value: unknown): void {
    if (spot.nested !== null) this.#listOf(spot).own.set(spot.nested, [value]);
    else this.#splices.push(changedElement(this.#source, spot, value));
  }

  drop(spot: Spot): void {
    if (spot.nested !== null) {
      this.#listOf(spot).own.set(spot.nested, []);
      return;
    }
    const behind = Buffer.from(this.#source.read(spot.offset + spot.length, 2)).toString('latin1');
    const lineEnd = /^(?:\r\n|\n)/.exec(behind)?.[0] ?? '';
    this.#put(spot.offset, spot.length + (spot.isFused ? 0 : lineEnd.length), '');
  }

  splices(): readonly Splice[] {
    const splices = this.#splices.map((splice) => this.#shortOfEnd(splice));
    for (const { spot, before, own } of this.#nested.values()) {
      const record = valueAt(this.#source, spot.offset, spot.length) as JsonObject;
      const list = this.#lists
        .read(record)
        .flatMap((value, index) => [...(before.get(index) ?? []), ...(own.get(index) ?? [value])]);
      splices.push(changedElement(this.#source, spot, this.#lists.replace(record, list)));
    }
    return splices;
  }

  #listOf(spot: Spot): ListChange {
    const known = this.#nested.get(spot.offset);
    if (known !== undefined) return known;
    const fresh: ListChange = { spot, before: new Map(), own: new Map() };
    this.#nested.set(spot.offset, fresh);
    return fresh;
  }

  /** New lines at the end keep the line end of a record that is taken out there. */
  #shortOfEnd(splice: Splice): Splice {
    const end = this.#end.offset;
    const covers = splice.offset < end && splice.offset + splice.length > end;
    return covers && this.#growsAtEnd ? { ...splice, length: end - splice.offset } : splice;
  }

  #put(offset: number, length: number, text: string): void {
    this.#splices.push({ offset, length, bytes: Buffer.from(text) });
  }

  #lineEnd(spot: Spot): string {
    const behind = this.#source.read(spot.offset + spot.length, 1);
    return behind[0] === 0x0d ? '\r\n' : '\n';
  }
}
