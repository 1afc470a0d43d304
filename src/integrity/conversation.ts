/**
 * A conversation as rules, plans and exports see it, wherever it was read: a session of a store, or
 * a transcript of another tool. Blocks have the shape of `session/message.ts`; every block knows
 * where in its source it stands. Pure.
 *
 * How other shapes are written in these blocks:
 * - a call is a `tool_use` block, whoever made it. Its `input` is the parsed value; arguments that
 *   are no JSON stay the string that they were, so that a rule sees them. Raw text of a free-form
 *   tool is `{ input: text }`, with `custom: true` on the block.
 *   Where a text of JSON says more than its value (digits that no double holds, a name that comes
 *   twice) it stays in `input_json` beside it; an import keeps it for every such call.
 * - a result is a `tool_result` block in a message of role `user`, also where the format has a role
 *   of its own for it.
 * - reasoning is `thinking` (with `signature`), `redacted_thinking` (with `data`), or, with an
 *   encrypted item of OpenAI, `reasoning` (the item's members as they came).
 * - what Gemini signs has `thought_signature` on its block.
 * - a call without a result may say in `status` what its tool called its state (`pending`).
 * - a block that is an item of OpenAI has the item's own id in `item_id`; a `reasoning` in `id`.
 * - what is not known stays a block of its own type.
 */
import type { ContentBlock } from '../session/message.ts';

/** Where a piece stands in the source that it was read from. */
export interface Place {
  /** 0-based number of the record in its file; of the entry, in a session. */
  readonly record: number;
  /** Byte offset of the record in its file; null where there are no bytes to point at. */
  readonly offset: number | null;
  /** Bytes of the record; 0 where there are none. */
  readonly length: number;
  /** 1-based line; null in formats without lines. */
  readonly line: number | null;
  /** What the tool itself calls the record: a uuid, an item id, the seq of an entry. */
  readonly id: string | null;
}

/** One message with the places of its blocks. */
export interface PlacedMessage {
  /** `user`, `assistant`, `system`, or what the source says. */
  readonly role: string;
  readonly content: readonly ContentBlock[];
  /** Where the message begins. */
  readonly place: Place;
  /** Where each block stands; as long as `content`. */
  readonly places: readonly Place[];
  /** The model that wrote it, where the source tells. */
  readonly model: string | null;
  /** When it was written, where the source tells: a text, or milliseconds since 1970. */
  readonly timestamp?: string | number;
  /** What stands in the message where its content should be, and cannot be read, by its members. */
  readonly unread?: Readonly<Record<string, unknown>>;
}

/** One block of a conversation, by numbers that start at 0. */
export interface BlockRef {
  readonly message: number;
  readonly block: number;
}
