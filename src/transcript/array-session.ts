/**
 * Transcripts that are one list of values inside one JSON text. Each value gives its messages by
 * itself, so reading keeps the places of the values and nothing of their text.
 */
import { addAll } from '../base/lists.ts';
import type { PlacedMessage } from '../integrity/conversation.ts';
import type { TranscriptFinding } from '../integrity/finding.ts';
import type { ProfileName } from '../integrity/profile.ts';
import type { Edit } from '../integrity/plan/edit.ts';
import { listMends } from './array-gaps.ts';
import { arraySplices } from './array-words.ts';
import type { ByteSource } from './byte-source.ts';
import { wantedTurns } from './edited-units.ts';
import { faultFinding, placeOf, recordFinding } from './fault-finding.ts';
import type { ByteFault, FileRecord } from './file-record.ts';
import type { JsonFrame } from './json-file.ts';
import { jsonFile } from './json-file.ts';
import type { JsonObject } from './json-value.ts';
import { asObject, textOf } from './json-value.ts';
import { listedSplices, loneWords } from './lone-content.ts';
import { bytesAt, valueAt } from './record-at.ts';
import type { Splice } from './splice.ts';
import type { FormatName, Transcript, TranscriptFacts } from './transcript.ts';
import { unitChanges } from './unit-changes.ts';
import type { Turn, ValueCodec } from './value-codec.ts';
import { placedTurn } from './value-codec.ts';
import { timestampOf } from './timestamp.ts';

/** One kind of file with a list of messages. */
export interface ArrayFormat {
  readonly format: FormatName;
  readonly profile: ProfileName;
  /** Where the list stands; empty for a file that is the list. */
  readonly path: readonly string[];
  readonly codec: ValueCodec;
  /** True for values that the format has there, whether or not they give messages. */
  isKnown(value: JsonObject): boolean;
  /** Where a content stands that should be a list and is one block; null for all others. */
  readonly lone?: (value: JsonObject) => readonly string[] | null;
  /** What the members beside the list tell. */
  facts(head: HeadValues, model: string | null): TranscriptFacts;
  /** Which values are there and no longer sent; without it all are sent. */
  readonly visible?: () => Visibility;
}

/** Learns from each value in its order (null for what is no object) which ones are sent. */
export interface Visibility {
  see(value: JsonObject | null): void;
  /** The numbers of the values that are not sent. */
  hidden(): ReadonlySet<number>;
}

/** The members beside the list, by name. */
export type HeadValues = JsonObject;

/** The place of a value; its number among the elements is its unit. */
interface Element {
  readonly record: number;
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly id: string | null;
}

/** Reads a file of this kind; yields how many bytes are done. */
export function* openArray(
  source: ByteSource,
  format: ArrayFormat,
): Generator<number, Transcript, void> {
  const elements: Element[] = [];
  const findings: TranscriptFinding[] = [];
  const faults: ByteFault[] = [];
  const lists: Splice[] = [];
  let model: string | null = null;
  const onFault = (fault: ByteFault): void => {
    findings.push(faultFinding(fault, elements.length));
    faults.push(fault);
  };
  const visible = format.visible?.();
  const walk = jsonFile(source, format.path, onFault);
  let step = walk.next();
  for (; step.done !== true; step = walk.next()) {
    const record = step.value;
    const value = asObject(record.value);
    elements.push(placeOf(record, textOf(value, 'id')) as Element);
    visible?.see(value);
    model = modelOf(format.codec, record) ?? model;
    if (value === null || !format.isKnown(value)) {
      const meaning = 'This is no message that the tool knows; it is not sent.';
      findings.push(recordFinding('UNEXPECTED_RECORD', 'note', placeOf(record, null), meaning));
    }
    addAll(lists, listsIn(source, format, record, findings));
    yield record.offset + record.length;
  }
  yield source.size;
  const hidden = visible?.hidden() ?? new Set<number>();
  const file = new ArrayFile(source, format, elements, step.value, hidden);
  const head = headOf(step.value);
  const mends = listMends(source, faults, elements, step.value.array);
  return {
    format: format.format,
    profile: format.profile,
    records: elements.length,
    isOneValue: true,
    facts: format.facts(head, model),
    findings,
    sides: hidden.size === 0 ? [] : [{ kind: 'compacted', id: null, messages: hidden.size }],
    // The contents of messages are mended once the bytes are sound.
    mends: mends.length > 0 ? mends : lists,
    conversation: () => file.conversation(),
    write: (edits) => file.write(edits),
  };
}

/** What puts a content that is one block into a list. */
function listsIn(
  source: ByteSource,
  { lone }: ArrayFormat,
  record: FileRecord,
  findings: TranscriptFinding[],
): readonly Splice[] {
  const value = asObject(record.value);
  const path = value === null ? null : (lone?.(value) ?? null);
  if (path === null) return [];
  const place = placeOf(record, null);
  const told = recordFinding('UNEXPECTED_RECORD', 'error', place, loneWords.meaning);
  findings.push({ ...told, fix: loneWords.fix });
  return listedSplices(bytesAt(source, record.offset, record.length), record.offset, path);
}

function modelOf(codec: ValueCodec, record: FileRecord): string | null {
  return codec.decode(record.value).at(0)?.model ?? null;
}

function headOf(frame: JsonFrame): HeadValues {
  const head: Record<string, unknown> = {};
  for (const members of frame.heads) {
    for (const [name, { value }] of Object.entries(members)) head[name] ??= value;
  }
  return head;
}

class ArrayFile {
  readonly #source: ByteSource;
  readonly #format: ArrayFormat;
  readonly #elements: readonly Element[];
  readonly #frame: JsonFrame;
  readonly #hidden: ReadonlySet<number>;

  constructor(
    source: ByteSource,
    format: ArrayFormat,
    elements: readonly Element[],
    frame: JsonFrame,
    hidden: ReadonlySet<number>,
  ) {
    this.#source = source;
    this.#format = format;
    this.#elements = elements;
    this.#frame = frame;
    this.#hidden = hidden;
  }

  *conversation(): Generator<PlacedMessage, void> {
    for (const [unit, place] of this.#elements.entries()) {
      const value = asObject(this.#value(unit));
      const time = timestampOf(value?.['timestamp'], value?.['ts']);
      for (const turn of this.#turns(unit)) yield placedTurn(turn, place, time);
    }
  }

  write(edits: readonly Edit[]): readonly Splice[] {
    const { array } = this.#frame;
    if (array === null || edits.length === 0) return [];
    const { codec } = this.#format;
    const { changes, front } = unitChanges(wantedTurns(this.#allTurns(), edits), codec, {
      units: this.#elements.length,
      valueOf: (unit) => this.#value(unit),
      isSame: (before, after) => isSameValue(asObject(before), asObject(after)),
      ids: new Set(this.#elements.flatMap(({ id }) => (id === null ? [] : [id]))),
      like: this.#elements.length > 0 ? this.#value(0) : null,
    });
    const place = { from: array.from, elements: this.#elements };
    return arraySplices(this.#source, place, changes, front);
  }

  *#allTurns(): Generator<readonly Turn[], void> {
    for (const unit of this.#elements.keys()) yield this.#turns(unit);
  }

  #turns(unit: number): readonly Turn[] {
    return this.#hidden.has(unit) ? [] : this.#format.codec.decode(this.#value(unit));
  }

  #value(unit: number): unknown {
    const element = this.#elements[unit];
    if (element === undefined) return undefined;
    return valueAt(this.#source, element.offset, element.length);
  }
}

/** Values with ids are the same by id; of others the first that is made goes on as the old one. */
function isSameValue(before: JsonObject | null, after: JsonObject | null): boolean {
  if (before === null || after === null) return false;
  if ('id' in before || 'id' in after) return before['id'] === after['id'];
  return before['role'] === after['role'];
}
