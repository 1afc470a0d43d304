/**
 * The entries of a session of pi as numbers: 38 bytes each. The path to the last entry is the
 * session; the newest compaction on it says from which entry on the path still counts.
 */
import type { Place } from '../../integrity/conversation.ts';
import { Column } from '../column.ts';
import type { FileRecord } from '../file-record.ts';
import { hashOf, IdIndex, type IdHash } from '../id-index.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText } from '../json-value.ts';
import { isSent } from './blocks.ts';

/** What is known of an entry; flags of one number. */
export const entryFlag = {
  /** Gives a message. */
  sent: 1,
  isCompaction: 2,
  /** Takes back or changes what another entry gives. */
  isContextEdit: 4,
  /** Has no parent, and is not meant to have one. */
  isRoot: 8,
} as const;

const none: IdHash = { high: 0, low: 0 };

/** Where a compaction says that the path counts on. */
interface Kept {
  readonly id: IdHash | null;
  /** Number of the record, in files without ids. */
  readonly record: number | null;
}

/** The entries of a file, in its order. */
export class EntryTree {
  /** Without ids, every entry follows the one before it. */
  readonly isLinear: boolean;
  readonly #ids = new IdIndex();
  readonly #offset = new Column(Float64Array);
  readonly #length = new Column(Uint32Array);
  readonly #line = new Column(Uint32Array);
  readonly #index = new Column(Uint32Array);
  readonly #flags = new Column(Uint8Array);
  readonly #parentHigh = new Column(Uint32Array);
  readonly #parentLow = new Column(Uint32Array);
  readonly #kept = new Map<number, Kept>();
  readonly #targets = new Map<number, IdHash>();

  constructor(isLinear: boolean) {
    this.isLinear = isLinear;
  }

  get length(): number {
    return this.#offset.length;
  }

  add(record: FileRecord, entry: JsonObject): void {
    const row = this.length;
    const parent = asText(entry['parentId']);
    const type = entry['type'];
    let flags = isSent(entry) ? entryFlag.sent : 0;
    if (parent === null || parent === '') flags |= entryFlag.isRoot;
    if (type === 'compaction') {
      flags |= entryFlag.isCompaction;
      const id = asText(entry['firstKeptEntryId']);
      const number = entry['firstKeptEntryIndex'];
      const at = typeof number === 'number' ? number : null;
      this.#kept.set(row, { id: id === null ? null : hashOf(id), record: at });
    } else if (type === 'context_edit') {
      flags |= entryFlag.isContextEdit;
      this.#targets.set(row, hashOf(asText(entry['targetId']) ?? ''));
    }
    const { high, low } = parent === null ? none : hashOf(parent);
    this.#ids.add(this.isLinear ? { high: 0, low: row + 1 } : hashOf(asText(entry['id']) ?? ''));
    this.#offset.push(record.offset);
    this.#length.push(record.length);
    this.#line.push(record.line);
    this.#index.push(record.index);
    this.#flags.push(flags);
    this.#parentHigh.push(high);
    this.#parentLow.push(low);
  }

  place(row: number): Place & { readonly offset: number } {
    return {
      record: this.#index.at(row),
      offset: this.#offset.at(row),
      length: this.#length.at(row),
      line: this.#line.at(row),
      id: null,
    };
  }

  has(row: number, flag: number): boolean {
    return (this.#flags.at(row) & flag) !== 0;
  }

  /** The row with an id, or -1. */
  find(id: string): number {
    return this.isLinear ? -1 : this.#ids.find(hashOf(id));
  }

  /** The row of the parent; -1 for a root, -2 for a parent that is not here. */
  parent(row: number): number {
    if (this.isLinear) return row - 1;
    if (this.has(row, entryFlag.isRoot)) return -1;
    const found = this.#ids.find({ high: this.#parentHigh.at(row), low: this.#parentLow.at(row) });
    return found < 0 ? -2 : found;
  }

  /** The row that a compaction keeps first; -1 when it names none that is here. */
  firstKept(row: number): number {
    const kept = this.#kept.get(row);
    if (kept === undefined) return -1;
    if (!this.isLinear) return kept.id === null ? -1 : this.#ids.find(kept.id);
    for (let other = 0; other < row; other += 1) {
      if (this.#index.at(other) === kept.record) return other;
    }
    return -1;
  }

  /** Compactions with the number of the record that each keeps first, in files without ids. */
  *keptRecords(): Generator<readonly [row: number, record: number], void> {
    for (const [row, { record }] of this.#kept) if (record !== null) yield [row, record];
  }

  /** The row that a context edit is about, or -1. */
  target(row: number): number {
    const id = this.#targets.get(row);
    return id === undefined ? -1 : this.#ids.find(id);
  }
}

/** The path of a session, and what of it is its conversation. */
export interface SessionPath {
  /** Rows of the conversation, in its order. */
  readonly rows: Column;
  /** Every row from the root to the leaf. */
  readonly all: Column;
  /** The compaction that counts, or -1. */
  readonly compaction: number;
  /** The row that it keeps first, or -1. */
  readonly firstKept: number;
  /** The context edit that an entry is changed by. */
  readonly edits: ReadonlyMap<number, number>;
  /** Messages that the compaction took the place of. */
  readonly compacted: number;
  /** How the walk from the leaf ended; `at` is the row that it ended at. */
  readonly end: { readonly kind: 'root' | 'missing' | 'cycle'; readonly at: number };
}

/** Walks from the last entry to the root, as pi does. */
export function pathOf(tree: EntryTree): SessionPath {
  const seen = new Uint8Array(tree.length);
  const backwards = new Column(Int32Array);
  let row = tree.length - 1;
  let at = row;
  while (row >= 0 && seen[row] === 0) {
    seen[row] = 1;
    backwards.push(row);
    at = row;
    row = tree.parent(row);
  }
  const all = new Column(Int32Array);
  const edits = new Map<number, number>();
  let compaction = -1;
  for (let index = backwards.length - 1; index >= 0; index -= 1) {
    const next = backwards.at(index);
    all.push(next);
    if (tree.has(next, entryFlag.isCompaction)) compaction = next;
    if (tree.has(next, entryFlag.isContextEdit)) edits.set(tree.target(next), next);
  }
  const kind = row >= 0 ? 'cycle' : row === -1 ? 'root' : 'missing';
  return { ...conversationRows(tree, all, compaction), all, compaction, edits, end: { kind, at } };
}

function conversationRows(
  tree: EntryTree,
  all: Column,
  compaction: number,
): Pick<SessionPath, 'rows' | 'firstKept' | 'compacted'> {
  const rows = new Column(Int32Array);
  const named = compaction < 0 ? -1 : tree.firstKept(compaction);
  let firstKept = -1;
  let compacted = 0;
  if (compaction >= 0) rows.push(compaction);
  let isKept = compaction < 0;
  for (let index = 0; index < all.length; index += 1) {
    const row = all.at(index);
    if (row === named && !isKept) {
      isKept = true;
      firstKept = row;
    }
    if (row === compaction) isKept = true;
    else if (!tree.has(row, entryFlag.sent) || tree.has(row, entryFlag.isCompaction)) continue;
    else if (isKept) rows.push(row);
    else compacted += 1;
  }
  return { rows, firstKept, compacted };
}

/** Branches that the path leaves aside: for each leaf, how many messages only it has. */
export function branchesOf(
  tree: EntryTree,
  path: SessionPath,
): readonly { row: number; messages: number }[] {
  const seen = new Uint8Array(tree.length);
  const isParent = new Uint8Array(tree.length);
  for (let index = 0; index < path.all.length; index += 1) seen[path.all.at(index)] = 1;
  for (let row = 0; row < tree.length; row += 1) {
    const parent = tree.parent(row);
    if (parent >= 0) isParent[parent] = 1;
  }
  const branches: { row: number; messages: number }[] = [];
  for (let leaf = 0; leaf < tree.length; leaf += 1) {
    if (isParent[leaf] === 1 || seen[leaf] === 1) continue;
    let messages = 0;
    for (let row = leaf; row >= 0 && seen[row] === 0; row = tree.parent(row)) {
      seen[row] = 1;
      if (tree.has(row, entryFlag.sent)) messages += 1;
    }
    if (messages > 0) branches.push({ row: leaf, messages });
  }
  return branches;
}

/** An entry with what a context edit makes of it; null when the edit takes it away. */
export function withContextEdit(entry: JsonObject, edit: JsonObject | null): JsonObject | null {
  if (edit === null) return entry;
  const replacement = asObject(edit['replacement']);
  if (replacement === null) return null;
  const message = asObject(entry['message']);
  return message === null
    ? { ...entry, ...replacement }
    : { ...entry, message: { ...message, ...replacement } };
}
