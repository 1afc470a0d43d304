/**
 * What the tools of Cline's SDK did, as its sessions keep it: a list of objects with a query, a
 * result, which may have blocks, and whether it was a success. Before it sends the list, Cline
 * makes one text of it, its JSON, and puts its pictures behind that text; a failed result has none.
 * Read is what is sent; the list stays in the file as long as the result gets no other words.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText, jsonText } from '../json-value.ts';

/** The lists that contents were made from. A content is known by what it is; a copy is another. */
const lists = new WeakMap<object, unknown>();

/** What Cline says where it does not send a picture. */
const omitted = '[media omitted: invalid or exceeds size limit]';

/** Deeper values are not looked into. */
const depthMax = 100;

/** The block as it is sent: a result of operations says them in a text, any other is the same. */
export function sentBlock(block: ContentBlock): ContentBlock {
  if (block.type !== 'tool_result') return block;
  const { content } = block as { readonly content?: unknown };
  if (!isOperations(content)) return block;
  const look = new PictureLook(block['is_error'] === true);
  const rest = look.without(content, 0);
  const said = look.found ? rest : content;
  const sent: readonly unknown[] = [{ type: 'text', text: jsonText(said) ?? '' }, ...look.pictures];
  lists.set(sent, content);
  return { ...block, content: sent } as ContentBlock;
}

/** The block as the file keeps it. */
export function keptBlock(block: ContentBlock): ContentBlock {
  const { content } = block as { readonly content?: unknown };
  if (typeof content !== 'object' || content === null) return block;
  const list = lists.get(content);
  return list === undefined ? block : ({ ...block, content: list } as ContentBlock);
}

/** True for a list that has operations in it, and beside them nothing but blocks. */
function isOperations(content: unknown): content is readonly unknown[] {
  if (!Array.isArray(content)) return false;
  const list = content as readonly unknown[];
  return list.some(isOperation) && list.every((each) => isOperation(each) || isBlock(each));
}

function isOperation(value: unknown): boolean {
  const object = asObject(value);
  if (object === null || 'type' in object) return false;
  return typeof object['query'] === 'string' && typeof object['success'] === 'boolean';
}

function isBlock(value: unknown): boolean {
  return asText(asObject(value)?.['type']) !== null;
}

/** Takes pictures out of a list. Texts beside them become bare ones; without one all stays. */
class PictureLook {
  readonly pictures: ContentBlock[] = [];
  readonly #isFailed: boolean;
  found = false;

  constructor(isFailed: boolean) {
    this.#isFailed = isFailed;
  }

  without(value: unknown, depth: number): unknown {
    if (depth > depthMax || typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) {
      return (value as readonly unknown[]).flatMap((each) => this.#element(each, depth + 1));
    }
    const members = Object.entries(value as JsonObject);
    return Object.fromEntries(
      members.map(([name, member]) => [name, this.without(member, depth + 1)]),
    );
  }

  #element(value: unknown, depth: number): readonly unknown[] {
    const object = asObject(value);
    if (object?.['type'] === 'text' && typeof object['text'] === 'string') return [object['text']];
    const picture = pictureOf(object);
    if (picture === null) return [this.without(value, depth)];
    this.found = true;
    if (this.#isFailed) return [omitted];
    this.pictures.push(picture);
    return [];
  }
}

function pictureOf(object: JsonObject | null): ContentBlock | null {
  if (object?.['type'] !== 'image') return null;
  const [data, type] = [asText(object['data']), asText(object['mediaType'])];
  if (data === null || type === null) return null;
  return { type: 'image', source: { type: 'base64', media_type: type, data } };
}
