/**
 * Rows that stand in a table more than once under one id, as a table without a key may have them
 * that somebody made out of another one. Each is read once; of rows that differ the last counts.
 */
import type { TranscriptFinding } from '../integrity/finding.ts';
import type { SqliteValue } from '../platform/sqlite.ts';
import { recordFinding } from './fault-finding.ts';
import { rowPlace } from './transcript-store.ts';

/** What is told of the rows of one id; `contents` has what each of them says. */
export function repeatedFinding(
  kind: 'message' | 'part',
  id: string,
  record: number,
  contents: readonly (SqliteValue | undefined)[],
): TranscriptFinding {
  const said = new Set(contents.map(String));
  const rows = `${contents.length} rows are ${kind} ${id}`;
  const place = rowPlace(record, id);
  return said.size === 1
    ? recordFinding(
        'DUPLICATE_RECORD',
        'warning',
        place,
        `${rows}, with the same content; it is read once.`,
      )
    : recordFinding(
        'CONFLICTING_RECORD',
        'warning',
        place,
        `${rows}, and they say different things; the last one is read.`,
      );
}

/** The values that are there more than once. */
export function repeatedIn<T>(values: readonly T[]): readonly T[] {
  const once = new Set<T>();
  const more = new Set<T>();
  for (const value of values) {
    if (once.has(value)) more.add(value);
    once.add(value);
  }
  return [...more];
}
