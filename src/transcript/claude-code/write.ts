/**
 * Edits as splices of a Claude Code file. Of a record that an edit touches, only the bytes of its
 * content are written anew; of one that is linked anew, only those of its parent; all others stay.
 */
import { addAll } from '../../base/lists.ts';
import { writtenJson } from '../json-value.ts';
import { assert } from '../../base/assert.ts';
import type { Edit } from '../../integrity/plan/edit.ts';
import { refuse } from '../changed-items.ts';
import { linesBefore, linesBehind, withoutRecord } from '../line-splices.ts';
import type { Splice } from '../splice.ts';
import type { Found } from './conversation.ts';
import { conversationOf } from './conversation.ts';
import type { Draft, DraftRecord, ReadFile } from './draft.ts';
import { answerOf, changedEntry, draftOf, flagsAfter, nextOf } from './draft.ts';
import type { Entries } from './entries.ts';
import type { Entry } from './entry.ts';
import { entryOf, is, textOf } from './entry.ts';
import type { AddedNode, Graph } from './graph.ts';
import { graphOf } from './graph.ts';
import { madeRecord } from './made-records.ts';
import { changedRecord, recordBytes } from './record-bytes.ts';
import { valueOf } from './record-text.ts';
import { resultSides } from './result-sides.ts';
import type { Link, Links } from './relink.ts';
import { linksOf, wantedLine } from './relink.ts';
import { copiesAfter } from './repeats.ts';

/** Splices that carry the edits out. Throws `INVALID` for what a file of this format cannot say. */
export function writeEdits(file: ReadFile, edits: readonly Edit[]): readonly Splice[] {
  if (edits.length === 0) return [];
  const draft = draftOf(file, edits);
  const splices =
    new Writer(file, draft, 'near').splices() ?? new Writer(file, draft, 'newest').splices();
  return splices ?? refuse(whyNot(file, draft));
}

/** Which record Claude Code would show instead, and what can be done. */
function whyNot({ source, entries, messages }: ReadFile, draft: Draft): string {
  const instead =
    '`recover plan` with another policy may keep more, and `holdfast import` makes a session of it';
  const kept = new Set(draft.nodes);
  const isOther = (node: number): boolean =>
    (entries.flags.at(node) & (is.user | is.assistant)) !== 0 &&
    !kept.has(node) &&
    !draft.removed.has(node);
  let other = entries.count - 1;
  while (other >= 0 && !isOther(other)) other -= 1;
  const where =
    other < 0 ? 'another branch' : `line ${entries.lines.at(other)}, of another branch,`;
  if (draft.nodes.length === 0) {
    const none = 'Nothing of the conversation is left after these edits';
    return `${none}, and Claude Code would show ${where} in its place; ${instead}`;
  }
  const first = messages.nodes[0] ?? -1;
  const isSide = first >= 0 && valueOf(source, entries, first)['isSidechain'] === true;
  if (isSide) {
    const last = 'Claude Code takes the last message in the file of a sub-agent for its end';
    return `${last}, and ${where} stands behind the end that these edits give; ${instead}`;
  }
  return `After these edits Claude Code would show ${where} instead of this conversation; ${instead}`;
}

/** New lines beside a record. */
interface Lines {
  readonly side: 'before' | 'behind';
  readonly node: number;
  readonly fresh: number[];
}

class Writer {
  readonly #file: ReadFile;
  readonly #draft: Draft;
  #line: readonly number[];
  readonly #found: Found;
  readonly #graph: Graph;
  readonly #lines: Lines[] = [];
  readonly #values: Record<string, unknown>[] = [];
  readonly #added: AddedNode[] = [];
  readonly #calls: number[] = [];
  readonly #uuids = new Set<string>();
  /** The last record of the conversation that makes a call, by the number of its id. */
  #callers: ReadonlyMap<number, number> | null = null;
  readonly #end: 'near' | 'newest';
  /** The records from which new ones take along what stands beside their results. */
  readonly #givers: ReadonlyMap<number, number>;

  /**
   * The end of the conversation is `near` the record that it follows, or the `newest` record of the
   * file, where a branch that was left would else be taken for the conversation.
   */
  constructor(file: ReadFile, draft: Draft, end: 'near' | 'newest') {
    this.#file = file;
    this.#end = end;
    this.#givers = resultSides(file, draft).givers;
    this.#graph = graphOf(file.entries);
    this.#found = conversationOf(this.#graph, (node) => this.#timestampOf(node));
    const line = wantedLine(file.entries, this.#found, this.#graph, draft);
    const woken = wokenPrompts(file, this.#graph, draft, line);
    this.#draft = { ...draft, removed: new Set([...draft.removed, ...woken]) };
    this.#line = line.filter((node) => !woken.has(node));
  }

  /** Null when the file would not read as the draft says. */
  splices(): readonly Splice[] | null {
    const { entries } = this.#file;
    this.#placeLines();
    if (this.#end === 'newest') this.#endInNewest();
    for (const lines of this.#lines) {
      for (const [at, node] of lines.fresh.entries()) this.#make(node, lines, at);
    }
    const changed = new Map<number, Entry>();
    const { removed, contents, apart } = this.#draft;
    for (const node of new Set([...contents.keys(), ...apart.keys()])) {
      const answer = answerOf(this.#file, this.#draft, node);
      changed.set(node, changedEntry(this.#file, node, contents.get(node) ?? null, answer));
    }
    const links = this.#links(changed);
    if (links === null) return null;
    const touched = new Set([...changed.keys(), ...links.parents.keys()]);
    const splices: Splice[] = [];
    const copies = new Set<number>();
    for (const node of touched) {
      if (node >= entries.count || removed.has(node)) continue;
      const link = links.parents.get(node);
      const bytes = recordBytes(this.#file, node);
      const change = {
        pieces: contents.get(node) ?? null,
        parent: link === undefined ? undefined : this.#uuidOf(link),
        answer: answerOf(this.#file, this.#draft, node),
      };
      const own = changedRecord(entries, node, bytes, change);
      addAll(splices, own);
      for (const copy of copiesAfter(this.#file, node, own)) copies.add(copy);
    }
    if (copies.size > 0 && !links.readsWithout(copies)) return null;
    for (const copy of copies) splices.push(this.#without(copy));
    if (links.preserved === 'forgotten') addAll(splices, this.#forgotten());
    for (const node of removed) addAll(splices, this.#withoutCopies(node));
    for (const [at, value] of this.#values.entries()) {
      const link = links.parents.get(entries.count + at);
      value['parentUuid'] = link === undefined ? null : this.#uuidOf(link);
    }
    return inOrder([...this.#newLines(), ...splices]);
  }

  /** Where the new records stand in the file, and what they look like. */
  #placeLines(): void {
    const { entries } = this.#file;
    const { added } = this.#draft;
    for (const _ of added) this.#calls.push(-1);
    let before = -1;
    let open: Lines | null = null;
    const firstOld = this.#line.find((node) => node < entries.count) ?? entries.count - 1;
    if (added.length > 0 && firstOld < 0) refuse('The file has no record to write new ones beside');
    const isAlone = !this.#line.some((node) => node < entries.count);
    for (const node of this.#line) {
      if (node < entries.count) {
        [before, open] = [node, null];
        continue;
      }
      if (open === null) {
        const at = before < 0 ? firstOld : before;
        const isFirst = (before < 0 && !isAlone) || this.#draft.removed.has(at);
        open = { side: isFirst ? 'before' : 'behind', node: at, fresh: [] };
        this.#lines.push(open);
      }
      open.fresh.push(node);
    }
  }

  /** Puts the end of the conversation behind every other record of the file. */
  #endInNewest(): void {
    const { entries } = this.#file;
    const { added } = this.#draft;
    const node = entries.count - 1;
    const side = this.#draft.removed.has(node) ? 'before' : 'behind';
    const last = this.#line.at(-1) ?? -1;
    if (this.#found.chain.kind === 'session') {
      const mark = entries.count + added.length;
      this.#line = [...this.#line, mark];
      this.#lines.push({ side, node, fresh: [mark] });
    } else if (last >= entries.count) {
      for (const { fresh } of this.#lines) if (fresh.at(-1) === last) fresh.pop();
      this.#lines.push({ side, node, fresh: [last] });
    }
  }

  #make(node: number, { side, node: neighbour, fresh }: Lines, place: number): void {
    const { source, entries, messages } = this.#file;
    const at = node - entries.count;
    const record = this.#draft.added[at] ?? null;
    const call = record === null ? -1 : this.#callOf(record);
    this.#calls[at] = call;
    const like = this.#isOfConversation(neighbour) ? neighbour : messages.nodes.at(-1);
    const { timestamp } = valueOf(source, entries, neighbour);
    const beside = { ...valueOf(source, entries, like ?? neighbour), timestamp };
    const uuid = call < 0 ? null : textOf(valueOf(source, entries, call)['uuid']);
    const from = this.#givers.get(at);
    const giver = from === undefined ? null : valueOf(source, entries, from);
    const value = this.#unique({ record, beside, call: uuid, giver });
    this.#values[at] = value;
    const entry = entryOf(value);
    assert(entry !== null, 'a new record is one of the conversation');
    const step = (place + 1) / (fresh.length + 1);
    this.#added[at] = { entry, rank: neighbour + (side === 'before' ? step - 1 : step) };
  }

  /** Whether the record is of a side chain exactly when the conversation is. */
  #isOfConversation(node: number): boolean {
    const isSide = (this.#file.entries.flags.at(node) & is.sidechain) !== 0;
    return isSide === (this.#found.chain.kind === 'sub-agent');
  }

  /** A record whose uuid is not in the file yet, nor among the new ones. */
  #unique(wanted: Parameters<typeof madeRecord>[0]): Record<string, unknown> {
    const { uuids, entryOf: nodes } = this.#file.entries;
    for (let number = 0; ; number += 1) {
      const value = madeRecord(wanted, number);
      const uuid = textOf(value['uuid']) ?? '';
      const known = uuids.find(uuid);
      if ((known >= 0 && nodes.at(known) >= 0) || this.#uuids.has(uuid)) continue;
      this.#uuids.add(uuid);
      return { ...value };
    }
  }

  /** The record of the call of a new result, when it stays in the conversation; else -1. */
  #callOf({ content }: DraftRecord): number {
    const { entries, messages } = this.#file;
    const id = content[0]?.['tool_use_id'];
    if (content.length !== 1 || typeof id !== 'string') return -1;
    const name = entries.knownTool(id);
    if (name < 0) return -1;
    this.#callers ??= callersOf(entries, messages.nodes);
    const node = this.#callers.get(name) ?? -1;
    return this.#draft.removed.has(node) ? -1 : node;
  }

  #links(changed: ReadonlyMap<number, Entry>): Links | null {
    return linksOf({
      entries: this.#file.entries,
      found: this.#found,
      graph: this.#graph,
      draft: this.#draft,
      line: this.#line,
      added: this.#added,
      changed,
      calls: this.#calls,
      timestampOf: (node) => this.#timestampOf(node),
    });
  }

  #timestampOf(node: number): string {
    const { source, entries } = this.#file;
    const value = this.#values[node - entries.count] ?? valueOf(source, entries, node);
    return textOf(value['timestamp']) ?? '';
  }

  /** The uuid that a link names, as text. */
  #uuidOf(link: Link): string | null {
    const { source, entries } = this.#file;
    if ('like' in link) return textOf(valueOf(source, entries, link.like)['parentUuid']);
    if (link.node < 0) return null;
    const value = this.#values[link.node - entries.count] ?? valueOf(source, entries, link.node);
    return textOf(value['uuid']);
  }

  /** Compact boundaries no longer say which messages stay: their links do. */
  #forgotten(): Splice[] {
    const { entries } = this.#file;
    return entries.boundaries.flatMap(({ entry }) =>
      changedRecord(entries, entry, recordBytes(this.#file, entry), { preserved: 'forgotten' }),
    );
  }

  /** A record goes with all that stand under its uuid: an earlier one would take its place. */
  #withoutCopies(node: number): Splice[] {
    const { entries } = this.#file;
    const copies = entries.repeated.get(entries.ids.at(node)) ?? [node];
    return copies.map((copy) => this.#without(copy));
  }

  #without(node: number): Splice {
    const { source, entries } = this.#file;
    const extent = { offset: entries.offsets.at(node), length: entries.lengths.at(node) };
    return withoutRecord(source, extent);
  }

  #newLines(): Splice[] {
    const { source, entries } = this.#file;
    return this.#lines.map(({ side, node, fresh }) => {
      const make = side === 'behind' ? linesBehind : linesBefore;
      const place = { offset: entries.offsets.at(node), length: entries.lengths.at(node) };
      const texts = fresh.map((added) => writtenJson(this.#values[added - entries.count]));
      return make(source, place, texts);
    });
  }
}

function callersOf(entries: Entries, nodes: Int32Array): ReadonlyMap<number, number> {
  const sent = new Set(nodes);
  const callers = new Map<number, number>();
  const { values } = entries.calls.ids;
  for (const [at, id] of values.entries()) {
    const node = entries.calls.entries.at(at);
    if (sent.has(node)) callers.set(id, node);
  }
  return callers;
}

/**
 * Queued prompts that are not sent because the prompt behind them holds them. Where that prompt
 * goes they go too, else they would count again.
 */
function wokenPrompts(
  file: ReadFile,
  graph: Graph,
  draft: Draft,
  line: readonly number[],
): ReadonlySet<number> {
  const sent = new Set(draft.nodes);
  const isHeld = (node: number): boolean => {
    const source = graph.sourceOf(node);
    return source >= 0 && sent.has(graph.nodeOf[source] ?? -1);
  };
  const woken = new Set<number>();
  let next: 'reply' | 'prompt' | null = null;
  for (const node of line.toReversed()) {
    const flags = flagsAfter(file, draft, node);
    if ((flags & is.queued) === 0) next = nextOf(flags) ?? next;
    else if (next !== 'prompt' && !sent.has(node) && !isHeld(node)) woken.add(node);
  }
  return woken;
}

/** By place; what is put in stands in front of what is replaced there. */
function inOrder(splices: readonly Splice[]): readonly Splice[] {
  return splices.toSorted(
    (one, other) =>
      one.offset - other.offset || Math.min(one.length, 1) - Math.min(other.length, 1),
  );
}
