/**
 * Between the values that a tool writes into its file and the messages of a conversation. One value
 * may give several messages: Gemini CLI keeps a call and its result in one record.
 */
import { HoldfastError } from '../base/errors.ts';
import type { Place, PlacedMessage } from '../integrity/conversation.ts';
import type { ContentBlock } from '../session/message.ts';
import type { JsonObject } from './json-value.ts';
import { sameJson } from './json-value.ts';
import type { timestampOf } from './timestamp.ts';

/** One message, before it has a place. */
export interface Turn {
  readonly role: string;
  readonly content: readonly ContentBlock[];
  readonly model: string | null;
  /** Of a message without blocks: what it says in other words. */
  readonly unread?: JsonObject;
}

/** A format's words for messages, both ways. */
export interface ValueCodec {
  /** The messages that the tool's own reader makes of one value of the file. */
  decode(value: unknown): readonly Turn[];
  /**
   * Values that decode to exactly these messages. The first that stands for `value` keeps whatever
   * `value` says beside them; it is null where no value is there yet. Throws `INVALID` where the
   * format has no words. Messages of no blocks may be left out.
   */
  encode(value: unknown, wanted: readonly Turn[], around: Around): readonly unknown[];
}

/** What new values of a file need to know. */
export interface Around {
  /** A value nearby, for members that every value has; null when there is none. */
  readonly like: unknown;
  /** An id that nothing in the file has, made from that of a neighbour. */
  freshId(near: string): string;
}

/** Gives out ids that are not taken yet, always the same ones for the same file. */
export function idGiver(taken: Set<string>): (near: string) => string {
  return (near) => {
    for (let number = 1; ; number += 1) {
      const id = `${near}-added-${number}`;
      if (taken.has(id)) continue;
      taken.add(id);
      return id;
    }
  };
}

/** Refuses an edit that a format cannot express. */
export function noWordsFor(what: string, format: string): never {
  throw new HoldfastError('INVALID', `${format} has no way to write ${what}`, { path: format });
}

/** A message whose blocks all stand where its value stands. */
export function placedTurn(
  { role, content, model, unread }: Turn,
  place: Place,
  time: ReturnType<typeof timestampOf> = {},
): PlacedMessage {
  const places = content.map(() => place);
  const more = unread === undefined ? {} : { unread };
  return { role, content, place, places, model, ...time, ...more };
}

/**
 * Which of the wanted messages goes on as the one that stood there: the one that says the same,
 * else the first of the same role; -1 when none does.
 */
export function keeperOf(before: Turn | undefined, wanted: readonly Turn[]): number {
  if (before === undefined) return -1;
  const same = wanted.findIndex(
    ({ role, content }) => role === before.role && sameJson(content, before.content),
  );
  return same >= 0 ? same : wanted.findIndex(({ role }) => role === before.role);
}
