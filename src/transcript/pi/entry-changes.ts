/** Changed messages as changes of the entries of a session of pi. */
import { addAll } from '../../base/lists.ts';
import { deepJson } from '../../base/deep-json.ts';
import { sha256Hex } from '../../format/checksum.ts';
import { refuse, type ChangedItem, type Piece } from '../changed-items.ts';
import type { NewMessage } from '../message-edits.ts';
import { linesBefore, linesBehind } from '../line-splices.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText, writtenJson } from '../json-value.ts';
import { bytesAt } from '../record-at.ts';
import { memberSplice } from '../respelled.ts';
import type { Splice } from '../splice.ts';
import { branchWords, compactionWords } from './blocks.ts';
import { madeMessages, messagesOf, type CallNames, type Surroundings } from './made-messages.ts';
import type { Session } from './session.ts';
import { entryFlag } from './tree.ts';

/** New messages on either side of an entry. */
interface Neighbours {
  readonly before: JsonObject[];
  readonly after: JsonObject[];
}

/** What stands for an entry that went. */
const removedType = 'holdfast.removed';

/** Collects what changes, then says it in splices. */
export class EntryChanges {
  readonly #session: Session;
  readonly #calls: CallNames;
  readonly #own: Splice[] = [];
  readonly #neighbours = new Map<number, Neighbours>();
  readonly #ids = new Set<string>();
  #alone: readonly JsonObject[] = [];
  /** What a compaction that is no more leaves at the beginning. */
  #root: JsonObject[] | null = null;

  constructor(session: Session, calls: CallNames) {
    this.#session = session;
    this.#calls = calls;
  }

  take(change: ChangedItem<number>): void {
    const { item, role, before, pieces, after } = change;
    if (this.#isBeyondSummary(change)) return this.#dissolve(change);
    this.#put(item - 1, this.#made(before, item));
    if (pieces !== null) this.#change(item, role, pieces);
    this.#put(item, this.#made(after, item));
  }

  /** True when the summary of a compaction cannot say what becomes of it. */
  #isBeyondSummary({ item, before, pieces }: ChangedItem<number>): boolean {
    const { path, scan } = this.#session;
    if (path.rows.at(item) !== path.compaction || scan.tree.isLinear) return false;
    const [first, ...more] = pieces ?? [];
    const isWhole = pieces === null || (first?.block.type === 'text' && more.length === 0);
    const text = first?.block.type === 'text' ? first.block.text : null;
    return (
      before.length > 0 || !isWhole || (text !== null && within(compactionWords, text) === null)
    );
  }

  /**
   * Makes a compaction the messages that it stands for: they become the root of the session, and
   * what it kept goes on from them. What it left out hangs on no path any more.
   */
  #dissolve({ item, before, pieces, after }: ChangedItem<number>): void {
    const { compaction } = this.#session.path;
    const { summary } = this.#session.entry(compaction);
    const text = compactionWords.join(asText(summary) ?? '');
    const content = pieces?.map(({ block }) => block) ?? [{ type: 'text', text }];
    const own = content.length === 0 ? [] : [{ role: 'user', content }];
    this.#root = this.#made([...before, ...own, ...after], item);
    // An older compaction among what is kept would count again.
    for (const row of this.#keptRows()) {
      const isGone = row === compaction || this.#session.scan.tree.has(row, entryFlag.isCompaction);
      if (isGone) this.#replaceEntry(row, { type: 'custom', customType: removedType });
    }
  }

  /** The rows that the compaction keeps, and the compaction. */
  #keptRows(): number[] {
    const { all, compaction, firstKept } = this.#session.path;
    const rows: number[] = [];
    let isKept = false;
    for (let index = 0; index < all.length; index += 1) {
      const row = all.at(index);
      isKept ||= row === firstKept || row === compaction;
      if (isKept) rows.push(row);
      if (row === compaction) break;
    }
    return rows;
  }

  /** Messages for a session whose conversation is empty. */
  takeAlone(messages: readonly NewMessage[]): void {
    this.#alone = this.#made(messages, -1);
  }

  splices(): Splice[] {
    const added: Splice[] = [];
    const children = this.#children();
    for (const [row, { before, after }] of this.#neighbours) {
      if (before.length > 0) addAll(added, this.#before(row, before));
      if (after.length > 0) addAll(added, this.#after(row, after, children.get(row) ?? []));
    }
    if (this.#root !== null) addAll(added, this.#atRoot(this.#root));
    if (this.#alone.length > 0) added.push(this.#atEnd(this.#alone));
    // Linking writes into entries that are made anew as a whole, so they come last.
    return [...added, ...this.#keptRecords(), ...this.#own];
  }

  /** Puts new messages behind an item of the conversation; -1 stands for its beginning. */
  #put(item: number, messages: readonly JsonObject[]): void {
    if (messages.length === 0) return;
    const { rows, compaction, firstKept } = this.#session.path;
    const row = item < 0 ? -1 : rows.at(item);
    if (item < 0) {
      if (compaction >= 0) refuse('Nothing can stand in front of the summary of a compaction');
      addAll(this.#at(rows.at(0)).before, messages);
    } else if (row === compaction && this.#root !== null) {
      addAll(this.#root, messages);
    } else if (row === compaction && rows.length > 1 && this.#keptRows().includes(rows.at(1))) {
      addAll(this.#at(firstKept).before, messages);
    } else addAll(this.#at(row).after, messages);
  }

  #at(row: number): Neighbours {
    const known = this.#neighbours.get(row);
    if (known !== undefined) return known;
    const fresh = { before: [], after: [] };
    this.#neighbours.set(row, fresh);
    return fresh;
  }

  #made(messages: readonly NewMessage[], item: number): JsonObject[] {
    if (messages.length === 0) return [];
    const around = this.#around(item);
    return messages.flatMap(({ role, content }) =>
      madeMessages(role, content, this.#calls, around),
    );
  }

  /** Who speaks around an item, and when. */
  #around(item: number): Surroundings {
    const { rows } = this.#session.path;
    let api: unknown = 'unknown';
    let provider: unknown = 'unknown';
    let model: unknown = 'unknown';
    for (let index = item; index >= 0; index -= 1) {
      const message = asObject(this.#session.entry(rows.at(index))['message']);
      if (message?.['role'] !== 'assistant') continue;
      ({ api, provider, model } = message);
      break;
    }
    const entry = item < 0 ? {} : this.#session.entry(rows.at(item));
    const own = asObject(entry['message'])?.['timestamp'];
    const parsed = Date.parse(asText(entry['timestamp']) ?? '');
    const timestamp = typeof own === 'number' ? own : Number.isNaN(parsed) ? 0 : parsed;
    return { api, provider, model, timestamp };
  }

  #change(item: number, role: string, pieces: readonly Piece[]): void {
    const row = this.#session.path.rows.at(item);
    if (pieces.length === 0) return this.#remove(row);
    const entry = this.#session.shown(row) ?? {};
    const message = asObject(entry['message']);
    const isParts = entry['type'] === 'message' && Array.isArray(message?.['content'] ?? null);
    const isText = typeof message?.['content'] === 'string';
    const old = isParts || isText ? message : this.#partsOf(entry, role, pieces, row);
    if (old === null) return;
    const made = messagesOf(old, pieces, this.#calls, this.#around(item));
    const own = Math.max(
      made.findIndex(({ isOwn }) => isOwn),
      0,
    );
    const messages = made.map((one) => one.message);
    this.#put(item - 1, messages.slice(0, own));
    this.#rewrite(row, entry, messages[own] ?? {});
    this.#put(item, messages.slice(own + 1));
  }

  /**
   * The message that an entry of another kind stands for. Null when the change was said in the
   * words of that kind.
   */
  #partsOf(
    entry: JsonObject,
    role: string,
    pieces: readonly Piece[],
    row: number,
  ): JsonObject | null {
    if (entry['type'] === 'custom_message') return { role: 'user', content: entry['content'] };
    const isCompaction = entry['type'] === 'compaction';
    const isSummary = isCompaction || entry['type'] === 'branch_summary';
    const [first, ...more] = pieces;
    if (isSummary && first !== undefined && more.length === 0 && first.block.type === 'text') {
      const words = isCompaction ? compactionWords : branchWords;
      const summary = within(words, first.block.text);
      if (summary !== null) {
        this.#set(row, ['summary'], summary);
        return null;
      }
    }
    if (isCompaction) refuse('The summary of a compaction keeps the sentence around it');
    // A text that pi makes of something else becomes words of its own.
    const content = pieces.flatMap(({ kind, block }) => {
      return kind === 'kept' && block.type === 'text' ? [{ type: 'text', text: block.text }] : [];
    });
    const { timestamp } = asObject(entry['message']) ?? {};
    return { role, content, ...(timestamp === undefined ? {} : { timestamp }) };
  }

  #set(row: number, path: readonly string[], value: unknown): void {
    const { offset, length } = this.#session.scan.tree.place(row);
    const splice = memberSplice(bytesAt(this.#session.source, offset, length), offset, path, value);
    if (splice === null) refuse('The file changed after it was read');
    this.#own.push(splice);
  }

  /** Writes the message of an entry anew, as little of it as possible. */
  #rewrite(row: number, entry: JsonObject, message: JsonObject): void {
    const edit = this.#session.path.edits.get(row);
    const old = asObject(entry['message']);
    const isSame = old !== null && old['role'] === message['role'];
    if (edit !== undefined) {
      if (!isSame) refuse('A context edit cannot change who speaks');
      return this.#set(edit, ['replacement', 'content'], message['content']);
    }
    if (entry['type'] === 'custom_message' && message['role'] === 'user') {
      return this.#set(row, ['content'], message['content']);
    }
    if (entry['type'] !== 'message') return this.#replaceEntry(row, { type: 'message', message });
    if (!isSame) return this.#set(row, ['message'], message);
    const names = new Set([...Object.keys(old), ...Object.keys(message)]);
    for (const name of names) {
      if (name in message && old[name] !== message[name]) {
        this.#set(row, ['message', name], message[name]);
      }
    }
  }

  #remove(row: number): void {
    if (this.#session.scan.tree.has(row, entryFlag.isCompaction)) {
      refuse('The summary of a compaction is not taken away');
    }
    const edit = this.#session.path.edits.get(row);
    if (edit !== undefined) this.#set(edit, ['replacement'], null);
    else this.#replaceEntry(row, { type: 'custom', customType: removedType });
  }

  #replaceEntry(row: number, { type, ...rest }: JsonObject): void {
    const { offset, length } = this.#session.scan.tree.place(row);
    const { id, parentId, timestamp } = this.#session.entry(row);
    const text = writtenJson({ type, id, parentId, timestamp, ...rest });
    this.#own.push({ offset, length, bytes: Buffer.from(text) });
  }

  #line(parent: JsonObject, parentId: unknown, message: JsonObject): [line: string, id: string] {
    const { tree } = this.#session.scan;
    const timestamp = parent['timestamp'];
    if (tree.isLinear) return [writtenJson({ type: 'message', timestamp, message }), ''];
    const seed = deepJson([parent['id'], parentId, message]) ?? '';
    let id = '';
    for (let tries = 0; id === '' || tree.find(id) >= 0 || this.#ids.has(id); tries += 1) {
      id = sha256Hex(`${tries}:${seed}`).slice(0, 8);
    }
    this.#ids.add(id);
    return [writtenJson({ type: 'message', id, parentId, timestamp, message }), id];
  }

  /** Lines for a chain of new entries below a parent; the id of the last. */
  #chain(near: JsonObject, parentId: unknown, messages: readonly JsonObject[]): [string[], string] {
    const lines: string[] = [];
    let parent = parentId;
    for (const message of messages) {
      const [line, id] = this.#line(near, parent, message);
      lines.push(line);
      parent = id;
    }
    return [lines, asText(parent) ?? ''];
  }

  #before(row: number, messages: readonly JsonObject[]): Splice[] {
    const { source, scan, path } = this.#session;
    const entry = this.#session.entry(row);
    const [lines, last] = this.#chain(entry, entry['parentId'] ?? null, messages);
    const splices = [linesBefore(source, scan.tree.place(row), lines)];
    if (scan.tree.isLinear) return splices;
    addAll(splices, this.#linked(row, ['parentId'], last));
    if (row === path.firstKept && path.compaction >= 0) {
      const first = asText(asObject(JSON.parse(lines[0] ?? '{}'))?.['id']);
      addAll(splices, this.#linked(path.compaction, ['firstKeptEntryId'], first));
    }
    return splices;
  }

  /** The entries that hang on those that get something behind them. */
  #children(): ReadonlyMap<number, readonly number[]> {
    const { tree } = this.#session.scan;
    const { end } = this.#session.path;
    const children = new Map<number, number[]>();
    for (const [row, { after }] of this.#neighbours) if (after.length > 0) children.set(row, []);
    if (children.size === 0 || tree.isLinear) return children;
    for (let row = 0; row < tree.length; row += 1) {
      // In a circle the first entry of the path names a later one, and stays the first.
      if (end.kind === 'cycle' && row === end.at) continue;
      children.get(tree.parent(row))?.push(row);
    }
    return children;
  }

  #after(row: number, messages: readonly JsonObject[], children: readonly number[]): Splice[] {
    const { source, scan } = this.#session;
    const entry = this.#session.entry(row);
    const [lines, last] = this.#chain(entry, entry['id'] ?? null, messages);
    const splices = [linesBehind(source, scan.tree.place(row), lines)];
    if (scan.tree.isLinear) return splices;
    for (const child of children) addAll(splices, this.#linked(child, ['parentId'], last));
    return splices;
  }

  #atRoot(messages: readonly JsonObject[]): Splice[] {
    const { source, scan, path } = this.#session;
    const row = path.firstKept >= 0 ? path.firstKept : path.compaction;
    const [lines, last] = this.#chain(this.#session.entry(row), null, messages);
    const splices = this.#linked(row, ['parentId'], last === '' ? null : last);
    return lines.length === 0
      ? splices
      : [linesBefore(source, scan.tree.place(row), lines), ...splices];
  }

  /** Gives a member of an entry another value: an id, or a number. */
  #linked(row: number, path: readonly string[], value: string | number | null): Splice[] {
    const { offset, length } = this.#session.scan.tree.place(row);
    const own = this.#own.findIndex((one) => one.offset === offset && one.length === length);
    const whole = this.#own[own];
    const bytes = whole?.bytes ?? bytesAt(this.#session.source, offset, length);
    const splice = memberSplice(bytes, whole === undefined ? offset : 0, path, value);
    if (splice === null) return refuse('The file changed after it was read');
    if (whole === undefined) return [splice];
    const { offset: at, length: gone, bytes: put } = splice;
    const linked = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + gone)]);
    this.#own[own] = { offset, length, bytes: linked };
    return [];
  }

  #atEnd(messages: readonly JsonObject[]): Splice {
    const { source, scan } = this.#session;
    if (scan.last === null) return refuse('There is no record to write behind');
    const leaf = scan.tree.length - 1;
    const entry = leaf < 0 ? {} : this.#session.entry(leaf);
    const near = { timestamp: scan.header?.['timestamp'], ...entry };
    const [lines] = this.#chain(near, entry['id'] ?? null, messages);
    return linesBehind(source, scan.last, lines);
  }

  /** Numbers of records that compactions keep first, in files without ids. */
  #keptRecords(): Splice[] {
    const { tree } = this.#session.scan;
    if (!tree.isLinear) return [];
    const splices: Splice[] = [];
    for (const [row, record] of tree.keptRecords()) {
      let shift = 0;
      for (const [other, { before, after }] of this.#neighbours) {
        const at = tree.place(other).record;
        if (at < record) shift += before.length + after.length;
      }
      const name = 'firstKeptEntryIndex';
      if (shift > 0) addAll(splices, this.#linked(row, [name], record + shift));
    }
    return splices;
  }
}

/** The words between two fixed ones; null when those are not around them. */
function within([before, after]: readonly [string, string], text: string): string | null {
  const isLong = text.length >= before.length + after.length;
  const isWrapped = isLong && text.startsWith(before) && text.endsWith(after);
  return isWrapped ? text.slice(before.length, text.length - after.length) : null;
}
