/** What a tool answered, in parts that every export can write. Pure. */
import { deepJson } from '../base/deep-json.ts';
import type { ContentBlock, ToolResultBlock } from '../session/message.ts';
import type { Leave } from './exported.ts';
import { mediaOf } from './media.ts';
import type { Media } from './media.ts';
import type { Piece } from './piece.ts';

/** One part of an answer. */
export type ResultPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image' | 'document'; readonly media: Media };

/** The parts of an answer; empty texts say nothing, and what is not known is left out. */
export function resultParts(
  piece: Piece,
  { content }: ToolResultBlock,
  leave: Leave,
): readonly ResultPart[] {
  if (content === undefined) return [];
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  if (!Array.isArray(content)) {
    leave(piece, 'content of a result that is neither text nor parts');
    return [];
  }
  const parts: ResultPart[] = [];
  for (const block of content as readonly unknown[]) {
    const told = partOf(piece, block, leave);
    if (told !== null) parts.push(told);
  }
  return parts;
}

/** Some tools answer with values that are no blocks; the model reads them as JSON. */
function partOf(piece: Piece, block: unknown, leave: Leave): ResultPart | null {
  const { type, text, value } = Object(block) as Readonly<Record<string, unknown>>;
  if (typeof type !== 'string') return { type: 'text', text: jsonText(block) };
  if (type === 'json') return { type: 'text', text: jsonText(value) };
  if (type === 'text' && typeof text === 'string') return text === '' ? null : { type, text };
  if (type !== 'image' && type !== 'document') {
    return leave(piece, 'a part of a result that is not known', type);
  }
  const media = mediaOf(block as ContentBlock);
  return media === null ? leave(piece, 'a source that is not known', type) : { type, media };
}

/** The words of an answer. */
export function textOf(parts: readonly ResultPart[]): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/** The text that a custom tool was given. */
export function rawInput(input: unknown): string {
  if (typeof input === 'string') return input;
  const { input: text } = (input ?? {}) as Readonly<Record<string, unknown>>;
  return typeof text === 'string' ? text : jsonText(input);
}

/** JSON in which bytes are `{"$bytes":"<base64>"}`, as everywhere in Holdfast. */
export function jsonText(value: unknown): string {
  const replace = (member: unknown): unknown =>
    member instanceof Uint8Array
      ? { $bytes: Buffer.from(member.buffer, member.byteOffset, member.length).toString('base64') }
      : member;
  return deepJson(value ?? null, replace) ?? 'null';
}

/** The same value, as JSON can say it. */
export function jsonValue(value: unknown): unknown {
  return JSON.parse(jsonText(value));
}
