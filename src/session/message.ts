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

/** A block of a kind that is not known here; kept as it came. */
export interface OtherBlock {
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
