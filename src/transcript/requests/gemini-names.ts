/**
 * Names of Gemini's protocol as Python and many who write to its REST address have them, with an
 * underscore: the API takes both, and so they are read as the names without. Other names stay.
 */
import type { JsonObject } from '../json-value.ts';
import { asObject } from '../json-value.ts';

type Twins = ReadonlyMap<string, string>;

const twins = (...names: readonly string[]): Twins =>
  new Map(
    names.map((name) => [name.replaceAll(/_([a-z])/g, (_, at: string) => at.toUpperCase()), name]),
  );

const ofPart = twins(
  'function_call',
  'function_response',
  'inline_data',
  'file_data',
  'thought_signature',
  'executable_code',
  'code_execution_result',
  'video_metadata',
);
const ofMedia = twins('mime_type', 'file_uri', 'display_name');
const ofConfig = twins('system_instruction');

/** The content with the names of the documentation in its parts. */
export function plainContent(content: JsonObject): JsonObject {
  const { parts } = content;
  if (Array.isArray(parts)) return { ...content, parts: parts.map(plainPart) };
  return asObject(parts) === null ? content : { ...content, parts: plainPart(parts) };
}

/** The settings of a request with the name that the documentation has for its instruction. */
export function plainConfig(config: JsonObject): JsonObject {
  return renamed(config, ofConfig);
}

/** The part with those names; what is none stays as it is. */
export function plainPart(value: unknown): unknown {
  const part = asObject(value);
  if (part === null) return value;
  const plain = renamed(part, ofPart);
  const more = ['inlineData', 'fileData'].flatMap((name) => {
    const media = asObject(plain[name]);
    return media === null ? [] : [[name, renamed(media, ofMedia)] as const];
  });
  const response = asObject(plain['functionResponse']);
  if (response !== null && Array.isArray(response['parts'])) {
    more.push(['functionResponse', { ...response, parts: response['parts'].map(plainPart) }]);
  }
  return more.length === 0 ? plain : { ...plain, ...Object.fromEntries(more) };
}

/** The members in their order; the same object when none has another name. */
function renamed(object: JsonObject, names: Twins): JsonObject {
  const wanted = new Map<string, string>();
  for (const [plain, name] of names)
    if (name in object && !(plain in object)) wanted.set(name, plain);
  if (wanted.size === 0) return object;
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [wanted.get(name) ?? name, value]),
  );
}
