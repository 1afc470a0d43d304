/**
 * Copies of events, for whoever looks at one later: between the call of an append and its answer,
 * the caller may change what it passed. Strings are shared, because nobody can change them, so a
 * copy costs in proportion to the number of members and not to the length of the texts.
 */
import { setMember } from '../format/value.ts';
import type { SessionEvent } from './event.ts';
import { encodeEvent } from './event-codec.ts';

/**
 * A copy of an event that is to be appended later than its caller asks for it. What is wrong with
 * it is thrown at once, as an append would.
 */
export function checkedCopy(event: SessionEvent): SessionEvent {
  encodeEvent(event, undefined);
  return copyEvent(event);
}

/** A deep copy of an event that was checked: plain objects, arrays, bytes and scalars. */
export function copyEvent(event: SessionEvent): SessionEvent {
  return copyOf(event) as SessionEvent;
}

function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(copyOf);
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) setMember(copy, key, copyOf(member));
  return copy;
}
