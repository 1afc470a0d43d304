/** What `/chat save` writes: the contents of the API as they are, one turn each. */
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, sameJson } from '../json-value.ts';
import type { Turn, ValueCodec } from '../value-codec.ts';
import { keeperOf } from '../value-codec.ts';
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
  return [{ role: roleOf(content), content: blocks, model: null }];
}

/** True for a turn of the API: a role, and a list of parts or none. */
export function isContent(value: JsonObject): boolean {
  const { role, parts } = value;
  return typeof role === 'string' && (parts === undefined || Array.isArray(parts));
}

function roleOf(content: JsonObject): string {
  const role = asText(content['role']) ?? '';
  return role === 'model' ? 'assistant' : role;
}

function contentFor(base: JsonObject, turn: Turn): JsonObject {
  const old = asList(base['parts']).map((part) => ({
    part,
    block: blockOfPart(partsOf(part)[0] ?? {}),
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
