/**
 * What a rollout file holds, as numbers: one row for every record that the rebuilding of the
 * history looks at, 28 bytes each, and 5 for every item of a replacement history. Texts stay in the
 * file.
 */
import { assert } from '../../base/assert.ts';
import type { Place } from '../../integrity/conversation.ts';
import { Column } from '../column.ts';
import type { FileRecord } from '../file-record.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText } from '../json-value.ts';
import { beginsTurn, isContext, isSummary, textsOf, tokensOf } from './context-text.ts';
import { groupOf } from './items.ts';

/** What a row stands for. */
export const rowKind = {
  item: 1,
  replacement: 2,
  summary: 3,
  rollback: 4,
  started: 5,
  completed: 6,
  aborted: 7,
  userEvent: 8,
  context: 9,
} as const;

/** What is known of an item; flags of one number. */
export const itemFlag = {
  /** Codex sends it. */
  sent: 1,
  /** A turn begins with it. */
  beginsTurn: 2,
  /** Tells of surroundings, in a message of role `developer` or `user`. */
  isContext: 4,
  /** Words of the user, which a compaction without replacement keeps. */
  isUserText: 8,
  /** The record is the item itself, as in very old files. */
  isBare: 16,
  /** The record carries a message between agents. */
  isLetter: 32,
  /** Makes one message with its neighbours of the same flag. */
  isAnswer: 64,
  isOutput: 128,
} as const;

function flagsOf(item: JsonObject): number {
  const group = groupOf(item);
  if (group === null) return 0;
  let flags: number = itemFlag.sent;
  if (beginsTurn(item)) flags |= itemFlag.beginsTurn;
  if (group === 'assistant') flags |= itemFlag.isAnswer;
  if (group === 'results') flags |= itemFlag.isOutput;
  if (item['type'] !== 'message') return flags;
  const { role = 'user' } = item;
  if (role !== 'user' && role !== 'developer') return flags;
  const context = isContext(item);
  if (context) flags |= itemFlag.isContext;
  const isUser = role === 'user' && !context;
  return isUser && !isSummary(textsOf(item).join('')) ? flags | itemFlag.isUserText : flags;
}

/** A name as a number that is never 0; two names may meet, which costs a turn its exact border. */
function nameHash(name: string | null): number {
  if (name === null) return 0;
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0 || 1;
}

/** The items of one replacement history. */
interface Replacement {
  readonly first: number;
  readonly count: number;
}

/** The rows of a file, in its order. */
export class RolloutTable {
  readonly #kind = new Column(Uint8Array);
  readonly #flags = new Column(Uint8Array);
  readonly #offset = new Column(Float64Array);
  readonly #length = new Column(Uint32Array);
  readonly #line = new Column(Uint32Array);
  readonly #index = new Column(Uint32Array);
  /** Tokens, turn id, number of turns, or number of the replacement. */
  readonly #value = new Column(Uint32Array);
  readonly #model = new Column(Uint16Array);
  readonly #replacements: Replacement[] = [];
  readonly #subFlags = new Column(Uint8Array);
  readonly #subTokens = new Column(Uint32Array);
  readonly #models: string[] = [];
  #modelNow = 0;

  get length(): number {
    return this.#kind.length;
  }

  kind(row: number): number {
    return this.#kind.at(row);
  }

  value(row: number): number {
    return this.#value.at(row);
  }

  /** The model of the turn that the row is in. */
  model(row: number): string | null {
    return this.#models[this.#model.at(row) - 1] ?? null;
  }

  get lastModel(): string | null {
    return this.#models[this.#modelNow - 1] ?? null;
  }

  /** Flags of the item of a row, or of an item of its replacement history. */
  flags(row: number, sub: number): number {
    return sub < 0 ? this.#flags.at(row) : this.#subFlags.at(this.#sub(row, sub));
  }

  tokens(row: number, sub: number): number {
    return sub < 0 ? this.#value.at(row) : this.#subTokens.at(this.#sub(row, sub));
  }

  /** How many items the replacement history of a row has. */
  replaced(row: number): number {
    return this.#replacements[this.value(row)]?.count ?? 0;
  }

  #sub(row: number, sub: number): number {
    const replacement = this.#replacements[this.value(row)];
    assert(replacement !== undefined, 'only rows with a replacement history have items inside');
    return replacement.first + sub;
  }

  place(row: number): Place {
    return {
      record: this.#index.at(row),
      offset: this.#offset.at(row),
      length: this.#length.at(row),
      line: this.#line.at(row),
      id: null,
    };
  }

  /** The model that writes from here on. */
  setModel(name: string): void {
    const known = this.#models.indexOf(name);
    if (known >= 0 || this.#models.length === 0xffff) this.#modelNow = known + 1;
    else this.#modelNow = this.#models.push(name);
  }

  addItem(record: FileRecord, item: JsonObject, extra: number): void {
    const flags = flagsOf(item);
    if ((flags & itemFlag.sent) === 0) return;
    const isText = (flags & itemFlag.isUserText) !== 0;
    this.#add(record, rowKind.item, isText ? tokensOf(textsOf(item).join('')) : 0);
    this.#flags.put(this.length - 1, flags | extra);
  }

  addReplacement(record: FileRecord, items: readonly unknown[]): void {
    const first = this.#subFlags.length;
    for (const value of items) {
      const item = asObject(value) ?? {};
      const flags = flagsOf(item);
      this.#subFlags.push(flags);
      const isText = (flags & itemFlag.isUserText) !== 0;
      this.#subTokens.push(isText ? tokensOf(textsOf(item).join('')) : 0);
    }
    const number = this.#replacements.push({ first, count: items.length }) - 1;
    this.#add(record, rowKind.replacement, number);
  }

  addSummary(record: FileRecord, message: string): void {
    this.#add(record, rowKind.summary, tokensOf(message));
    const flags = itemFlag.sent | itemFlag.beginsTurn;
    const isUser = isSummary(message) ? 0 : itemFlag.isUserText;
    this.#flags.put(this.length - 1, flags | isUser);
  }

  addRollback(record: FileRecord, turns: unknown): void {
    const isCount = typeof turns === 'number' && Number.isInteger(turns) && turns > 0;
    this.#add(record, rowKind.rollback, isCount ? Math.min(turns, 0xffffffff) : 0);
  }

  addTurn(record: FileRecord, kind: number, turnId: unknown): void {
    this.#add(record, kind, nameHash(asText(turnId)));
  }

  #add({ offset, length, line, index }: FileRecord, kind: number, value: number): void {
    this.#kind.push(kind);
    this.#flags.push(0);
    this.#offset.push(offset);
    this.#length.push(length);
    this.#line.push(line);
    this.#index.push(index);
    this.#value.push(value);
    this.#model.push(this.#modelNow);
  }
}
