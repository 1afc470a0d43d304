/**
 * Random sessions of Gemini CLI in each of its three kinds of files: clean, odd and damaged alike.
 */
import fc from './fast-check.ts';

const word = fc.constantFrom('one', 'two words', 'ünï', 'a "quote"', '{', '\n- x', ' ');
/** Ids of calls; few, so that they meet. */
export const id: fc.Arbitrary<string> = fc.constantFrom('c1', 'c2', 'c3');
/** Names of tools. */
export const tool: fc.Arbitrary<string> = fc.constantFrom('read_file', 'run_shell_command');
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
/** JSON lines: records written again, rewinds, lists that replace all. */
export const linesFile: fc.Arbitrary<string> = fc
  .tuple(fc.array(line, { maxLength: 10 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .map(
    ([lines, end, ends]) =>
      [header, ...lines].map((l) => JSON.stringify(l)).join(end) + (ends ? end : ''),
  );
/** One object over many lines, as older versions wrote it. */
export const wholeFile: fc.Arbitrary<string> = fc
  .tuple(fc.array(message, { maxLength: 6 }), fc.constantFrom(2, 4, '\t'))
  .map(([messages, indent]) => JSON.stringify({ ...header, messages }, null, indent));
const content = fc.oneof(
  fc.record({
    role: fc.constant('user'),
    parts: fc.array(fc.oneof(textPart, responsePart, otherPart)),
  }),
  fc.record({ role: fc.constant('model'), parts: fc.array(modelPart) }),
);
/** What `/chat save` writes. */
export const checkpoint: fc.Arbitrary<string> = fc
  .tuple(fc.array(content, { maxLength: 5 }), fc.constantFrom(undefined, 2), fc.boolean())
  .map(([history, indent, bare]) =>
    JSON.stringify(bare ? history : { history, authType: 'x' }, null, indent),
  );
