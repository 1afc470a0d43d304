/**
 * What edits make of the records of a file: which go, which get other content, which are new, and
 * in what order all of them are the conversation. How they are linked is decided elsewhere.
 */
import { addAll } from '../../base/lists.ts';
import { assert } from '../../base/assert.ts';
import type { Edit } from '../../integrity/plan/edit.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { ByteSource } from '../byte-source.ts';
import type { ChangedItem, ComposedMessage, Piece } from '../changed-items.ts';
import type { NewMessage } from '../message-edits.ts';
import { changedItems, refuse } from '../changed-items.ts';
import { answersApart } from './apart.ts';
import type { Entries } from './entries.ts';
import type { Entry } from './entry.ts';
import { entryOf, is, isObject, textOf } from './entry.ts';
import type { Grouped } from './grouping.ts';
import { blocksOf, contentOf, contentPath, valueOf } from './record-text.ts';

/** A file that was read. */
export interface ReadFile {
  readonly source: ByteSource;
  readonly entries: Entries;
  readonly messages: Grouped;
}

/** A new record: what it says; its node is the number of entries and its place in the list. */
export interface DraftRecord {
  readonly role: 'user' | 'assistant';
  readonly content: readonly ContentBlock[];
}

/** The records after the edits. */
export interface Draft {
  readonly added: readonly DraftRecord[];
  readonly removed: ReadonlySet<number>;
  /** The content of records that have another one. */
  readonly contents: ReadonlyMap<number, readonly Piece[]>;
  /** Records whose answer gets an id of its own, with the number that goes behind the old one. */
  readonly apart: ReadonlyMap<number, number>;
  /** The nodes of the conversation, in order. */
  readonly nodes: readonly number[];
}

/** Carries the edits over to records. Throws `INVALID` for what the format cannot say. */
export function draftOf(file: ReadFile, edits: readonly Edit[]): Draft {
  return new Drafting(file).draft(edits);
}

class Drafting {
  readonly #file: ReadFile;
  readonly #added: DraftRecord[] = [];
  readonly #removed = new Set<number>();
  readonly #contents = new Map<number, readonly Piece[]>();
  /** New nodes in front of a node, and behind it. */
  readonly #before = new Map<number, number[]>();
  readonly #after = new Map<number, number[]>();

  constructor(file: ReadFile) {
    this.#file = file;
  }

  draft(edits: readonly Edit[]): Draft {
    const { changed, alone } = changedItems(this.#messages(edits), edits);
    const changes = new Map(changed.map((change) => [change.item, change]));
    this.#mergeMixed(changes);
    for (const change of changes.values()) this.#take(change);
    const nodes = alone.flatMap((message) => this.#newNodes(message));
    for (const node of this.#file.messages.nodes) {
      addAll(nodes, this.#before.get(node) ?? []);
      if (!this.#removed.has(node)) nodes.push(node);
      addAll(nodes, this.#after.get(node) ?? []);
    }
    const settled = this.#settleQueued(nodes);
    const { length } = this.#added;
    assert(settled.length >= length, 'every new record has its place in the conversation');
    const { entries, messages } = this.#file;
    const after = { nodes: settled, flagsOf: (node: number) => this.#flagsAfter(node) };
    // A record of results and words parts two answers, and with results alone it does not.
    const isParting = this.#removed.size + this.#contents.size > 0;
    return {
      added: this.#added,
      removed: this.#removed,
      contents: this.#contents,
      apart: isParting ? answersApart(entries, messages, after) : new Map(),
      nodes: settled,
    };
  }

  /**
   * A prompt that was typed while the model was at work counts only where a reply comes next; where
   * an edit puts another prompt there, it becomes a prompt itself.
   */
  #settleQueued(nodes: readonly number[]): number[] {
    const { entries, source } = this.#file;
    const instead = new Map<number, readonly number[]>();
    // Without any message that it can wait behind, a prompt is not found.
    const areAlone = nodes.every((node) => (this.#flagsAfter(node) & is.queued) !== 0);
    // In the file of a sub-agent, whose records are all of a side chain, none waits at the end.
    const first = this.#file.messages.nodes[0] ?? -1;
    const isSide = first >= 0 && (entries.flags.at(first) & is.sidechain) !== 0;
    let next: 'reply' | 'prompt' | null = areAlone || isSide ? 'prompt' : null;
    for (let at = nodes.length - 1; at >= 0; at -= 1) {
      const node = nodes[at] ?? 0;
      const flags = this.#flagsAfter(node);
      if ((flags & is.queued) === 0) next = nextOf(flags) ?? next;
      else if (next === 'prompt') {
        const content =
          this.#contents.get(node)?.map(({ block }) => block) ??
          blocksOf(contentOf(valueOf(source, entries, node), flags));
        this.#contents.delete(node);
        this.#removed.add(node);
        instead.set(node, this.#newNodes({ role: 'user', content }));
      }
    }
    return nodes.flatMap((node) => instead.get(node) ?? [node]);
  }

  #flagsAfter(node: number): number {
    return flagsAfter(this.#file, { added: this.#added, contents: this.#contents }, node);
  }

  /** The messages with their records; only those that are edited are read again. */
  *#messages(edits: readonly Edit[]): Generator<ComposedMessage<number>> {
    const { source, entries, messages } = this.#file;
    const edited = new Set(edits.map((edit) => messageOfEdit(edit)));
    for (let at = 0; at + 1 < messages.starts.length; at += 1) {
      const nodes = [...messages.nodes.subarray(messages.starts[at], messages.starts[at + 1])];
      const first = nodes[0] ?? 0;
      const role = (entries.flags.at(first) & is.assistant) === 0 ? 'user' : 'assistant';
      const content: ContentBlock[] = [];
      const shares = nodes.map((item) => {
        if (!edited.has(at)) return { item, parts: 0 };
        const blocks = blocksOf(contentOf(valueOf(source, entries, item), entries.flags.at(item)));
        addAll(content, blocks);
        return { item, parts: blocks.length };
      });
      yield { role, content, shares };
    }
  }

  /**
   * Results in several records are one message only as long as each of them holds results alone;
   * where an edit puts something else among them, one record takes all.
   */
  #mergeMixed(changes: Map<number, ChangedItem<number>>): void {
    const { messages } = this.#file;
    const touched = new Set<number>();
    for (const { item, pieces } of changes.values()) {
      if (pieces?.some(({ block }) => block.type !== 'tool_result') === true) touched.add(item);
    }
    if (touched.size === 0) return;
    for (let at = 0; at + 1 < messages.starts.length; at += 1) {
      const nodes = [...messages.nodes.subarray(messages.starts[at], messages.starts[at + 1])];
      const isUser = (this.#file.entries.flags.at(nodes[0] ?? 0) & is.assistant) === 0;
      if (isUser && nodes.length > 1 && nodes.some((node) => touched.has(node))) {
        this.#merge(nodes, changes);
      }
    }
  }

  #merge(nodes: readonly number[], changes: Map<number, ChangedItem<number>>): void {
    const [first = 0, ...rest] = nodes;
    const last = nodes.at(-1) ?? first;
    const pieces = nodes.flatMap((node) => {
      const known = changes.get(node)?.pieces ?? null;
      const now = known ?? this.#pieces(node);
      // Of another record, a piece has no bytes here: it is written anew.
      return node === first ? now : now.map(({ block }): Piece => ({ kind: 'new', block }));
    });
    const before = changes.get(first)?.before ?? [];
    const after = changes.get(last)?.after ?? [];
    for (const item of rest) {
      changes.set(item, { item, role: 'user', before: [], pieces: [], after: [] });
    }
    changes.set(first, { item: first, role: 'user', before, pieces, after });
  }

  #pieces(node: number): Piece[] {
    const { source, entries } = this.#file;
    const content = contentOf(valueOf(source, entries, node), entries.flags.at(node));
    return blocksOf(content).map((block, part) => ({ kind: 'kept', part, block }));
  }

  #take({ item, before, pieces, after }: ChangedItem<number>): void {
    const newBefore = before.flatMap((message) => this.#newNodes(message));
    const newAfter: number[] = [];
    if (pieces !== null && this.#isResults(item, pieces)) {
      const own = pieces.map(({ kind }) => kind !== 'new');
      const [from, to] = [own.indexOf(true), own.lastIndexOf(true) + 1];
      const results = (some: readonly Piece[]): number[] =>
        some.flatMap(({ block }) => this.#newNodes({ role: 'user', content: [block] }));
      addAll(newBefore, results(pieces.slice(0, Math.max(from, 0))));
      this.#own(item, pieces.slice(Math.max(from, 0), to));
      addAll(newAfter, results(pieces.slice(to)));
    } else if (pieces !== null) {
      this.#own(item, pieces);
    }
    for (const message of after) addAll(newAfter, this.#newNodes(message));
    if (newBefore.length > 0) this.#before.set(item, newBefore);
    if (newAfter.length > 0) this.#after.set(item, newAfter);
  }

  /** Whether the record holds results and still does, so that new ones get records of their own. */
  #isResults(item: number, pieces: readonly Piece[]): boolean {
    const pure = (this.#file.entries.flags.at(item) & is.pureResults) !== 0;
    return pure && pieces.every(({ block }) => block.type === 'tool_result');
  }

  #own(item: number, pieces: readonly Piece[]): void {
    if (pieces.length === 0) {
      this.#removed.add(item);
      return;
    }
    const { source, entries } = this.#file;
    const content = contentOf(valueOf(source, entries, item), entries.flags.at(item));
    const isSame =
      pieces.every(({ kind }) => kind === 'kept') && pieces.length === blocksOf(content).length;
    if (!isSame) this.#contents.set(item, pieces);
  }

  /** The nodes of a new message: one for each result, as the tool writes them, else one. */
  #newNodes({ role, content }: NewMessage): number[] {
    if (role !== 'user' && role !== 'assistant') {
      refuse(`Claude Code has no messages of the role ${JSON.stringify(role)}`);
    }
    const apart =
      role === 'user' && content.length > 0 && content.every(({ type }) => type === 'tool_result');
    const records = apart ? content.map((block) => [block]) : [content];
    return records.map((blocks) => {
      this.#added.push({ role, content: blocks });
      return this.#file.entries.count + this.#added.length - 1;
    });
  }
}

/** The record as an entry with the content that it gets, null for its own, and the id. */
export function changedEntry(
  { source, entries }: ReadFile,
  node: number,
  pieces: readonly Piece[] | null,
  answer: string | null = null,
): Entry {
  const value = valueOf(source, entries, node);
  const [outer, inner] = contentPath(entries.flags.at(node));
  const holder = isObject(value[outer]) ? value[outer] : {};
  const content = pieces === null ? {} : { [inner]: pieces.map(({ block }) => block) };
  const id = answer === null ? {} : { id: answer };
  const entry = entryOf({ ...value, [outer]: { ...holder, ...content, ...id } });
  assert(entry !== null, 'a changed record stays one of the conversation');
  return entry;
}

/** The id of its answer that the record gets; null where it keeps its own. */
export function answerOf(
  { source, entries }: ReadFile,
  { apart }: Pick<Draft, 'apart'>,
  node: number,
): string | null {
  const number = apart.get(node);
  if (number === undefined) return null;
  const { message } = valueOf(source, entries, node);
  return `${isObject(message) ? (textOf(message['id']) ?? '') : ''}-${number}`;
}

/** What is known of a record after the edits, of a new one too. */
export function flagsAfter(
  file: ReadFile,
  { added, contents }: Pick<Draft, 'added' | 'contents'>,
  node: number,
): number {
  const pieces = contents.get(node);
  if (pieces !== undefined) return changedEntry(file, node, pieces).flags;
  const record = added[node - file.entries.count];
  if (record === undefined) return file.entries.flags.at(node);
  return entryOf({ type: record.role, uuid: '', message: record })?.flags ?? 0;
}

/** What a record is to a prompt that was queued in front of it; null when it is nothing. */
export function nextOf(flags: number): 'reply' | 'prompt' | null {
  if ((flags & (is.assistant | is.results | is.interrupt)) !== 0) return 'reply';
  const isPrompt = (flags & is.user) !== 0 && (flags & (is.meta | is.compactSummary)) === 0;
  return isPrompt ? 'prompt' : null;
}

function messageOfEdit(edit: Edit): number {
  if (edit.kind === 'insert-message') return -1;
  return edit.kind === 'remove-message' ? edit.message : edit.at.message;
}
