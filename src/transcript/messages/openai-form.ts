/**
 * What chat completions refuse in the form of a message, and what the conversation does not show: a
 * list of calls that is empty or no list, arguments that are no text, results that are none or have
 * none, a content that is no list.
 * The bytes are mended where they are.
 */
import { elementSpans, memberSpans, pathSpan, withoutMember } from '../json-span.ts';
import type { Span } from '../json-span.ts';
import { asObject } from '../json-value.ts';
import { listedContent, loneBlock, loneWords } from '../lone-content.ts';
import type { JsonObject } from '../json-value.ts';
import { unreadMembers } from '../unread.ts';
import type { FormFault } from './dialect.ts';

/** The faults of the message in these bytes. */
export function formFaults(message: JsonObject, bytes: () => Uint8Array): readonly FormFault[] {
  return [...contentFaults(message, bytes), ...callFaults(message, bytes)];
}

/** What a message or a result says, in another shape than a text or a list. */
function contentFaults(message: JsonObject, bytes: () => Uint8Array): readonly FormFault[] {
  const { role, content } = message;
  const isResult = role === 'tool' || role === 'function';
  if (Array.isArray(content) && content.length === 0)
    return listFaults(message, { isResult }, bytes);
  if (!isResult) return loneFaults(message, bytes);
  if (typeof content === 'string' || Array.isArray(content)) return [];
  if (content === null && role === 'function') return [];
  const inside = bytes();
  if (content === undefined || content === null) {
    return unreadResult(message).unread === undefined
      ? [{ ...silent, mend: emptyText(inside) }]
      : [];
  }
  const mend = textOfJson(inside, pathSpan(inside, ['content']));
  return [
    {
      meaning: 'What a result says is JSON, where a text is wanted.',
      fix: 'Write it as a text.',
      mend,
    },
  ];
}

/** An empty list is refused where something else stands beside it; alone it is an empty message. */
function listFaults(
  message: JsonObject,
  { isResult }: { readonly isResult: boolean },
  bytes: () => Uint8Array,
): readonly FormFault[] {
  const { tool_calls: calls, function_call: old } = message;
  const isCalling = (Array.isArray(calls) && calls.length > 0) || asObject(old) !== null;
  if (!isResult && !isCalling) return [];
  const span = pathSpan(bytes(), ['content']);
  return [
    {
      meaning: 'The content of a message is an empty list, which is refused.',
      fix: isResult ? 'Write an empty text.' : 'Write null beside the calls.',
      mend: span === null ? null : { ...span, text: isResult ? '""' : 'null' },
    },
  ];
}

/** What a result without content says under other names, where it says anything. */
export function unreadResult(message: JsonObject): { readonly unread?: JsonObject } {
  const { content } = message;
  const isSilent = content === undefined || content === null;
  const unread = isSilent ? unreadMembers(message, besides) : null;
  return unread === null ? {} : { unread };
}

/** Members of a result that tell whose it is. */
const besides: ReadonlySet<string> = new Set([
  'tool_call_id',
  'tool_call_ids',
  'agent',
  'message_type',
]);

const silent = {
  meaning: 'A result has no content, which is refused; a tool that said nothing has an empty text.',
  fix: 'Give it an empty text.',
} as const;

/** In place of a content that is null, or behind the last member of a message that has none. */
function emptyText(bytes: Uint8Array): FormFault['mend'] {
  const span = pathSpan(bytes, ['content']);
  if (span !== null) return { ...span, text: '""' };
  const members = memberSpans(bytes, 0);
  const [first, second] = members;
  const last = members.at(-1);
  if (first === undefined || last === undefined) return null;
  const between = (from: number, to: number): string =>
    Buffer.from(bytes.subarray(from, to)).toString('utf8');
  // As far apart as the members that are there.
  const gap = second === undefined ? ',' : between(first.whole.end, second.whole.start);
  const colon = between(first.whole.start, first.value.start).replace(/^"[^]*"/u, '');
  const { end } = last.whole;
  return { start: end, end, text: `${gap}"content"${colon}""` };
}

/** A content that is one block. */
export function loneFaults({ content }: JsonObject, bytes: () => Uint8Array): readonly FormFault[] {
  if (loneBlock(content) === null) return [];
  return [{ ...loneWords, mend: listedContent(bytes(), ['content']) }];
}

function callFaults(message: JsonObject, bytes: () => Uint8Array): readonly FormFault[] {
  const calls: unknown = message['tool_calls'];
  if (calls === undefined || calls === null) return [];
  if (!Array.isArray(calls)) return [listFault(calls, bytes())];
  if (calls.length === 0) {
    return [
      {
        meaning: 'The list of calls is empty, which is refused; a message without calls has none.',
        fix: 'Take the empty list out.',
        mend: withoutCalls(bytes()),
      },
    ];
  }
  return (calls as readonly unknown[]).flatMap((call, at) => {
    const type = asObject(call)?.['type'];
    if (typeof type === 'string' && !callTypes.has(type)) return [typeFault(call, at, bytes())];
    const given = asObject(asObject(call)?.['function'])?.['arguments'];
    // Without any, or with null, the rules speak of it.
    if (given === undefined || given === null || typeof given === 'string') return [];
    const mend = asText(bytes(), at);
    return [
      {
        meaning: 'The arguments of a call are JSON, where a text of JSON is wanted.',
        fix: 'Write them as a text.',
        mend,
      },
    ];
  });
}

const callTypes: ReadonlySet<string> = new Set(['function', 'custom']);

/** The type says which member the call stands in, so that member says the type. */
function typeFault(call: unknown, at: number, bytes: Uint8Array): FormFault {
  const own = [...callTypes].filter((name) => asObject(asObject(call)?.[name]) !== null);
  const [only] = own;
  const span = own.length === 1 ? inCall(bytes, at, ['type']) : null;
  return {
    meaning: 'The type of a call is neither `function` nor `custom`.',
    fix: only === undefined ? 'Write the call as one of them.' : `Write ${JSON.stringify(only)}.`,
    mend: span === null ? null : { ...span, text: JSON.stringify(only) },
  };
}

/** One call alone is put into a list, and what says nothing goes; nobody guesses at the rest. */
function listFault(calls: unknown, bytes: Uint8Array): FormFault {
  const meaning = 'The calls of a message are no list, which is refused.';
  const object = asObject(calls);
  const isCall = asObject(object?.['function']) !== null;
  const isNothing = calls === '' || (object !== null && Object.keys(object).length === 0);
  if (isNothing)
    return { meaning, fix: 'Take them out; they are empty.', mend: withoutCalls(bytes) };
  const mend = isCall ? listedContent(bytes, ['tool_calls']) : null;
  return { meaning, fix: isCall ? 'Put the call into a list.' : 'Write them as a list.', mend };
}

function withoutCalls(bytes: Uint8Array): FormFault['mend'] {
  const span = withoutMember(bytes, 0, 'tool_calls');
  return span === null ? null : { ...span, text: '' };
}

function asText(bytes: Uint8Array, call: number): FormFault['mend'] {
  return textOfJson(bytes, inCall(bytes, call, ['function', 'arguments']));
}

/** Where a member of a call stands in the bytes of its message. */
function inCall(bytes: Uint8Array, call: number, path: readonly string[]): Span | null {
  const list = pathSpan(bytes, ['tool_calls']);
  const element = list === null ? undefined : elementSpans(bytes, list.start)[call];
  if (element === undefined) return null;
  const inside = pathSpan(bytes.subarray(element.start, element.end), path);
  if (inside === null) return null;
  return { start: element.start + inside.start, end: element.start + inside.end };
}

function textOfJson(bytes: Uint8Array, span: Span | null): FormFault['mend'] {
  if (span === null) return null;
  const text = Buffer.from(bytes.subarray(span.start, span.end)).toString('utf8');
  return { ...span, text: JSON.stringify(text) };
}
