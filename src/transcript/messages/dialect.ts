/** The two shapes of plain messages, as what reader and writer need to know of each. */
import type { ContentBlock } from '../../session/message.ts';
import type { Piece } from '../changed-items.ts';
import type { JsonObject } from '../json-value.ts';

/** A message as the rules see it. */
export interface Decoded {
  readonly role: string;
  readonly content: readonly ContentBlock[];
  /** Of a message that says nothing else: what is written there and cannot be read. */
  readonly unread?: JsonObject;
}

/** Reads messages in the order of the file: what one says may depend on those in front of it. */
export interface Reading {
  readonly decode: (message: JsonObject) => Decoded;
  /** Ids that were made for calls without one, with the names of the tools. */
  readonly made: MadeIds;
}

/** Names of tools by the ids that were made for their calls. */
export type MadeIds = ReadonlyMap<string, string>;

/** Where every call has an id of its own. */
export const noMadeIds: MadeIds = new Map();

/** A message in the words of a file; members that are undefined are not written. */
export type Words = Readonly<Record<string, unknown>>;

/** What becomes of a message: its own record, or null, with new ones in front and behind. */
export interface Rewritten {
  readonly before: readonly Words[];
  /** `same` when its bytes stay. */
  readonly own: Words | 'same' | null;
  readonly after: readonly Words[];
}

/** A block of a kind that is not known here, as it came. */
export function otherBlock(block: {
  readonly type: string;
  readonly [field: string]: unknown;
}): ContentBlock {
  return block as unknown as ContentBlock;
}

/** What the provider refuses in the form of a message, whatever it says. */
export interface FormFault {
  readonly meaning: string;
  readonly fix: string;
  /** New text for bytes of the message; null where there is no telling which. */
  readonly mend: { readonly start: number; readonly end: number; readonly text: string } | null;
}

/** What the body of a request tells the model first, beside its messages. */
export interface SystemDialect {
  readonly member: string;
  /** No blocks where it says nothing. */
  readonly decode: (value: unknown) => readonly ContentBlock[];
  /** The value with these blocks, none of which are blank. */
  readonly encode: (value: unknown, blocks: readonly ContentBlock[]) => unknown;
}

/** The messages of a file in their order; `taken` are the ids that its messages must keep. */
export function readingOf({ reading, decode }: Dialect, taken: ReadonlySet<string>): Reading {
  return reading?.(taken) ?? { decode, made: noMadeIds };
}

/** Remembers messages that go, whose members come back where a plan writes what they said. */
export interface Keeper {
  readonly gone: (message: JsonObject) => void;
  /** The words of a new message that holds this block alone. */
  readonly restored: (words: Words, block: ContentBlock) => Words;
}

/** One shape. */
export interface Dialect {
  /** Where the shape has a place for it besides a message. */
  readonly system?: SystemDialect;
  /** `elements`: the blocks of a message are the elements of its `content`, if that is a list. */
  readonly blocks: 'elements' | 'made';
  /** By itself, as far as that goes; where it matters which call is meant, there is `reading`. */
  readonly decode: (message: JsonObject) => Decoded;
  readonly reading?: (taken: ReadonlySet<string>) => Reading;
  /** Ids of a message that no id that is made may be like. */
  readonly taken?: (message: JsonObject) => readonly string[];
  /** New messages; `like` is one beside them, for members that every message of the file has. */
  readonly encode: (decoded: Decoded, like: JsonObject | null, made: MadeIds) => readonly Words[];
  /** A message whose blocks change. */
  readonly rewrite: (message: JsonObject, pieces: readonly Piece[], made: MadeIds) => Rewritten;
  /** Where blocks do not show all members of a message. */
  readonly keeper?: () => Keeper;
  /** Faults that the conversation does not show; `bytes` are those of the message. */
  readonly faults?: (message: JsonObject, bytes: () => Uint8Array) => readonly FormFault[];
}
