/**
 * The messages of Cline and of its forks Roo and Kilo: those of the Anthropic API, with members of
 * their own beside role and content. They can say every message.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, sameJson, textOf } from '../json-value.ts';
import { loneBlock } from '../lone-content.ts';
import { unreadMembers } from '../unread.ts';
import { knownBlock, rawBlock } from '../known-block.ts';
import type { Around, Turn, ValueCodec } from '../value-codec.ts';
import { keeperOf, noWordsFor } from '../value-codec.ts';
import { keptBlock, sentBlock } from './operations.ts';

/** Messages of Cline in both directions. */
export const clineCodec: ValueCodec = { decode: decodeMessage, encode: encodeMessages };

/** True for what the tool takes for a message. */
export function isMessage(value: JsonObject): boolean {
  const { role, content } = value;
  return typeof role === 'string' && (typeof content === 'string' || Array.isArray(content));
}

function decodeMessage(value: unknown): readonly Turn[] {
  const message = asObject(value);
  const role = asText(message?.['role']);
  if (message === null || role === null) return [];
  const model = textOf(asObject(message['modelInfo']), 'id', 'modelId');
  const content = blocksOf(message['content']);
  const unread = content.length === 0 ? unreadMembers(message, understood) : null;
  if (unread !== null) return [{ role, content, model, unread }];
  return content.length > 0 || isMessage(message) ? [{ role, content, model }] : [];
}

/** Members of Cline that are no words of a message. */
const understood: ReadonlySet<string> = new Set([
  'modelInfo',
  'metrics',
  'condenseParent',
  'condenseId',
  'truncationParent',
  'truncationId',
  'isSummary',
  'isTruncationMarker',
]);

/** Where the content stands that is one block and no list; null for any other message. */
export function loneContent({ content }: JsonObject): readonly string[] | null {
  return loneBlock(content) === null ? null : ['content'];
}

function blocksOf(content: unknown): readonly ContentBlock[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  const lone = loneBlock(content);
  return (lone === null ? asList(content) : [lone]).map((value) => sentBlock(knownBlock(value)));
}

/** The value that the file keeps of a block. */
function keptValue(block: ContentBlock): unknown {
  return rawBlock(keptBlock(block));
}

function encodeMessages(
  value: unknown,
  wanted: readonly Turn[],
  around: Around,
): readonly unknown[] {
  const near = asObject(value) ?? asObject(around.like);
  const own = asObject(value);
  const keeper = keeperOf(decodeMessage(value)[0], wanted);
  const messages = wanted.map((turn, index) => {
    if (own === null || index !== keeper) return freshMessage(near, turn, around);
    const same = sameJson(blocksOf(own['content']), turn.content);
    return same ? own : { ...own, content: turn.content.map(keptValue) };
  });
  return own === null ? messages : withMarks(own, messages);
}

/** What says that messages in front are condensed or cut, and no longer sent. */
const marks = ['isSummary', 'condenseId', 'isTruncationMarker', 'truncationId'] as const;

/** Marks stay with the first message: what is in front of a mark is hidden by it. */
function withMarks(own: JsonObject, messages: readonly JsonObject[]): readonly JsonObject[] {
  const said = marks.flatMap((name) => (name in own ? [[name, own[name]] as const] : []));
  const [first, ...others] = messages;
  if (said.length === 0 || (first === own && others.length === 0)) return messages;
  if (first === undefined)
    return noWordsFor('a task without the summary of its beginning', 'Cline');
  const plain = others.map((message) => {
    const rest = Object.entries(message).filter(([name]) => !marks.some((mark) => mark === name));
    return Object.fromEntries(rest) as JsonObject;
  });
  return [{ ...first, ...Object.fromEntries(said) }, ...plain];
}

/** With an id and a time where the neighbours have them. */
function freshMessage(near: JsonObject | null, turn: Turn, around: Around): JsonObject {
  const id = asText(near?.['id']);
  const ts = near?.['ts'];
  return {
    ...(id === null ? {} : { id: around.freshId(id) }),
    role: turn.role,
    content: turn.content.map(keptValue),
    ...(ts === undefined ? {} : { ts }),
  };
}
