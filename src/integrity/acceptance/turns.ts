/**
 * The turns of a request: messages of one role in a row are one, as every sender joins them. Also
 * what no provider takes, whatever its shapes are. Pure, and apart from the planner on purpose.
 */
import { deepJson } from '../../base/deep-json.ts';
import type { PlacedMessage } from '../conversation.ts';

/** The members of a block, of whatever kind it is. */
export type Part = Readonly<Record<string, unknown>> & { readonly type: string };

/** One turn of a request. */
export interface Turn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly parts: readonly Part[];
}

const wireRoles: Readonly<Record<string, Turn['role']>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  tool: 'user',
  assistant: 'assistant',
};

/** How a sender draws turns up. */
export interface Joining {
  /** `apart`: system messages go elsewhere, and then separate nothing. */
  readonly system: 'between' | 'apart';
  readonly answers: 'joined' | 'single';
}

/** The turns of the messages; messages of unknown roles are not sent. */
export function turnsOf(messages: readonly PlacedMessage[], joining: Joining): readonly Turn[] {
  const turns: (Turn & { readonly parts: Part[] })[] = [];
  for (const { role: name, content } of messages) {
    const role = roleOf(name);
    const parts = content as readonly Part[];
    const isSilent = parts.every(({ type, text }) => type === 'text' && isBlank(text));
    if (role === undefined) continue;
    if (role === 'system' && (joining.system === 'apart' || isSilent)) continue;
    const last = turns.at(-1);
    if (last?.role === role && (role !== 'assistant' || joining.answers === 'joined')) {
      for (const part of parts) last.parts.push(part);
    } else turns.push({ role, parts: [...parts] });
  }
  return turns;
}

function roleOf(name: string): Turn['role'] | undefined {
  return Object.hasOwn(wireRoles, name) ? wireRoles[name] : undefined;
}

/** What every provider refuses about single messages. */
export function refusedAnywhere(messages: readonly PlacedMessage[]): readonly string[] {
  return messages.flatMap(({ role, content }, index) => [
    ...(content as readonly Part[])
      .filter(({ type }) => isMisplaced(type, roleOf(role)))
      .map(({ type }) => `messages.${index}: ${type} is not for the role ${role}`),
    ...(content as readonly Part[])
      .flatMap((part) => [part, ...listOf(part)])
      .filter((part) => !isTyped(part))
      .map(() => `messages.${index}.content: Input should be an object with a type`),
    ...(content as readonly Part[])
      .flatMap((part) => shapesRefused(part))
      .map((reason) => `messages.${index}.${reason}`),
    ...(hasHalfCharacter(content) ? [`messages.${index}: not valid JSON: half a character`] : []),
  ]);
}

/** Reasons for which the shape of a part is refused, whatever it says. */
function shapesRefused(part: Part): readonly string[] {
  const inside = partsOfResult(part);
  const pictures = [part, ...inside].filter(({ type }) => type === 'image');
  const calls = inside.filter(({ type }) => /^(tool_use|tool_result|.*thinking)$/.test(type));
  const { type, content, is_error: isError } = part;
  const isFlag = [undefined, null, true, false].includes(isError as boolean);
  return [
    ...pictures
      .filter(({ source }) => source === null || source === '')
      .map(() => 'image.source: Input should be a valid dictionary'),
    ...calls.map((one) => `tool_result.content: Input tag '${one.type}' is none of those expected`),
    ...(type === 'tool_result' && !isFlag ? ['is_error: Input should be a valid boolean'] : []),
    ...(type === 'tool_result' && content === null ? ['content: Input should be a list'] : []),
  ];
}

/** Only the model calls and thinks, and only the user's side hands over results. */
function isMisplaced(type: string, role: Turn['role'] | undefined): boolean {
  if (type === 'tool_result') return role === 'assistant' || role === 'system';
  const isOfModel = ['tool_use', 'thinking', 'redacted_thinking', 'reasoning'].includes(type);
  return isOfModel && (role === 'user' || role === 'system');
}

/** Messages in which there is nothing to see. */
export function emptyMessages(messages: readonly PlacedMessage[]): readonly string[] {
  return messages.flatMap(({ content }, index) =>
    (content as readonly Part[]).every(({ type, text }) => type === 'text' && isBlank(text))
      ? [`messages.${index}: all messages must have non-empty content`]
      : [],
  );
}

/** Messages of no parts at all. */
export function bareMessages(messages: readonly PlacedMessage[]): readonly string[] {
  return messages
    .filter(({ content }) => content.length === 0)
    .map(() => "Invalid value for 'content': expected a string, got null.");
}

/** Texts without anything to see, also inside results. */
export function blankTexts(messages: readonly PlacedMessage[]): readonly string[] {
  return messages
    .flatMap(({ content }) => content as readonly Part[])
    .flatMap((part) => [part, ...partsOfResult(part)])
    .filter(({ type, text }) => type === 'text' && isBlank(text))
    .map(() => 'text content blocks must be non-empty');
}

/** The parts inside a result. */
export function partsOfResult(part: Part): readonly Part[] {
  return listOf(part).filter(isTyped);
}

function listOf({ type, content }: Part): readonly unknown[] {
  return type === 'tool_result' && Array.isArray(content) ? (content as readonly unknown[]) : [];
}

/** False for what no kind is told of; readers put such a value into a part of its own. */
function isTyped(part: unknown): part is Part {
  if (typeof part !== 'object' || part === null) return false;
  const { type } = part as { readonly type?: unknown };
  return typeof type === 'string' && !(type === 'unknown' && Object.hasOwn(part, 'value'));
}

/** How many images are too many, counted also inside results. */
export function tooManyImages(messages: readonly PlacedMessage[], max: number): readonly string[] {
  const count = messages
    .flatMap(({ content }) => content as readonly Part[])
    .flatMap((part) => [part, ...partsOfResult(part)])
    .filter(({ type }) => type === 'image').length;
  return count > max ? [`IMAGE_LIMIT: ${count} images, at most ${max}`] : [];
}

/** Calls whose id, name or arguments have another form. */
export function misshapenCalls(
  messages: readonly PlacedMessage[],
  form: { readonly id: RegExp; readonly name: RegExp; readonly input: keyof typeof inputs },
): readonly string[] {
  const calls = messages
    .flatMap(({ content }) => content as readonly Part[])
    .filter(({ type }) => type === 'tool_use');
  return calls.flatMap(({ id, name, input }) => [
    ...(typeof id === 'string' && form.id.test(id) ? [] : [`call id: invalid: ${shown(id)}`]),
    ...(typeof name === 'string' && form.name.test(name) ? [] : [`name: invalid: ${shown(name)}`]),
    ...(inputs[form.input](input) ? [] : [`input: should be ${form.input}`]),
  ]);
}

/** What arguments may be; a string is a text that is no JSON. */
const inputs: Readonly<Record<'object' | 'json' | 'anything', (value: unknown) => boolean>> = {
  object: isObject,
  json: (value) => !['undefined', 'string'].includes(typeof value) && value !== null,
  anything: () => true,
};

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as a reason shows it. */
export function shown(value: unknown): string {
  return deepJson(value) ?? 'undefined';
}

/** With a list of what is left to look at: arguments may be nested deeper than the stack is. */
function hasHalfCharacter(root: unknown): boolean {
  const left: unknown[] = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'string' && half.test(value)) return true;
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) continue;
    for (const [name, part] of Object.entries(value)) {
      if (half.test(name)) return true;
      left.push(part);
    }
  }
  return false;
}

const half = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** True for what a provider may have signed or encrypted, of which no byte is known to be lost. */
export function isSealed(text: unknown): boolean {
  return typeof text === 'string' && /^[^\uFFFD]+$/u.test(text);
}

/** The ids that come more than once. */
export function repeated(ids: readonly unknown[]): readonly unknown[] {
  const seen = new Set<unknown>();
  const again = new Set<unknown>();
  for (const id of ids) (seen.has(id) ? again : seen).add(id);
  return [...again];
}

/** True for a text without anything to see. */
export function isBlank(text: unknown): boolean {
  return typeof text !== 'string' || text.trim() === '';
}
