/** Edits inside a replacement history: elements of it come, go and change, the others stay. */
import type { Place } from '../../integrity/conversation.ts';
import type { ByteSource } from '../byte-source.ts';
import { refuse } from '../changed-items.ts';
import { parseRecord } from '../decode.ts';
import { pathSpan } from '../json-span.ts';
import type { JsonObject } from '../json-value.ts';
import { asList } from '../json-value.ts';
import { bytesAt } from '../record-at.ts';
import { respelled } from '../respelled.ts';
import type { Splice } from '../splice.ts';

/** What becomes of one element. */
export interface ReplacementChange {
  readonly sub: number;
  readonly before: readonly JsonObject[];
  /** What stands in its place; null when it stays. */
  readonly own: readonly JsonObject[] | null;
  readonly after: readonly JsonObject[];
}

/** The splice that makes the array new; elements without a change keep their bytes. */
export function replacementSplices(
  source: ByteSource,
  place: Place,
  changes: readonly ReplacementChange[],
): Splice[] {
  const offset = place.offset ?? 0;
  const bytes = bytesAt(source, offset, place.length);
  const span = pathSpan(bytes, ['payload', 'replacement_history']);
  if (span === null) return refuse('The file changed after it was read');
  const bySub = new Map(changes.map((change) => [change.sub, change]));
  const old = bytes.subarray(span.start, span.end);
  const before = parseRecord(old);
  const after = asList(before).flatMap((item, sub) => {
    const change = bySub.get(sub);
    return [...(change?.before ?? []), ...(change?.own ?? [item]), ...(change?.after ?? [])];
  });
  const fresh = respelled(old, before, after);
  return [{ offset: offset + span.start, length: span.end - span.start, bytes: fresh }];
}
