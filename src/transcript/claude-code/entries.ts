/**
 * The index of a file: what the order of its conversation depends on, as numbers, and none of the
 * text, so that a file of gigabytes costs megabytes. For a record that is 24 bytes, and 4 more in a
 * file with agents; for each uuid, answer and call 16 bytes of hash and 6 to 11 to find it by; for
 * each uuid, call and result 4 to 8 that say where it stands.
 */
import type { FileRecord } from '../file-record.ts';
import { KeyTable } from '../../base/key-table.ts';
import type { Outlook } from '../../base/outlook.ts';
import { Column, CountColumn, OffsetColumn, SparseColumn } from './column.ts';
import type { Entry } from './entry.ts';
import { is, isObject, textOf } from './entry.ts';

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
  readonly entries: Column;
  readonly ids: Column;

  constructor(outlook: Outlook) {
    this.entries = new Column(outlook);
    this.ids = new Column(outlook);
  }

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

/** What a name is the name of. */
const named = { message: 1, tool: 2, agent: 3 } as const;

/** The entries of a file, numbered in its order. */
export class Entries {
  /** Numbers of uuids, also of parents that are not in the file. */
  readonly uuids: KeyTable;
  /** Numbers of `message.id`s, tool ids and agents. */
  readonly names: KeyTable;
  readonly offsets: OffsetColumn;
  readonly lengths: Column;
  readonly records: CountColumn = new CountColumn();
  readonly lines: CountColumn = new CountColumn();
  readonly ids: Column;
  readonly parents: Column;
  readonly flags: Column;
  readonly groups: Column;
  readonly agents: SparseColumn;
  readonly calls: Pairs;
  readonly results: Pairs;
  /** `sourceToolAssistantUUID` where it is not the parent; the prompt that a queued one became. */
  readonly sources: Map<number, number> = new Map();
  readonly boundaries: Boundary[] = [];
  /** The entry of each uuid: the last one of that uuid, or -1. */
  readonly entryOf: Column;
  /** Entries whose uuid comes again later: the number of the uuid, and all of its entries. */
  readonly repeated: Map<number, number[]> = new Map();

  readonly #lastUuid: Known = { text: null, id: -1 };
  readonly #lastTool: Known = { text: null, id: -1 };
  readonly #lastGroup: Known = { text: null, id: -1 };
  /** Bytes in front of the record that is taken in. */
  #done = 0;

  /** `bytes` is the size of the file, so that room is made for all of it. */
  constructor(bytes: number) {
    // What is left of the file will be like what was read.
    const outlook: Outlook = (length) => (this.#done > 0 ? (length * bytes) / this.#done : 0);
    const column = (): Column => new Column(outlook);
    this.uuids = new KeyTable(outlook);
    this.names = new KeyTable(outlook);
    this.offsets = new OffsetColumn(outlook);
    this.agents = new SparseColumn(outlook);
    this.calls = new Pairs(outlook);
    this.results = new Pairs(outlook);
    [this.lengths, this.ids, this.entryOf] = [column(), column(), column()];
    [this.parents, this.flags, this.groups] = [column(), column(), column()];
  }

  get count(): number {
    return this.ids.length;
  }

  /** Takes the entry in; its number. */
  add(entry: Entry, record: FileRecord): number {
    const number = this.count;
    this.#done = record.offset;
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

  /** The number of a uuid. */
  uuid(text: string): number {
    // Most records follow the one in front of them.
    const last = this.#lastUuid;
    if (text === last.text) return last.id;
    const id = this.uuids.intern(text);
    if (id === this.entryOf.length) this.entryOf.push(-1);
    return know(last, text, id);
  }

  /** The number of the id of a call. */
  tool(id: string): number {
    // Most results follow their call.
    const last = this.#lastTool;
    return id === last.text ? last.id : know(last, id, this.names.intern(id, named.tool));
  }

  /** The number of the id of a call; -1 when none of the file has it. */
  knownTool(id: string): number {
    return this.names.find(id, named.tool);
  }

  /** The number of a `message.id`. */
  group(id: string): number {
    const last = this.#lastGroup;
    return id === last.text ? last.id : know(last, id, this.names.intern(id, named.message));
  }

  /** The number of an agent; -1 for the main one. */
  agent(id: string | null): number {
    return id === null ? -1 : this.names.intern(id, named.agent);
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
    const idOf = (uuid: unknown): number => (typeof uuid === 'string' ? this.uuid(uuid) : -1);
    const uuids = held === messages ? held['uuids'] : null;
    this.boundaries.push({
      entry: number,
      anchor: this.uuid(anchor),
      uuids: uuids === null ? null : Array.isArray(uuids) ? uuids.map(idOf) : [],
      head: uuids === null ? idOf(held['headUuid']) : -1,
      tail: uuids === null ? idOf(held['tailUuid']) : -1,
    });
  }
}

/** The text that was asked for last, and its number. */
interface Known {
  text: string | null;
  id: number;
}

function know(known: Known, text: string, id: number): number {
  known.text = text;
  known.id = id;
  return id;
}
