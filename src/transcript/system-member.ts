/**
 * What a request tells the model before everything else, in a member beside its messages. It is
 * the first message of the conversation here, of role `system`.
 */
import type { Place } from '../integrity/conversation.ts';
import type { ByteSource } from './byte-source.ts';
import type { JsonFrame } from './json-file.ts';
import { valueAt } from './record-at.ts';

/** Where the member stands, and what it says. */
export interface SystemMember {
  readonly name: string;
  readonly place: Place & { readonly offset: number };
  readonly value: unknown;
}

/** The first of these members that is there; null when none is. */
export function systemMember(
  source: ByteSource,
  frame: JsonFrame | null,
  names: readonly string[],
): SystemMember | null {
  const head = frame?.heads[0];
  for (const name of names) {
    const member = head?.[name];
    if (member === undefined) continue;
    const { offset, length } = member;
    const place = { record: 0, offset, length, line: null, id: null };
    // A long one was not held while the file was read.
    const value = member.value === undefined ? valueAt(source, offset, length) : member.value;
    return { name, place, value };
  }
  return null;
}
