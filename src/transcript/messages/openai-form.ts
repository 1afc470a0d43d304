/**
 * What chat completions refuse in the form of a message, and what the conversation does not show: a
 * list of calls that is empty, arguments or results that are no text, a content that is no list.
 * The bytes are mended where they are.
 */
import { elementSpans, pathSpan, withoutMember } from '../json-span.ts';
import type { Span } from '../json-span.ts';
import { asObject } from '../json-value.ts';
import { listedContent, loneBlock, loneWords } from '../lone-content.ts';
import type { JsonObject } from '../json-value.ts';
import type { FormFault } from './dialect.ts';

/** The faults of the message in these bytes. */
export function formFaults(message: JsonObject, bytes: () => Uint8Array): readonly FormFault[] {
  return [...contentFaults(message, bytes), ...callFaults(message, bytes)];
}

/** What a message or a result says, in another shape than a text or a list. */
function contentFaults(message: JsonObject, bytes: () => Uint8Array): readonly FormFault[] {
  const { role, content } = message;
  if (role !== 'tool' && role !== 'function') return loneFaults(message, bytes);
  const isFine = content === undefined || content === null || typeof content === 'string';
  if (isFine || Array.isArray(content)) return [];
  const inside = bytes();
  const mend = textOfJson(inside, pathSpan(inside, ['content']));
  return [
    {
      meaning: 'What a result says is JSON, where a text is wanted.',
      fix: 'Write it as a text.',
      mend,
    },
  ];
}

/** A content that is one block. */
export function loneFaults({ content }: JsonObject, bytes: () => Uint8Array): readonly FormFault[] {
  if (loneBlock(content) === null) return [];
  return [{ ...loneWords, mend: listedContent(bytes(), ['content']) }];
}

function callFaults(message: JsonObject, bytes: () => Uint8Array): readonly FormFault[] {
  const calls: unknown = message['tool_calls'];
  if (!Array.isArray(calls)) return [];
  if (calls.length === 0) {
    const span = withoutMember(bytes(), 0, 'tool_calls');
    return [
      {
        meaning: 'The list of calls is empty, which is refused; a message without calls has none.',
        fix: 'Take the empty list out.',
        mend: span === null ? null : { ...span, text: '' },
      },
    ];
  }
  return (calls as readonly unknown[]).flatMap((call, at) => {
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

function asText(bytes: Uint8Array, call: number): FormFault['mend'] {
  const list = pathSpan(bytes, ['tool_calls']);
  const element = list === null ? undefined : elementSpans(bytes, list.start)[call];
  if (element === undefined) return null;
  const inside = bytes.subarray(element.start, element.end);
  const mend = textOfJson(inside, pathSpan(inside, ['function', 'arguments']));
  if (mend === null) return null;
  const [start, end] = [element.start + mend.start, element.start + mend.end];
  return { ...mend, start, end };
}

function textOfJson(bytes: Uint8Array, span: Span | null): FormFault['mend'] {
  if (span === null) return null;
  const text = Buffer.from(bytes.subarray(span.start, span.end)).toString('utf8');
  return { ...span, text: JSON.stringify(text) };
}
