/** What `/chat save` writes: the contents of the API as they are, one turn each. */
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, sameJson } from '../json-value.ts';
import type { Turn, ValueCodec } from '../value-codec.ts';
import { keeperOf } from '../value-codec.ts';
import { unreadMembers } from '../unread.ts';
import { blockOfPart, partOfBlock, partsOf } from './parts.ts';
import { namesIn } from './session-words.ts';

/** Contents of Gemini in both directions; they can say every message. */
export const contentCodec: ValueCodec = {
  decode: decodeContent,
  encode(value, wanted) {
    const own = asObject(value);
    const keeper = keeperOf(decodeContent(value)[0], wanted);
    return wanted.map((turn, index) =>
      contentFor(index === keeper && own !== null ? own : {}, turn),
    );
  },
};

/** The messages of one content; none for what is no content. */
function decodeContent(value: unknown): readonly Turn[] {
  const content = asObject(value);
  if (content === null || !isContent(content)) return [];
  const blocks = partsOf(content['parts']).map(blockOfPart);
  const unread = blocks.length === 0 ? unreadMembers(content) : null;
  const turn = { role: roleOf(content), content: blocks, model: null };
  return [unread === null ? turn : { ...turn, unread }];
}

/** True for a turn of the API: a role, and a list of parts or none. */
export function isContent(value: JsonObject): boolean {
  const { role, parts } = value;
  if (typeof role !== 'string') return false;
  return parts === undefined || Array.isArray(parts) || asObject(parts) !== null;
}

/** Where the parts stand that are one part and no list; null for any other content. */
export function loneParts({ parts }: JsonObject): readonly string[] | null {
  return asObject(parts) === null ? null : ['parts'];
}

function roleOf(content: JsonObject): string {
  const role = asText(content['role']) ?? '';
  return role === 'model' ? 'assistant' : role;
}

function listOf(parts: unknown): readonly unknown[] {
  const lone = asObject(parts);
  return lone === null ? asList(parts) : [lone];
}

function contentFor(base: JsonObject, turn: Turn): JsonObject {
  const old = listOf(base['parts']).map((part) => ({
    part,
    block: blockOfPart(partsOf([part])[0]),
  }));
  const names = namesIn(turn.content);
  const parts = turn.content.map((block) => {
    // Two that read the same may differ in digits, so each goes on as one of them.
    const at = old.findIndex((known) => sameJson(known.block, block));
    const [same] = at < 0 ? [] : old.splice(at, 1);
    return same?.part ?? partOfBlock(block, names);
  });
  const role = turn.role === 'assistant' ? 'model' : turn.role;
  if (base['parts'] === undefined && parts.length === 0) return { ...base, role };
  return { ...base, role, parts };
}
