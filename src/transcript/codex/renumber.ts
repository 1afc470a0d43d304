/** Numbers the records of a paginated rollout, old and new, without a hole. */
import type { ByteSource } from '../byte-source.ts';
import type { FileRecord } from '../file-record.ts';
import { linesBefore, linesBehind } from '../line-splices.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, writtenJson } from '../json-value.ts';
import { bytesAt } from '../record-at.ts';
import { jsonLines } from '../records.ts';
import { memberSplice } from '../respelled.ts';
import type { Splice } from '../splice.ts';

/** Records that come in beside one that is there. */
export interface NewLines {
  readonly anchor: { readonly offset: number; readonly length: number };
  readonly side: 'before' | 'behind';
  readonly records: readonly JsonObject[];
}

/** What changes in the records of a file. */
export interface Changes {
  readonly lines: readonly NewLines[];
  readonly splices: readonly Splice[];
  /** Offsets of records that go. */
  readonly removed: readonly number[];
}

function startOf({ anchor, side }: NewLines): number {
  return side === 'before' ? anchor.offset : anchor.offset + anchor.length;
}

function isSafe(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** The splice that gives a record its number; null when it has it already. */
function numberSplice(source: ByteSource, record: FileRecord, ordinal: number): Splice | null {
  if (asObject(record.value)?.['ordinal'] === ordinal) return null;
  const bytes = bytesAt(source, record.offset, record.length);
  if (!bytes.includes(0)) return memberSplice(bytes, record.offset, ['ordinal'], ordinal);
  // Zero bytes inside leave a number no place: the record is written without them.
  const whole = bytes.filter((value) => value !== 0);
  const splice = memberSplice(whole, 0, ['ordinal'], ordinal);
  if (splice === null) return null;
  const [before, after] = [whole.subarray(0, splice.offset), splice.offset + splice.length];
  const clean = Buffer.concat([before, splice.bytes, whole.subarray(after)]);
  return { offset: record.offset, length: record.length, bytes: clean };
}

/** A new record with its number in the place where Codex writes it. */
function numbered(record: JsonObject, ordinal: number): string {
  const { timestamp, ...rest } = record;
  const head = timestamp === undefined ? {} : { timestamp };
  return writtenJson({ ...head, ordinal, ...rest });
}

/**
 * Splices for the new lines and for the numbers that change. Records in `skip`, by offset, are gone
 * and get none; values that are no objects have none either.
 */
export function renumbered(
  source: ByteSource,
  added: readonly NewLines[],
  { skip }: { readonly skip: ReadonlySet<number> },
): Splice[] {
  const splices: Splice[] = [];
  const waiting = [...added].toSorted((one, two) => startOf(one) - startOf(two));
  let next: number | null = null;
  const count = (): number => {
    const ordinal = next ?? 0;
    next = ordinal + 1;
    return ordinal;
  };
  const bring = (upTo: number): void => {
    while (waiting[0] !== undefined && startOf(waiting[0]) <= upTo) {
      const lines = waiting.shift();
      if (lines === undefined) return;
      const texts = lines.records.map((record) => numbered(record, count()));
      const make = lines.side === 'behind' ? linesBehind : linesBefore;
      splices.push(make(source, lines.anchor, texts));
    }
  };
  for (const record of jsonLines(source, () => {})) {
    bring(record.offset);
    const value = asObject(record.value);
    if (skip.has(record.offset) || value === null) continue;
    const { ordinal } = value;
    next ??= isSafe(ordinal) ? ordinal : 0;
    const splice = numberSplice(source, record, count());
    if (splice !== null) splices.push(splice);
  }
  bring(Infinity);
  return splices;
}
