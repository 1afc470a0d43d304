/**
 * Messages of role `system` in a list for Anthropic, which takes instructions beside the messages
 * and refuses them among these. In the body of a request they are lifted into its `system`; a list
 * that stands alone has no such place, so there it is only told.
 */
import type { ByteSource } from '../byte-source.ts';
import type { Remark } from '../found.ts';
import type { JsonFrame } from '../json-file.ts';
import { compactStyle, styledJson } from '../json-style.ts';
import type { JsonStyle } from '../json-style.ts';
import { asObject } from '../json-value.ts';
import type { JsonObject } from '../json-value.ts';
import { listSplices } from '../list-splices.ts';
import { bytesAt, recordAt } from '../record-at.ts';
import type { Splice } from '../splice.ts';
import { systemMember } from '../system-member.ts';
import { unreadMembers } from '../unread.ts';
import type { Container } from './container.ts';
import type { MessageTable } from './table.ts';

/** True for instructions that stand among the messages. */
export function isStray(message: JsonObject): boolean {
  return message['role'] === 'system' || message['role'] === 'developer';
}

/** What is told of such a message. */
export function strayRemark({ path }: Container): Remark {
  const inBody = path !== null && path.length > 0;
  return {
    code: 'ROLE_ORDER',
    severity: 'error',
    meaning: 'Instructions stand among the messages; Anthropic takes them in `system` beside them.',
    fix: inBody
      ? 'Lift them into the `system` of the request.'
      : 'Take the message out of the list, and send what it says as the `system` of the request.',
  };
}

const why = {
  code: 'ROLE_ORDER',
  told: 'Instructions among the messages are refused; they become the `system` of the request.',
} as const;

/** Splices that lift the messages of these records into the body around the list. */
export function liftedSystem(
  source: ByteSource,
  table: MessageTable,
  frame: JsonFrame | null,
  stray: readonly number[],
): readonly Splice[] {
  const array = frame?.array ?? null;
  if (array === null || frame?.heads[0] === undefined) return [];
  const messages = stray.map((record) => recordAt(source, table.place(record)));
  // What cannot be read stays, for the plan to list it.
  const isRead = ({ content }: JsonObject): boolean => content !== undefined && content !== null;
  const parts = messages.map((message) => {
    return isRead(message) || unreadMembers(message) === null ? partsOf(message['content']) : null;
  });
  const lifted = new Set(stray.filter((_record, at) => parts[at] !== null));
  // A request without any message is none.
  if (lifted.size === 0 || lifted.size === table.length) return [];
  const elements = Array.from({ length: table.records }, (_none, record) => table.place(record));
  const text = (from: number, to: number): string =>
    Buffer.from(bytesAt(source, from, to - from)).toString('latin1');
  const kept = elements.flatMap((_place, record) => (lifted.has(record) ? [] : [{ kept: record }]));
  const member = systemMember(source, frame, ['system']);
  const own = member === null ? [] : partsOf(member.value);
  if (own === null) return [];
  const blocks = [...own, ...parts.flatMap((each) => each ?? [])];
  const [only] = blocks;
  const value = blocks.length === 1 && isPlain(only) ? only['text'] : blocks;
  const list = listSplices({ from: array.from, elements, text }, kept);
  return [placed(source, member, value), ...list].map((splice) => ({ ...splice, why }));
}

/**
 * What a content holds, texts as blocks; null where that has no place in the `system`, as pictures.
 * What a plan makes texts of, or takes elsewhere, is lifted too: it would be once that is done.
 */
function partsOf(content: unknown): readonly unknown[] | null {
  if (content === '' || content === undefined) return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) && content.every(isMovable) ? content : null;
}

const movable: ReadonlySet<unknown> = new Set([
  'text',
  'tool_use',
  'tool_result',
  'thinking',
  'redacted_thinking',
  'reasoning',
]);

function isMovable(part: unknown): boolean {
  const block = asObject(part);
  const type = block?.['type'];
  return (
    block === null ||
    typeof type !== 'string' ||
    movable.has(type) ||
    (type === 'unknown' && 'value' in block)
  );
}

function isPlain(part: unknown): part is JsonObject {
  const block = asObject(part);
  const isText = block?.['type'] === 'text' && typeof block['text'] === 'string';
  return isText && Object.keys(block).length === 2;
}

/** The value where the member stands, or in front of the first member of the body. */
function placed(
  source: ByteSource,
  member: ReturnType<typeof systemMember>,
  value: unknown,
): Splice {
  const head = Buffer.from(source.read(0, Math.min(source.size, headBytes))).toString('latin1');
  const begin = head.indexOf('{') + 1;
  const gap = /^\s*/.exec(head.slice(begin))?.[0] ?? '';
  const style = styleFor(head.slice(begin), gap);
  const text = styledJson(value, style);
  if (member !== null) {
    const { offset, length } = member.place;
    return { offset, length, bytes: Buffer.from(text) };
  }
  const bytes = Buffer.from(`"system"${style.colon}${text},${gap === '' ? blankOf(style) : gap}`);
  return { offset: begin + gap.length, length: 0, bytes };
}

const headBytes = 4096;

/** The layout of the first member, for one beside it. */
function styleFor(members: string, gap: string): JsonStyle {
  const colon = /^\s*"(?:[^"\\]|\\.)*": /.test(members) ? ': ' : ':';
  const [lineEnd = ''] = /^\r?\n/.exec(gap) ?? [];
  const indent = gap.slice(lineEnd.length);
  if (lineEnd === '' || indent === '') {
    return { ...compactStyle, colon, comma: colon === ': ' ? ', ' : ',' };
  }
  return { indent, base: indent, colon, comma: ',', lineEnd: lineEnd === '\r\n' ? '\r\n' : '\n' };
}

function blankOf({ comma }: JsonStyle): string {
  return comma === ', ' ? ' ' : '';
}
