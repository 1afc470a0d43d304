/**
 * Changed items as changes of records: payloads that are written anew, records that come and go,
 * elements of replacement histories.
 */
import { addAll } from '../../base/lists.ts';
import { deepJson, sameValue } from '../../base/deep-json.ts';
import { refuse, type ChangedItem, type ItemChanges } from '../changed-items.ts';
import type { NewMessage } from '../message-edits.ts';
import { parseRecord } from '../decode.ts';
import { pathSpan } from '../json-span.ts';
import { withoutRecord } from '../line-splices.ts';
import type { JsonObject } from '../json-value.ts';
import { asText, writtenJson } from '../json-value.ts';
import { bytesAt } from '../record-at.ts';
import { respelled } from '../respelled.ts';
import type { Splice } from '../splice.ts';
import { entryForm } from './history.ts';
import { viewItem } from './items.ts';
import { itemsOf, madeItems, type KindOfCall } from './made-items.ts';
import type { Changes, NewLines } from './renumber.ts';
import { replacementSplices, type ReplacementChange } from './replacement.ts';
import type { Rollout } from './rollout.ts';
import { itemFlag, rowKind } from './table.ts';

/** Members that Codex wants in the events around a turn. */
const noWindow = { model_context_window: null } as const;
const noAnswer = { last_agent_message: null } as const;

/** Carries the changes of items out on records. */
export class RecordChanges {
  readonly #rollout: Rollout;
  readonly #kindOf: KindOfCall;
  readonly #lines: NewLines[] = [];
  readonly #splices: Splice[] = [];
  readonly #removed: number[] = [];
  readonly #written = new Set<string>();
  /** Changes of replacement histories, by row. */
  readonly #inside = new Map<number, ReplacementChange[]>();

  constructor(rollout: Rollout, kindOf: KindOfCall) {
    this.#rollout = rollout;
    this.#kindOf = kindOf;
  }

  /** Changes where things stand; null when that does not give the history that is wanted. */
  inPlace({ changed, alone }: ItemChanges<number>): Changes | null {
    const ofSummary = new Map<number, ChangedItem<number>>();
    for (const change of changed) {
      const { row, sub, form } = this.#rollout.history.entry(change.item);
      if (form !== entryForm.item) ofSummary.set(change.item, change);
      else if (sub >= 0) this.#changeInside(row, sub, change);
      else this.#changeRecord(row, change);
    }
    if (ofSummary.size > 0 && !this.#changeSummary(ofSummary)) return null;
    for (const [row, list] of this.#inside) {
      const place = this.#rollout.scan.table.place(row);
      addAll(this.#splices, replacementSplices(this.#rollout.source, place, list));
    }
    if (alone.length > 0) {
      this.#add(-1, { anchor: this.#lastRecord(), side: 'behind' }, this.#made(alone));
    }
    return { lines: this.#lines, splices: this.#splices, removed: this.#removed };
  }

  /**
   * A compaction at the end of the file that holds the whole history. It is a turn of its own, as a
   * compaction that a user asks for is: a rollback in front of it would take it back otherwise.
   */
  asCheckpoint(changes: ItemChanges<number>): Changes {
    const payload = { message: '', replacement_history: [...this.items(changes)] };
    const { history, composer, scan } = this.#rollout;
    const row = history.length === 0 ? -1 : history.entry(history.length - 1).row;
    const timestamp = row < 0 ? null : asText(composer.record(row)['timestamp']);
    const head = timestamp === null ? {} : { timestamp };
    const turn_id = `holdfast-${scan.records}`;
    const records = [
      { ...head, type: 'event_msg', payload: { type: 'task_started', turn_id, ...noWindow } },
      { ...head, type: 'compacted', payload },
      { ...head, type: 'event_msg', payload: { type: 'task_complete', turn_id, ...noAnswer } },
    ];
    const lines = [{ anchor: this.#lastRecord(), side: 'behind' as const, records }];
    return { lines, splices: [], removed: [] };
  }

  /** Every item of the history as the changes want it. */
  *items({ changed, alone }: ItemChanges<number>): Generator<JsonObject, void> {
    const { history, composer } = this.#rollout;
    const byEntry = new Map(changed.map((change) => [change.item, change]));
    for (let index = 0; index < history.length; index += 1) {
      const change = byEntry.get(index);
      yield* this.#made(change?.before ?? []);
      const own = change === undefined ? null : this.#own(change);
      yield* own ?? [composer.item(history.entry(index))];
      yield* this.#made(change?.after ?? []);
    }
    yield* this.#made(alone);
  }

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
    const { front, item, more } = this.#parted(change, own);
    if (own !== null && own.length === 0) {
      this.#splices.push(withoutRecord(source, anchor));
      this.#removed.push(anchor.offset);
    } else if (item !== null) {
      this.#splices.push(this.#payload(row, anchor, item));
    }
    // Behind a record that goes there is no place of its own: what follows it comes before it.
    const behind = { anchor, side: own?.length === 0 ? 'before' : 'behind' } as const;
    this.#add(row, { anchor, side: 'before' }, [...this.#made(change.before), ...front]);
    this.#add(row, behind, more);
    this.#add(row, this.#laterAnchor(change.item) ?? behind, this.#made(change.after));
  }

  /**
   * Which of the items that take the place of a record come in front of it, become its payload, and
   * come behind it. The item that it has already keeps its record, byte for byte.
   */
  #parted(
    change: ChangedItem<number>,
    own: readonly JsonObject[] | null,
  ): { front: readonly JsonObject[]; item: JsonObject | null; more: readonly JsonObject[] } {
    if (own === null) return { front: [], item: null, more: [] };
    const old = this.#rollout.composer.item(this.#rollout.history.entry(change.item));
    const at = own.findIndex((item) => sameValue(item, old));
    if (at >= 0) return { front: own.slice(0, at), item: null, more: own.slice(at + 1) };
    const [item = null, ...more] = own;
    return { front: [], item, more };
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
    const old = bytes.subarray(start, end);
    const text = respelled(old, parseRecord(old), item);
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
    const timestamp = row < 0 ? null : asText(composer.record(row)['timestamp']);
    const records = items.map((item) => (isBare ? item : this.#enveloped(item, timestamp)));
    this.#lines.push({ ...at, records });
  }

  /**
   * A new record. A result has the time of its call; other records come milliseconds later, each
   * at its own, or a reader would take two with the same words for one that was written twice.
   */
  #enveloped(item: JsonObject, timestamp: string | null): JsonObject {
    const time = timestamp === null ? Number.NaN : Date.parse(timestamp);
    for (let later = viewItem(item)?.group === 'results' ? 0 : 1; ; later += 1) {
      const isTime = !Number.isNaN(time) && later > 0;
      const head = isTime ? { timestamp: new Date(time + later).toISOString() } : { timestamp };
      const record = {
        ...(timestamp === null ? {} : head),
        type: 'response_item',
        payload: item,
      };
      const text = deepJson(record) ?? '';
      if (Number.isNaN(time) || !this.#written.has(text)) {
        this.#written.add(text);
        return record;
      }
    }
  }

  /**
   * The compaction without a replacement history gets one: what it left, as it is now. False when
   * a rollback took a part of it.
   */
  #changeSummary(changes: ReadonlyMap<number, ChangedItem<number>>): boolean {
    const { history, composer, scan, source } = this.#rollout;
    const { summarised } = history;
    const isWhole = summarised?.entries.every((entry, index) => {
      return sameValue(history.entry(index), entry);
    });
    if (summarised === null || isWhole !== true) return false;
    const items = summarised.entries.flatMap((entry, index) => {
      const change = changes.get(index);
      if (change === undefined) return [composer.item(entry)];
      const own = this.#own(change) ?? [composer.item(entry)];
      return [...this.#made(change.before), ...own, ...this.#made(change.after)];
    });
    const { offset, length } = scan.table.place(summarised.row);
    const at = offset ?? 0;
    const bytes = bytesAt(source, at, length);
    const payload = pathSpan(bytes, ['payload']);
    const old = pathSpan(bytes, ['payload', 'replacement_history']);
    if (payload === null) return refuse('The file changed after it was read');
    const text = writtenJson(items);
    const isEmpty = Object.keys(composer.record(summarised.row)['payload'] ?? {}).length === 0;
    const member = Buffer.from(`${isEmpty ? '' : ','}"replacement_history":${text}`);
    this.#splices.push(
      old === null
        ? { offset: at + payload.end - 1, length: 0, bytes: member }
        : { offset: at + old.start, length: old.end - old.start, bytes: Buffer.from(text) },
    );
    return true;
  }
}
