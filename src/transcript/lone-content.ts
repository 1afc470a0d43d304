/**
 * A content that is one block, where a list of blocks should be: it says what it says without any
 * guess, and is read as a list of one. Providers refuse it as it stands, so the bytes get the list.
 */
import { pathSpan } from './json-span.ts';
import type { JsonObject } from './json-value.ts';
import { asObject } from './json-value.ts';
import type { Splice } from './splice.ts';

/** The block; null for a content of any other shape. */
export function loneBlock(content: unknown): JsonObject | null {
  const block = asObject(content);
  return typeof block?.['type'] === 'string' ? block : null;
}

/** What is said of it. */
export const loneWords = {
  meaning: 'The content of a message is one block, where a list of blocks is wanted.',
  fix: 'Put the block into a list.',
} as const;

/** The new text for bytes of a record in which the content stands at this path. */
export function listedContent(
  bytes: Uint8Array,
  path: readonly string[],
): { readonly start: number; readonly end: number; readonly text: string } | null {
  const span = pathSpan(bytes, path);
  if (span === null) return null;
  const text = Buffer.from(bytes.subarray(span.start, span.end)).toString('utf8');
  return { ...span, text: `[${text}]` };
}

/** The splice that puts the content of a record at this offset into a list; none if it is gone. */
export function listedSplices(
  bytes: Uint8Array,
  offset: number,
  path: readonly string[],
): readonly Splice[] {
  const mend = listedContent(bytes, path);
  if (mend === null) return [];
  const { start, end, text } = mend;
  const why = { code: 'UNEXPECTED_RECORD', told: `${loneWords.meaning} ${loneWords.fix}` } as const;
  return [{ offset: offset + start, length: end - start, bytes: Buffer.from(text), why }];
}
