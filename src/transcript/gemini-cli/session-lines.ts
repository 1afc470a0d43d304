/**
 * The index of a session of Gemini CLI in JSON lines, kept as its own loader goes: a record with an
 * id is a message, and the same id again takes its place; `$rewindTo` takes a message out with all
 * behind it, and all there are when it is not known; `$set` with messages replaces the list. Kept
 * are places only, so that memory follows the number of records and not their text.
 */
import { addAll } from '../../base/lists.ts';
import type { TranscriptFinding } from '../../integrity/finding.ts';
import { faultFinding, mendOf, placeOf, recordFinding } from '../fault-finding.ts';
import type { ByteFault, FileRecord } from '../file-record.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, textOf } from '../json-value.ts';
import type { NestedLists, Spot } from '../line-words.ts';
import type { Splice } from '../splice.ts';
import type { SideConversation, TranscriptFacts } from '../transcript.ts';

/** A message that is still there, under all the places at which it was written. */
export interface LiveMessage {
  readonly id: string;
  readonly spots: Spot[];
}

/** Lists of messages stand in the header of old files, and in `$set`. */
export const messageLists: NestedLists = {
  read(record) {
    const object = asObject(record);
    return asList(asObject(object?.['$set'])?.['messages'] ?? object?.['messages']);
  },
  replace(record, list) {
    const set = asObject(record['$set']);
    if (set !== null) return { ...record, $set: { ...set, messages: list } };
    return { ...record, messages: list };
  },
};

/** Grows with each record of the file. */
export class SessionLines {
  readonly #live = new Map<string, LiveMessage>();
  readonly findings: TranscriptFinding[] = [];
  readonly sides: SideConversation[] = [];
  readonly mends: Splice[] = [];
  #meta: JsonObject = {};
  #model: string | null = null;
  #records = 0;
  #end = 0;
  #line = 0;

  get records(): number {
    return this.#records;
  }

  /** Behind the last record. */
  get end(): number {
    return this.#end;
  }

  get messages(): readonly LiveMessage[] {
    return [...this.#live.values()];
  }

  get facts(): TranscriptFacts {
    const meta = this.#meta;
    return {
      sessionId: textOf(meta, 'sessionId'),
      title: textOf(meta, 'summary'),
      cwd: asText(asList(meta['directories'])[0]),
      version: null,
      model: this.#model,
    };
  }

  fault(fault: ByteFault): void {
    this.findings.push(faultFinding(fault, this.#records));
    addAll(this.mends, mendOf(fault));
  }

  add(record: FileRecord): void {
    this.#records += 1;
    const { offset, length, line, index } = record;
    const isFused = line === this.#line;
    this.#line = line;
    this.#end = offset + length;
    this.#take(record, { record: index, offset, length, line, isFused, nested: null });
  }

  /** In the order in which the tool asks what a record is. */
  #take(record: FileRecord, spot: Spot): void {
    const value = asObject(record.value);
    const rewind = asText(value?.['$rewindTo']);
    const id = asText(value?.['id']);
    const set = asObject(value?.['$set']);
    if (value === null) {
      this.#unexpected(record, 'This is no object, and the tool passes over it.');
    } else if (rewind !== null) {
      this.#rewind(record, rewind);
    } else if (id !== null) {
      this.#message(record, value, id, spot);
    } else if (set !== null) {
      if (Array.isArray(set['messages'])) this.#replaceAll(record, spot);
      this.#meta = { ...this.#meta, ...withoutMessages(set) };
    } else if (textOf(value, 'sessionId') !== null && textOf(value, 'projectHash') !== null) {
      this.#meta = { ...this.#meta, ...withoutMessages(value) };
      this.#addAll(record, spot);
    } else {
      this.#unexpected(record, 'The tool does not know this kind of record, and passes over it.');
    }
  }

  #message(record: FileRecord, value: JsonObject, id: string, spot: Spot): void {
    this.#model = textOf(value, 'model') ?? this.#model;
    if (!known.has(value['type'])) {
      this.#unexpected(record, 'No message of Gemini CLI is of this type; it is not sent.');
    }
    const live = this.#live.get(id);
    if (live === undefined) this.#live.set(id, { id, spots: [spot] });
    else live.spots.push(spot);
  }

  #rewind(record: FileRecord, id: string): void {
    const ids = [...this.#live.keys()];
    const at = ids.indexOf(id);
    const gone = at < 0 ? ids : ids.slice(at);
    for (const each of gone) this.#live.delete(each);
    this.sides.push({ kind: 'rolled-back', id, messages: gone.length });
    if (at >= 0) return;
    const meaning = `It goes back to message ${id}, which is not there, so the tool drops all before.`;
    this.findings.push(recordFinding('MISSING_PARENT', 'warning', placeOf(record, id), meaning));
  }

  #replaceAll(record: FileRecord, spot: Spot): void {
    const before = [...this.#live.keys()];
    this.#live.clear();
    this.#addAll(record, spot);
    const gone = before.filter((id) => !this.#live.has(id)).length;
    if (gone > 0) this.sides.push({ kind: 'compacted', id: null, messages: gone });
  }

  #addAll(record: FileRecord, spot: Spot): void {
    for (const [nested, element] of messageLists.read(record.value).entries()) {
      const value = asObject(element);
      const id = asText(value?.['id']);
      if (value !== null && id !== null) this.#message(record, value, id, { ...spot, nested });
    }
  }

  #unexpected(record: FileRecord, meaning: string): void {
    const place = placeOf(record, null);
    this.findings.push(recordFinding('UNEXPECTED_RECORD', 'note', place, meaning));
  }
}

const known: ReadonlySet<unknown> = new Set(['user', 'gemini', 'info', 'error', 'warning']);

/** Members of the session, without the list of its messages: facts stay small. */
function withoutMessages(value: JsonObject): JsonObject {
  const { messages: _, ...rest } = value;
  return rest;
}
