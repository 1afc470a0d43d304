/**
 * What an agent's conversation is made of. The shape is that of the Anthropic Messages API, the
 * most expressive in use; blocks and fields that are not known here are kept as they came.
 */

/** A value of JSON, or bytes. `undefined` members are dropped and -0 becomes 0, as in JSON. */
export type Value =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Value[]
  | { readonly [key: string]: Value | undefined };

/** Words, of the user or of the model. */
export interface TextBlock {
  readonly type: 'text';
  readonly text: string;
  readonly [field: string]: unknown;
}

/** Reasoning of the model; the signature must go back to the provider unchanged. */
export interface ThinkingBlock {
  readonly type: 'thinking';
  readonly thinking: string;
  readonly signature?: string;
  readonly [field: string]: unknown;
}

/** A call of a tool by the model. `id` pairs it with its result. */
export interface ToolUseBlock {
  readonly type: 'tool_use';
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  readonly [field: string]: unknown;
}

/** The answer to one call. */
export interface ToolResultBlock {
  readonly type: 'tool_result';
  readonly tool_use_id: string;
  readonly content?: string | readonly ContentBlock[];
  readonly is_error?: boolean;
  readonly [field: string]: unknown;
}

/** A picture; `source` is kept as the provider defines it. */
export interface ImageBlock {
  readonly type: 'image';
  readonly source: unknown;
  readonly [field: string]: unknown;
}

/** Every field that a known block has, and no value. */
type NoKnownField = {
  readonly [Field in
    | 'text'
    | 'thinking'
    | 'signature'
    | 'id'
    | 'name'
    | 'input'
    | 'tool_use_id'
    | 'content'
    | 'is_error'
    | 'source']: never;
};

/**
 * A block of a kind that is not known here, as it is read; kept as it came. Its `type` is any
 * string, so asking for the `type` of a block never rules it out: the fields of known blocks are
 * `never` here, so that they have the type of the known block after asking. Where such a block
 * carries one of these names, look at it as `NewBlock`.
 */
export interface OtherBlock extends NoKnownField {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** One part of a message, told apart by `type`. */
export type ContentBlock =
  | TextBlock
  | ThinkingBlock
  | ToolUseBlock
  | ToolResultBlock
  | ImageBlock
  | OtherBlock;

/** One part of a message as it is given to `append`: of any kind, known here or not. */
export type NewBlock = ContentBlock | { readonly type: string; readonly [field: string]: unknown };

/** `user`, `assistant` and `system` are the usual ones; others are kept. */
export type Role = 'user' | 'assistant' | 'system' | (string & {});

/** One message of the conversation. */
export interface Message {
  readonly role: Role;
  readonly content: string | readonly ContentBlock[];
  readonly id?: string;
  readonly timestamp?: string | number;
  readonly model?: string;
  readonly usage?: unknown;
  readonly [field: string]: unknown;
}

/** A message as it is given to `append`; every `Message` that was read is one. */
export interface NewMessage extends Omit<Message, 'content'> {
  readonly role: Role;
  readonly content: string | readonly NewBlock[];
}
