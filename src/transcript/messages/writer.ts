/** Edits of plain messages as splices: messages that are not touched keep their bytes. */
import { addAll } from '../../base/lists.ts';
import { unreachable } from '../../base/assert.ts';
import type { Edit } from '../../integrity/plan/edit.ts';
import { changedElement } from '../array-words.ts';
import type { ByteSource } from '../byte-source.ts';
import { changedItems, refuse } from '../changed-items.ts';
import { changedTurn } from '../edited-units.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { ChangedItem, ComposedMessage, Piece } from '../changed-items.ts';
import { editsByMessage } from '../message-edits.ts';
import type { NewMessage } from '../message-edits.ts';
import { parseRecord } from '../decode.ts';
import type { JsonFrame } from '../json-file.ts';
import { compactStyle, styledJson, styleOf } from '../json-style.ts';
import type { JsonStyle } from '../json-style.ts';
import { linesBefore, linesBehind, withoutRecord } from '../line-splices.ts';
import { listSplices } from '../list-splices.ts';
import type { ListItem } from '../list-splices.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject } from '../json-value.ts';
import { rawBlock } from '../known-block.ts';
import { bytesAt } from '../record-at.ts';
import { respelled } from '../respelled.ts';
import type { Splice } from '../splice.ts';
import type { SystemMember } from '../system-member.ts';
import type { Keeper, Dialect, MadeIds, SystemDialect, Words } from './dialect.ts';
import { noMadeIds, readingOf } from './dialect.ts';
import type { MessageTable } from './table.ts';

/** A file that was read, and what is to become of it. */
export interface Writing {
  readonly source: ByteSource;
  readonly table: MessageTable;
  readonly dialect: Dialect;
  /** Ids that no id that is made may be like. */
  readonly taken: ReadonlySet<string>;
  /** What stands around the list; null for messages one a line. */
  readonly frame: JsonFrame | null;
  /** What stands beside the list and is the first message; null when there is none. */
  readonly system: SystemMember | null;
  readonly edits: readonly Edit[];
}

/** Splices that carry the edits out. Throws `INVALID` for what the format has no words for. */
export function messageSplices(writing: Writing): readonly Splice[] {
  const { source, dialect, system } = writing;
  if (system === null || dialect.system === undefined) return new Writer(writing).splices();
  const edits = behindFirst(writing.edits);
  const rest = new Writer({ ...writing, edits }).splices();
  return [...systemSplices(source, system, dialect.system, writing.edits), ...rest];
}

/** The edits of the messages in the list, which are one fewer than those of the conversation. */
function behindFirst(edits: readonly Edit[]): readonly Edit[] {
  return edits.flatMap((edit): Edit[] => {
    switch (edit.kind) {
      case 'insert-message':
        return [{ ...edit, before: Math.max(0, edit.before - 1) }];
      case 'remove-message':
        return edit.message === 0 ? [] : [{ ...edit, message: edit.message - 1 }];
      case 'insert-block':
      case 'remove-block':
      case 'replace-block': {
        const { message, block } = edit.at;
        return message === 0 ? [] : [{ ...edit, at: { message: message - 1, block } }];
      }
      default:
        return unreachable(edit);
    }
  });
}

function systemSplices(
  source: ByteSource,
  { place, value }: SystemMember,
  { decode, encode }: SystemDialect,
  edits: readonly Edit[],
): readonly Splice[] {
  const change = editsByMessage(edits).get(0);
  const turn = { role: 'system', content: decode(value), model: null };
  const content = change?.isRemoved === true ? [] : changedTurn(turn, change).content;
  if (content === turn.content) return [];
  return [changedElement(source, place, encode(value, content))];
}

/** The names of calls that stand in edits. */
function namesWritten(edits: readonly Edit[]): ReadonlyMap<unknown, string> {
  const names = new Map<unknown, string>();
  for (const edit of edits) {
    if (!('content' in edit)) continue;
    const blocks = edit.kind === 'insert-message' ? edit.content : [edit.content];
    for (const { type, id, name } of blocks as readonly JsonObject[]) {
      if (type === 'tool_use' && typeof name === 'string') names.set(id, name);
    }
  }
  return names;
}

/** What becomes of one message. */
interface Change {
  readonly before: string[];
  /** `same`, `gone`, or changed within its bytes by splices of their own. */
  own: 'same' | 'gone';
  after: string[];
}

/** A message whose blocks change. */
interface Blocks {
  readonly bytes: Uint8Array;
  readonly value: JsonObject;
  readonly pieces: readonly Piece[];
  readonly style: JsonStyle;
}

class Writer {
  readonly #writing: Writing;
  readonly #splices: Splice[] = [];
  readonly #changes = new Map<number, Change>();
  /** Known once all messages were read, which is before the first of them is written. */
  #made: MadeIds = noMadeIds;
  readonly #keeper: Keeper | undefined;
  /** Names of calls that edits write, by id. */
  readonly #written: ReadonlyMap<unknown, string>;
  /** Results that name such a call instead of its id, by record. */
  readonly #named = new Map<number, ContentBlock>();

  constructor(writing: Writing) {
    this.#writing = writing;
    this.#written = namesWritten(writing.edits);
    this.#keeper = writing.dialect.keeper?.();
  }

  splices(): readonly Splice[] {
    const { edits, frame } = this.#writing;
    const gone = new Set(edits.map((edit) => (edit.kind === 'remove-message' ? edit.message : -1)));
    // Nothing is put into a message that goes.
    const rest = edits.filter((edit) => !('at' in edit && gone.has(edit.at.message)));
    const { changed, alone } = changedItems(this.#composed(), rest);
    this.#made = new Map([...this.#made].map(([id, name]) => [id, this.#written.get(id) ?? name]));
    for (const { item, pieces } of changed) {
      const isGone = pieces !== null && !pieces.some(({ kind }) => kind !== 'new');
      if (isGone) this.#keeper?.gone(this.#message(item).value);
    }
    for (const change of this.#renaming(changed)) this.#change(change);
    const texts = alone.flatMap((message) => this.#texts(message, null, this.#style(null)));
    if (frame === null) this.#lines(texts);
    else this.#list(frame, texts);
    return this.#splices;
  }

  *#composed(): Generator<ComposedMessage<number>, void> {
    const { table, dialect, taken } = this.#writing;
    const { decode, made } = readingOf(dialect, taken);
    this.#made = made;
    for (let index = 0; index < table.length; index += 1) {
      const item = table.recordOf(index);
      const { role, content } = decode(this.#message(item).value);
      const [first] = content;
      const callId = first?.type === 'tool_result' ? first['tool_use_id'] : undefined;
      if (first !== undefined && this.#written.has(callId)) this.#named.set(item, first);
      yield { role, content, shares: [{ item, parts: content.length }] };
    }
  }

  /** A result that names its call goes on naming it when that gets another name. */
  #renaming(changed: readonly ChangedItem<number>[]): readonly ChangedItem<number>[] {
    const changes = new Map(changed.map((change) => [change.item, change]));
    for (const [item, block] of this.#named) {
      const { name } = this.#message(item).value;
      const wanted = this.#made.get(String(block['tool_use_id']));
      if (wanted === undefined || wanted === name) continue;
      const own = changes.get(item) ?? { item, role: 'user', before: [], after: [], pieces: null };
      const pieces = own.pieces ?? [{ kind: 'kept', part: 0, block }];
      const renamed = pieces.map((piece): Piece => {
        return piece.kind === 'kept' ? { ...piece, kind: 'replaced' } : piece;
      });
      changes.set(item, { ...own, pieces: renamed });
    }
    return [...changes.values()];
  }

  #message(record: number): { readonly bytes: Uint8Array; readonly value: JsonObject } {
    const { source, table } = this.#writing;
    const { offset, length } = table.place(record);
    const bytes = bytesAt(source, offset, length);
    return { bytes, value: asObject(parseRecord(bytes)) ?? {} };
  }

  /** The layout of the message beside which something is written, or of the first one. */
  #style(record: number | null): JsonStyle {
    const { table } = this.#writing;
    if (table.length === 0) return compactStyle;
    return styleOf(Buffer.from(this.#message(record ?? table.recordOf(0)).bytes).toString('utf8'));
  }

  #texts(message: NewMessage, like: JsonObject | null, style: JsonStyle): string[] {
    const words = this.#writing.dialect.encode(message, like, this.#made);
    return this.#restored(words, message.content).map((each) => styledJson(each, style));
  }

  /** Words of results that moved here, with the members that their messages had. */
  #restored(words: readonly Words[], blocks: readonly ContentBlock[]): readonly Words[] {
    const keeper = this.#keeper;
    if (keeper === undefined) return words;
    const results = new Map<unknown, ContentBlock>();
    for (const block of blocks) {
      if (block.type === 'tool_result') results.set(block['tool_use_id'], block);
    }
    return words.map((each) => {
      const block = results.get(each['tool_call_id']);
      return block === undefined ? each : keeper.restored(each, block);
    });
  }

  #change({ item, role, before, pieces, after }: ChangedItem<number>): void {
    const { bytes, value } = this.#message(item);
    const style = this.#style(item);
    const texts = (some: readonly NewMessage[]): string[] =>
      some.flatMap((message) => this.#texts(message, value, style));
    const change: Change = { before: texts(before), own: 'same', after: texts(after) };
    this.#changes.set(item, change);
    if (pieces === null) return;
    if (pieces.length === 0) {
      change.own = 'gone';
      return;
    }
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      refuse(`A message of role ${role} cannot be changed here`);
    }
    if (Array.isArray(value['tool_call_ids']) && value['tool_call_ids'].length > 1) {
      refuse('A result that answers several calls at once cannot be changed here');
    }
    if (this.#blocks(item, { bytes, value, pieces, style })) return;
    const written = this.#writing.dialect.rewrite(value, pieces, this.#made);
    const blocks = pieces.map(({ block }) => block);
    const spelled = (words: readonly Words[]): string[] =>
      this.#restored(words, blocks).map((each) => styledJson(each, style));
    addAll(change.before, spelled(written.before));
    change.after = [...spelled(written.after), ...change.after];
    if (written.own === null) change.own = 'gone';
    else if (written.own !== 'same') {
      this.#replace(item, respelled(bytes, value, written.own, style));
    }
  }

  #replace(index: number, text: string | Buffer): void {
    const { offset, length } = this.#writing.table.place(index);
    this.#splices.push({ offset, length, bytes: Buffer.from(text) });
  }

  /** Changes the blocks of a message where they stand in its bytes; false where they do not. */
  #blocks(index: number, { bytes, value, pieces, style }: Blocks): boolean {
    const { content } = value;
    if (this.#writing.dialect.blocks !== 'elements' || !Array.isArray(content)) return false;
    const elements = content as readonly unknown[];
    const after = pieces.map((piece) => {
      return piece.kind === 'kept' ? elements[piece.part] : rawBlock(piece.block);
    });
    this.#replace(index, respelled(bytes, value, { ...value, content: after }, style));
    return true;
  }

  #lines(alone: readonly string[]): void {
    const { source, table } = this.#writing;
    for (const [index, { before, own, after }] of this.#changes) {
      const place = table.place(index);
      const fresh = [...before, ...after];
      const isLast = place.offset + place.length >= source.size;
      const close = isLast ? '\n' : '';
      if (own === 'gone' && fresh.length > 0) this.#replace(index, fresh.join('\n') + close);
      else if (own === 'gone') this.#splices.push(withoutRecord(source, place));
      else {
        if (before.length > 0) this.#splices.push(linesBefore(source, place, before));
        if (after.length > 0) this.#splices.push(linesBehind(source, place, after));
      }
    }
    if (alone.length === 0) return;
    const bytes = Buffer.from(`${alone.join('\n')}\n`);
    this.#splices.push({ offset: source.size, length: 0, bytes });
  }

  #list({ array }: JsonFrame, alone: readonly string[]): void {
    if (array === null) return;
    const { source, table } = this.#writing;
    const elements = [];
    const items: ListItem[] = [];
    for (let index = 0; index < table.records; index += 1) {
      elements.push(table.place(index));
      const { before, own, after } = this.#changes.get(index) ?? unchanged;
      for (const made of before) items.push({ text: made });
      if (own === 'same') items.push({ kept: index });
      for (const made of after) items.push({ text: made });
    }
    for (const made of alone) items.push({ text: made });
    const text = (from: number, to: number): string =>
      Buffer.from(bytesAt(source, from, to - from)).toString('latin1');
    addAll(this.#splices, listSplices({ from: array.from, elements, text }, items));
  }
}

const unchanged: Change = { before: [], own: 'same', after: [] };
