/** Whatever a plan says, the file that is written reads as the plan says, and else stays as it is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../../src/base/errors.ts';
import type { ContentBlock } from '../../../src/session/message.ts';
import { gemini } from '../../../src/transcript/gemini-cli/reader.ts';
import type { Said } from '../../helpers/transcript-lab.ts';
import {
  editSeeds,
  edited,
  editsFrom,
  openBytes,
  runs,
  saidIn,
  spliced,
} from '../../helpers/transcript-lab.ts';

const word = fc.constantFrom('one', 'two words', 'ünï', 'a "quote"', '{', '\n- x', ' ');
const id = fc.constantFrom('c1', 'c2', 'c3');
const tool = fc.constantFrom('read_file', 'run_shell_command');
const args = fc.constantFrom({}, { path: 'a.txt' }, { list: [1, 2.5, null] });
const response = fc.oneof(
  word.map((output) => ({ output })),
  word.map((error) => ({ error })),
  fc.constantFrom<object>({}, { output: 'x', exitCode: 1 }, { nested: { deep: [true] } }),
);
const call = fc.record({ id, name: tool, args });
const responsePart = fc.record({
  functionResponse: fc.record({ id, name: tool, response }, { requiredKeys: ['name', 'response'] }),
});
const otherPart = fc.constantFrom<object>(
  { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
  { inlineData: { mimeType: 'audio/wav', data: 'BBBB' } },
  { fileData: { fileUri: 'gs://x' } },
  { executableCode: { code: '1' } },
);
const textPart = fc.record({ text: word });
const userContent = fc.oneof(
  word,
  fc.array(fc.oneof(textPart, otherPart, responsePart, word), { maxLength: 3 }),
  fc.constantFrom('/help', '', '<session_context> x', '? what'),
);
const signature = fc.constantFrom({}, { thoughtSignature: 'c2ln' });
const modelPart = fc.oneof(
  textPart,
  fc.tuple(textPart, signature).map(([part, signed]) => ({ ...part, thought: true, ...signed })),
  fc.tuple(call, signature).map(([functionCall, signed]) => ({ functionCall, ...signed })),
);
const result = fc.oneof(
  fc.constantFrom(undefined, null, 'done'),
  responsePart,
  fc.array(fc.oneof(responsePart, otherPart, textPart), { maxLength: 2 }),
);
const status = fc.constantFrom('success', 'error', 'cancelled', 'executing', 'scheduled');
const toolCall = fc.record({ id, name: tool, args, result, status, timestamp: fc.constant('t') });
const thought = fc.record({ subject: word, description: word, timestamp: fc.constant('t') });
const modelRecord = fc.record(
  {
    type: fc.constant('gemini'),
    content: fc.oneof(word, fc.constant(''), fc.array(modelPart, { maxLength: 4 })),
    toolCalls: fc.array(toolCall, { maxLength: 3 }),
    thoughts: fc.array(thought, { maxLength: 2 }),
    model: fc.constant('gemini-3-pro'),
  },
  { requiredKeys: ['type', 'content'] },
);
const record = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('user'), content: userContent }) },
  { weight: 4, arbitrary: modelRecord },
  { weight: 1, arbitrary: fc.constantFrom({ type: 'info', content: 'hi' }, { type: 'odd' }) },
);
const messageId = fc.integer({ min: 0, max: 7 }).map((n) => `m${n}`);
const message = fc
  .tuple(messageId, record)
  .map(([mid, rest]) => ({ id: mid, timestamp: 't', ...rest }));
const header = { sessionId: 's', projectHash: 'p', startTime: 't', lastUpdated: 't', kind: 'main' };
const line = fc.oneof(
  { weight: 8, arbitrary: message },
  { weight: 1, arbitrary: messageId.map((mid) => ({ $rewindTo: mid })) },
  {
    weight: 1,
    arbitrary: fc.array(message, { maxLength: 3 }).map((messages) => ({ $set: { messages } })),
  },
  { weight: 1, arbitrary: fc.constantFrom<object>({ $set: { summary: 's' } }, { odd: 1 }) },
);
const linesFile = fc
  .tuple(fc.array(line, { maxLength: 10 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(
    ([lines, end, ends]) =>
      [header, ...lines].map((l) => JSON.stringify(l)).join(end) + (ends ? end : ''),
  );
const wholeFile = fc
  .tuple(fc.array(message, { maxLength: 6 }), fc.constantFrom(2, 4, '\t'))
  .map(([messages, indent]) => JSON.stringify({ ...header, messages }, null, indent));
const content = fc.oneof(
  fc.record({
    role: fc.constant('user'),
    parts: fc.array(fc.oneof(textPart, responsePart, otherPart)),
  }),
  fc.record({ role: fc.constant('model'), parts: fc.array(modelPart) }),
);
const checkpoint = fc
  .tuple(fc.array(content, { maxLength: 5 }), fc.constantFrom(undefined, 2), fc.boolean())
  .map(([history, indent, bare]) =>
    JSON.stringify(bare ? history : { history, authType: 'x' }, null, indent),
  );

const safeWord = fc.constantFrom('added', 'more text', '[note]');
const freshText = safeWord.map((text): ContentBlock => ({ type: 'text', text }));
const freshResult = fc.tuple(id, safeWord, fc.constantFrom({}, { is_error: true })).map(
  ([tool_use_id, text, rest]): ContentBlock => ({
    type: 'tool_result',
    tool_use_id,
    content: text,
    ...rest,
  }),
);
const freshCall = fc.tuple(id, tool, fc.constantFrom({}, { thought_signature: 'x' })).map(
  ([callId, name, rest]): ContentBlock => ({
    type: 'tool_use',
    id: callId,
    name,
    input: { a: 1 },
    ...rest,
  }),
);
const seeds = editSeeds(fc.oneof(freshText, freshResult), fc.oneof(freshText, freshCall));

/** Without what reading adds by itself, and without messages of nothing, which Gemini CLI drops. */
function plain(messages: readonly Said[]): unknown {
  return messages
    .filter(({ content: blocks }) => blocks.length > 0)
    .map(({ role, content: blocks }) => ({
      role,
      content: blocks.map((block) => {
        const { status: _, response: __, ...rest } = block as Record<string, unknown>;
        if (block.type === 'tool_result') delete rest['name'];
        return rest;
      }),
    }));
}

/** True when the tool would take what is left of a message for a command, or for nothing. */
function isUnspeakable(error: unknown, wanted: readonly Said[]): boolean {
  if (!HoldfastError.is(error, 'INVALID')) return false;
  return wanted.some(({ role, content: blocks }) => {
    if (role !== 'user') return false;
    const text = blocks
      .map((b) => (b.type === 'text' ? b.text : '[x]'))
      .join('')
      .trim();
    return text === '' || /^(?:\/|\?|<session_context>|<hook_context>)/.test(text);
  });
}

describe.each([
  ['lines', linesFile],
  ['whole file', wholeFile],
  ['checkpoint', checkpoint],
])('gemini writes %s', (_name, files) => {
  it('as the edits say, whatever they are', () => {
    let written = 0;
    fc.assert(
      fc.property(files, seeds, (bytes, some) => {
        const transcript = openBytes(gemini, bytes);
        const before = saidIn(transcript);
        const edits = editsFrom(before, some);
        const wanted = edited(before, edits);
        let splices;
        try {
          splices = transcript.write?.(edits) ?? [];
        } catch (error) {
          expect(isUnspeakable(error, wanted), String(error)).toBe(true);
          return;
        }
        written += 1;
        const after = spliced(bytes, splices);
        const again = openBytes(gemini, after);
        expect(plain(saidIn(again))).toEqual(plain(wanted));
        expect(again.findings.filter(({ code }) => code !== 'UNEXPECTED_RECORD')).toEqual(
          transcript.findings
            .filter(({ code }) => code !== 'UNEXPECTED_RECORD')
            .map(() => expect.anything()),
        );
        if (edits.length === 0) expect(after.toString()).toBe(bytes);
      }),
      runs(400),
    );
    expect(written).toBeGreaterThan(100);
  });
});
