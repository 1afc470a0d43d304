/**
 * Edits as splices of a rollout file. A record that no edit touches keeps its bytes; of a touched
 * one, only the payload is written anew, so timestamp and ordinal keep their spelling.
 *
 * New items are records of type `response_item` right behind the record that they follow in the
 * history, with its timestamp; behind a rollback when one stands in between, since they belong to
 * what came after. Inside a replacement history they are elements of it. A compaction without a
 * replacement history gets one when what it stands for is edited.
 *
 * In a paginated rollout every record is numbered anew without a hole, from the first number on: of
 * a record behind an insertion only the digits of its ordinal change.
 */
import type { Edit } from '../../integrity/plan/edit.ts';
import type { ByteSource } from '../byte-source.ts';
import { changedItems, refuse, type ChangedItem, type NewMessage } from '../changed-items.ts';
import { linesBefore, linesBehind, withoutRecord } from '../line-splices.ts';
import { pathSpan } from '../json-span.ts';
import { bytesAt, textOf, type JsonObject } from '../record-at.ts';
import type { Splice } from '../splice.ts';
import type { Composer } from './compose.ts';
import { entryForm, type History } from './history.ts';
import { callOf, type CallKind } from './items.ts';
import { itemsOf, madeItems, type KindOfCall } from './made-items.ts';
import { renumbered, type NewLines } from './renumber.ts';
import { replacementSplices, type ReplacementChange } from './replacement.ts';
import type { RolloutScan } from './scan.ts';
import { itemFlag, rowKind } from './table.ts';

/** What a file was read into. */
export interface Rollout {
  readonly source: ByteSource;
  readonly scan: RolloutScan;
  readonly history: History;
  readonly composer: Composer;
}

/** Splices that carry the edits out. Throws `INVALID` for an edit that a rollout has no words for. */
export function writeRollout(rollout: Rollout, edits: readonly Edit[]): Splice[] {
  const { source, scan } = rollout;
  if (edits.length === 0 && !scan.isMisnumbered) return [];
  const writer = new Writer(rollout);
  const { lines, splices, removed } = writer.changes(edits);
  const fresh = scan.isPaginated
    ? renumbered(source, lines, { skip: new Set([...scan.repeated, ...removed]) })
    : lines.map((added) => placed(source, added));
  const all = [...fresh, ...splices];
  refuseOverlap(all, scan.found.mends);
  return all;
}

/** The splice that brings new lines, when they carry no numbers. */
function placed(source: ByteSource, added: NewLines): Splice {
  const texts = added.records.map((record) => JSON.stringify(record));
  const make = added.side === 'behind' ? linesBehind : linesBefore;
  return make(source, added.anchor, texts);
}

/** Bytes that are mended are not edited at the same time: nobody could say what comes out. */
function refuseOverlap(edits: readonly Splice[], mends: readonly Splice[]): void {
  const isHit = edits.some((edit) =>
    mends.some(
      (mend) => mend.offset < edit.offset + edit.length && edit.offset < mend.offset + mend.length,
    ),
  );
  if (isHit) refuse('The plan edits a record whose bytes are damaged; mend the file first');
}

class Writer {
  readonly #rollout: Rollout;
  readonly #kinds = new Map<string, CallKind>();
  readonly #lines: NewLines[] = [];
  readonly #splices: Splice[] = [];
  readonly #removed: number[] = [];
  /** Changes of replacement histories, by row. */
  readonly #inside = new Map<number, ReplacementChange[]>();

  constructor(rollout: Rollout) {
    this.#rollout = rollout;
  }

  changes(edits: readonly Edit[]): {
    lines: readonly NewLines[];
    splices: readonly Splice[];
    removed: readonly number[];
  } {
    const { changed, alone } = changedItems(this.#messages(), edits);
    const ofSummary = new Map<number, ChangedItem<number>>();
    for (const change of changed) {
      const { row, sub, form } = this.#rollout.history.entry(change.item);
      if (form !== entryForm.item) ofSummary.set(change.item, change);
      else if (sub >= 0) this.#changeInside(row, sub, change);
      else this.#changeRecord(row, change);
    }
    if (ofSummary.size > 0) this.#changeSummary(ofSummary);
    for (const [row, list] of this.#inside) {
      const place = this.#rollout.scan.table.place(row);
      this.#splices.push(...replacementSplices(this.#rollout.source, place, list));
    }
    if (alone.length > 0) this.#atEnd(alone);
    return { lines: this.#lines, splices: this.#splices, removed: this.#removed };
  }

  /** The conversation; on the way every call tells which output it wants. */
  *#messages(): Generator<ReturnType<Composer['messages']> extends Generator<infer M> ? M : never> {
    const { composer, history } = this.#rollout;
    for (const message of composer.messages()) {
      for (const { item } of message.shares) {
        const call = callOf(composer.item(history.entry(item)));
        if (call !== null && call.kind !== 'function') this.#kinds.set(call.id, call.kind);
      }
      yield message;
    }
  }

  readonly #kindOf: KindOfCall = (callId) => this.#kinds.get(callId) ?? null;

  #made(messages: readonly NewMessage[]): JsonObject[] {
    return messages.flatMap(({ role, content }) => madeItems(role, content, this.#kindOf));
  }

  /** What stands in the place of an entry's item; null when it stays. */
  #own(change: ChangedItem<number>): JsonObject[] | null {
    if (change.pieces === null) return null;
    const item = this.#rollout.composer.item(this.#rollout.history.entry(change.item));
    return itemsOf(item, change.pieces, this.#kindOf);
  }

  #changeInside(row: number, sub: number, change: ChangedItem<number>): void {
    const list = this.#inside.get(row) ?? [];
    this.#inside.set(row, list);
    const [before, after] = [this.#made(change.before), this.#made(change.after)];
    list.push({ sub, before, own: this.#own(change), after });
  }

  #changeRecord(row: number, change: ChangedItem<number>): void {
    const { source, scan } = this.#rollout;
    const place = scan.table.place(row);
    const anchor = { offset: place.offset ?? 0, length: place.length };
    const own = this.#own(change);
    const [first, ...more] = own ?? [];
    if (own !== null && first === undefined) {
      this.#splices.push(withoutRecord(source, anchor));
      this.#removed.push(anchor.offset);
    } else if (first !== undefined) {
      this.#splices.push(this.#payload(row, anchor, first));
    }
    // Behind a record that goes there is no place of its own: what follows it comes before it.
    const behind = { anchor, side: own?.length === 0 ? 'before' : 'behind' } as const;
    this.#add(row, { anchor, side: 'before' }, this.#made(change.before));
    this.#add(row, behind, more);
    this.#add(row, this.#laterAnchor(change.item) ?? behind, this.#made(change.after));
  }

  /** The new payload of a record. */
  #payload(row: number, at: { offset: number; length: number }, item: JsonObject): Splice {
    const flags = this.#rollout.scan.table.flags(row, -1);
    if ((flags & itemFlag.isLetter) !== 0) refuse('A message between agents is not edited');
    const bytes = bytesAt(this.#rollout.source, at.offset, at.length);
    const isBare = (flags & itemFlag.isBare) !== 0;
    const span = isBare ? { start: 0, end: bytes.length } : pathSpan(bytes, ['payload']);
    if (span === null) return refuse('The file changed after it was read');
    const { start, end } = span;
    const text = Buffer.from(JSON.stringify(item));
    return { offset: at.offset + start, length: end - start, bytes: text };
  }

  /** Where to add instead when a rollback stands between an entry and the next one. */
  #laterAnchor(index: number): Pick<NewLines, 'anchor' | 'side'> | null {
    const { scan, history } = this.#rollout;
    const isLast = index + 1 >= history.length;
    const from = history.entry(index).row;
    const to = isLast ? scan.table.length : history.entry(index + 1).row;
    let isCut = false;
    for (let row = from + 1; row < to; row += 1) {
      if (scan.table.kind(row) === rowKind.rollback) isCut = true;
    }
    if (!isCut) return null;
    if (isLast) return { anchor: this.#lastRecord(), side: 'behind' };
    const { offset, length } = scan.table.place(to);
    return { anchor: { offset: offset ?? 0, length }, side: 'before' };
  }

  #lastRecord(): { offset: number; length: number } {
    const { last } = this.#rollout.scan;
    if (last === null) return refuse('There is no record to write behind');
    return { offset: last.offset, length: last.length };
  }

  #add(row: number, at: Pick<NewLines, 'anchor' | 'side'>, items: readonly JsonObject[]): void {
    if (items.length === 0) return;
    const { scan, composer } = this.#rollout;
    const isBare = row >= 0 && (scan.table.flags(row, -1) & itemFlag.isBare) !== 0;
    const timestamp = row < 0 ? null : textOf(composer.record(row)['timestamp']);
    const head = timestamp === null ? {} : { timestamp };
    const records = items.map((item) =>
      isBare ? item : { ...head, type: 'response_item', payload: item },
    );
    this.#lines.push({ ...at, records });
  }

  /** The compaction without a replacement history gets one: what it left, as it is now. */
  #changeSummary(changes: ReadonlyMap<number, ChangedItem<number>>): void {
    const { history, composer, scan } = this.#rollout;
    const { summarised } = history;
    const isWhole = summarised?.entries.every(({ row, sub, form }, index) => {
      const entry = history.entry(index);
      return entry.row === row && entry.sub === sub && entry.form === form;
    });
    if (summarised === null || isWhole !== true) {
      return refuse('A rollback took a part of the summarised history; it is not edited');
    }
    const items = summarised.entries.flatMap((entry, index) => {
      const change = changes.get(index);
      if (change === undefined) return [composer.item(entry)];
      const own = this.#own(change) ?? [composer.item(entry)];
      return [...this.#made(change.before), ...own, ...this.#made(change.after)];
    });
    const at = scan.table.place(summarised.row);
    const offset = at.offset ?? 0;
    const bytes = bytesAt(this.#rollout.source, offset, at.length);
    const payload = pathSpan(bytes, ['payload']);
    const old = pathSpan(bytes, ['payload', 'replacement_history']);
    if (payload === null) return refuse('The file changed after it was read');
    const text = JSON.stringify(items);
    if (old !== null) {
      const length = old.end - old.start;
      this.#splices.push({ offset: offset + old.start, length, bytes: Buffer.from(text) });
      return;
    }
    const isEmpty = Object.keys(composer.record(summarised.row)['payload'] ?? {}).length === 0;
    const member = Buffer.from(`${isEmpty ? '' : ','}"replacement_history":${text}`);
    this.#splices.push({ offset: offset + payload.end - 1, length: 0, bytes: member });
  }

  #atEnd(messages: readonly NewMessage[]): void {
    const { table } = this.#rollout.scan;
    const row = table.length - 1;
    this.#add(row, { anchor: this.#lastRecord(), side: 'behind' }, this.#made(messages));
  }
}
