/**
 * Appends that are repeated with their idempotency key. What is there is compared with what is
 * given: a key that was used for something else by mistake must not swallow an entry.
 */
import { HoldfastError } from '../base/errors.ts';
import type { SeqRange } from '../base/errors.ts';
import { canonicalJson } from '../session/canonical.ts';
import type { Entry, SessionEvent } from '../session/event.ts';

/** The entries of one append: first and last seq. */
export type Range = SeqRange & { readonly to: number };

/**
 * The range that was appended with the key first, if these events say the same, in any order of
 * their members. INVALID when they do not; fails as reading the first ones fails.
 */
export async function rangeIfSame(
  range: Range,
  events: readonly SessionEvent[],
  read: (range: Range) => AsyncIterable<Entry>,
): Promise<Range> {
  // Now: the caller may change what it passed while the first ones are read.
  const content = events.map(canonicalJson);
  let [count, same, key] = [0, true, ''];
  for await (const { event, idempotencyKey = '' } of read(range)) {
    key = idempotencyKey;
    same &&= canonicalJson(event) === content[count];
    count += 1;
  }
  if (same && count === content.length) return range;
  throw new HoldfastError(
    'INVALID',
    `Cannot append with the idempotency key ${JSON.stringify(key)}: entry ${range.from} was ` +
      'appended with it and says something else; give every append a key of its own',
    { path: 'idempotencyKey' },
  );
}
