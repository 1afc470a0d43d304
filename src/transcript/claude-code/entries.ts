/**
 * The index of a file: what the order of its conversation depends on, as numbers. About ninety
 * bytes for a record and none of its text, so that a file of gigabytes costs megabytes.
 */
import type { FileRecord } from '../file-record.ts';
import { Column, int32Column } from './column.ts';
import type { Entry } from './entry.ts';
import { is, isObject, textOf } from './entry.ts';
import { KeyTable } from './key-table.ts';

/** A compact boundary that says which messages in front of it stay. Numbers are those of uuids. */
export interface Boundary {
  readonly entry: number;
  readonly anchor: number;
  /** Null when only the two ends of a segment are told. */
  readonly uuids: readonly number[] | null;
  readonly head: number;
  readonly tail: number;
}

/** Which entry holds which id; in the order of the entries. */
export class Pairs {
  readonly entries: Column<Int32Array> = int32Column();
  readonly ids: Column<Int32Array> = int32Column();

  add(entry: number, id: number): void {
    this.entries.push(entry);
    this.ids.push(id);
  }

  /** The ids of one entry. */
  of(entry: number): number[] {
    const entries = this.entries.values;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((entries[middle] ?? 0) < entry) low = middle + 1;
      else high = middle;
    }
    const found: number[] = [];
    for (; low < entries.length && entries[low] === entry; low += 1) found.push(this.ids.at(low));
    return found;
  }
}

/** The entries of a file, numbered in its order. */
export class Entries {
  /** Numbers of uuids, also of parents that are not in the file. */
  readonly uuids: KeyTable = new KeyTable();
  /** Numbers of `message.id`s, tool ids and agents. */
  readonly names: KeyTable = new KeyTable();
  readonly offsets: Column<Float64Array> = new Column((length) => new Float64Array(length));
  readonly lengths: Column<Uint32Array> = new Column((length) => new Uint32Array(length));
  readonly records: Column<Uint32Array> = new Column((length) => new Uint32Array(length));
  readonly lines: Column<Uint32Array> = new Column((length) => new Uint32Array(length));
  readonly ids: Column<Int32Array> = int32Column();
  readonly parents: Column<Int32Array> = int32Column();
  readonly flags: Column<Int32Array> = int32Column();
  readonly groups: Column<Int32Array> = int32Column();
  readonly agents: Column<Int32Array> = int32Column();
  readonly calls: Pairs = new Pairs();
  readonly results: Pairs = new Pairs();
  /** `sourceToolAssistantUUID` where it is not the parent; the prompt that a queued one became. */
  readonly sources: Map<number, number> = new Map();
  readonly boundaries: Boundary[] = [];
  /** The entry of each uuid: the last one of that uuid, or -1. */
  readonly entryOf: Column<Int32Array> = int32Column();
  /** Entries whose uuid comes again later: the number of the uuid, and all of its entries. */
  readonly repeated: Map<number, number[]> = new Map();

  #lastUuid = { text: '', id: -1 };

  get count(): number {
    return this.ids.length;
  }

  /** Takes the entry in; its number. */
  add(entry: Entry, record: FileRecord): number {
    const number = this.count;
    this.offsets.push(record.offset);
    this.lengths.push(record.length);
    this.records.push(record.index);
    this.lines.push(record.line);
    this.parents.push(entry.parent === null ? -1 : this.uuid(entry.parent));
    const id = this.uuid(entry.uuid);
    this.ids.push(id);
    this.flags.push(entry.flags);
    this.groups.push(entry.group === null ? -1 : this.group(entry.group));
    this.agents.push(this.agent(entry.agent));
    for (const call of entry.calls) this.calls.add(number, this.tool(call));
    for (const result of entry.results) this.results.add(number, this.tool(result));
    this.#place(id, number);
    if (entry.source !== null && entry.source !== entry.parent) {
      this.sources.set(number, this.uuid(entry.source));
    }
    if ((entry.flags & is.boundary) !== 0) this.#boundary(number, entry);
    return number;
  }

  /** Gives back the room for more entries, when the file is read. */
  trim(): void {
    const { offsets, lengths, records, lines, ids, parents, flags, groups, agents } = this;
    for (const column of [offsets, lengths, records, lines, ids, parents, flags, groups, agents]) {
      column.trim();
    }
  }

  /** The number of a uuid. */
  uuid(text: string): number {
    // Most records follow the one in front of them.
    if (text === this.#lastUuid.text) return this.#lastUuid.id;
    const id = this.uuids.intern(text);
    if (id === this.entryOf.length) this.entryOf.push(-1);
    this.#lastUuid = { text, id };
    return id;
  }

  /** The number of the id of a call. */
  tool(id: string): number {
    return this.names.intern(`tool ${id}`);
  }

  /** The number of a `message.id`. */
  group(id: string): number {
    return this.names.intern(`message ${id}`);
  }

  /** The number of an agent; -1 for the main one. */
  agent(id: string | null): number {
    return id === null ? -1 : this.names.intern(`agent ${id}`);
  }

  #place(id: number, number: number): void {
    const earlier = this.entryOf.at(id);
    if (earlier >= 0) {
      const all = this.repeated.get(id);
      if (all === undefined) this.repeated.set(id, [earlier, number]);
      else all.push(number);
    }
    this.entryOf.set(id, number);
  }

  #boundary(number: number, { value }: Entry): void {
    const metadata = value['compactMetadata'];
    if (!isObject(metadata)) return;
    const { preservedMessages: messages, preservedSegment: segment } = metadata;
    const held = isObject(messages) ? messages : isObject(segment) ? segment : null;
    const anchor = held === null ? null : textOf(held['anchorUuid']);
    if (held === null || anchor === null) return;
    const named = (uuid: unknown): number => (typeof uuid === 'string' ? this.uuid(uuid) : -1);
    const uuids = held === messages ? held['uuids'] : null;
    this.boundaries.push({
      entry: number,
      anchor: this.uuid(anchor),
      uuids: uuids === null ? null : Array.isArray(uuids) ? uuids.map(named) : [],
      head: uuids === null ? named(held['headUuid']) : -1,
      tail: uuids === null ? named(held['tailUuid']) : -1,
    });
  }
}
