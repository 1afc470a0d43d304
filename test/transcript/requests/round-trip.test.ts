/** What `export` writes in the shapes of providers is read back as the messages that it was. */
import { describe, expect, it } from 'vitest';
import { toAiSdk } from '../../../src/provider/ai-sdk.ts';
import { toAiSdkUi } from '../../../src/provider/ai-sdk-ui.ts';
import { toGemini } from '../../../src/provider/gemini.ts';
import { toOpenAiResponses } from '../../../src/provider/openai-responses.ts';
import { bytesSource } from '../../../src/transcript/byte-source.ts';
import { openTranscript } from '../../../src/transcript/formats.ts';
import type { Transcript } from '../../../src/transcript/transcript.ts';
import type { PlainMessage } from '../../helpers/placed.ts';
import { placed } from '../../helpers/placed.ts';
import { saidIn } from '../../helpers/transcript-lab.ts';

function open(text: string): Transcript {
  const walk = openTranscript(bytesSource(Buffer.from(text)));
  let step = walk.next();
  while (step.done !== true) step = walk.next();
  return step.value;
}

const picture = { type: 'base64', media_type: 'image/png', data: 'aGk=' };
const link = { type: 'url', url: 'https://example.org/a.png' };
const document = { type: 'base64', media_type: 'application/pdf', data: 'aGk=' };
const reasoning = {
  type: 'reasoning',
  id: 'rs_1',
  summary: [{ type: 'summary_text', text: 'I think.' }],
  encrypted_content: 'gAAA',
};
const asked: readonly PlainMessage[] = [
  { role: 'system', content: 'Be brief.' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'Look, and list "it".' },
      { type: 'image', source: picture },
    ],
  },
];
const answered: readonly PlainMessage[] = [
  {
    role: 'user',
    content: [
      { type: 'tool_result', tool_use_id: 'c1', content: 'a b' },
      { type: 'tool_result', tool_use_id: 'c2', content: 'No such file', is_error: true },
    ],
  },
  { role: 'assistant', content: 'Two files.' },
  { role: 'user', content: 'Thanks' },
];
const calls = [
  { type: 'tool_use', id: 'c1', name: 'ls', input: { path: '.' } },
  { type: 'tool_use', id: 'c2', name: 'cat', input: { path: 'x', deep: [1, { a: null }] } },
];
const words = { type: 'text', text: 'I look.' };
const kind = { role: 'system', content: [{ type: 'text', text: 'Be kind.' }] };

function plain(messages: readonly PlainMessage[]): unknown[] {
  return placed(messages).map(({ role, content }) => ({ role, content }));
}

/** Without the names that results of Gemini have. */
function unnamed(value: unknown): unknown {
  const text = JSON.stringify(value, (_name, member: unknown) => {
    const { type, name: _, ...rest } = Object(member) as Record<string, unknown>;
    return type === 'tool_result' ? { type, ...rest } : member;
  });
  return JSON.parse(text) as unknown;
}

describe.each([null, 2])('openTranscript, with indent %j', (indent) => {
  const json = (value: unknown): string => JSON.stringify(value, null, indent ?? undefined);

  it('reads items of the Responses API', () => {
    const custom = { type: 'tool_use', id: 'c3', name: 'sh', input: { input: 'ls' }, custom: true };
    const messages: PlainMessage[] = [
      ...asked,
      { role: 'user', content: [{ type: 'document', source: document, title: 'a.pdf' }] },
      { role: 'assistant', content: [reasoning, words, ...calls] },
      ...answered,
      { role: 'assistant', content: [custom] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c3', content: 'a' }] },
    ];
    const { value } = toOpenAiResponses(placed(messages));
    // A request has no word for an error but the text of it.
    const expected = JSON.parse(
      JSON.stringify(plain(messages)).replace(',"is_error":true', ''),
    ) as [];
    for (const file of [value, { model: 'gpt-5', input: value }]) {
      const transcript = open(json(file));
      expect(transcript.format).toBe('openai-responses');
      expect(transcript.findings).toEqual([]);
      expect(saidIn(transcript)).toEqual(expected);
      expect(transcript.write).toBe(null);
    }
    const body = open(json({ input: value, instructions: 'Be kind.' }));
    expect(saidIn(body)[0]).toEqual(kind);
    // As a response tells what it was asked with, and longer than what is held of a member.
    const item = { type: 'message', role: 'developer' };
    const long = 'Be kind.'.repeat(200_000);
    const items = [{ ...item, content: [{ type: 'input_text', text: 'Be kind.' }] }];
    expect(saidIn(open(json({ input: value, instructions: items })))[0]).toEqual(kind);
    expect(saidIn(open(json({ input: value, instructions: long })))[0]).toEqual({
      role: 'system',
      content: [{ type: 'text', text: long }],
    });
  });

  it('reads contents of Gemini, and its system instruction', () => {
    const signed = { ...calls[0], thought_signature: 'c2ln' };
    const thought = { type: 'thinking', thinking: 'Hm', thought_signature: 'c2ln' };
    const content = [thought, words, signed, calls[1] ?? words];
    const messages = [...asked, { role: 'assistant', content }, ...answered] as PlainMessage[];
    const { value } = toGemini(placed(messages));
    const transcript = open(json(value));
    expect(transcript.format).toBe('gemini-contents');
    expect(transcript.findings).toEqual([]);
    expect(unnamed(saidIn(transcript))).toEqual(plain(messages));
    const { contents } = value;
    const parts = [{ text: 'Be kind.' }];
    for (const told of [
      { system_instruction: { parts } },
      { systemInstruction: 'Be kind.' },
      { config: { systemInstruction: parts, temperature: 0 } },
    ]) {
      expect(saidIn(open(json({ ...told, contents })))[0]).toEqual(kind);
    }
    expect(saidIn(open(json({ config: { temperature: 0 }, contents })))[0]?.role).toBe('user');
  });

  it('reads messages of the AI SDK', () => {
    const thinking = { type: 'thinking', thinking: 'Hm', signature: 'c2ln' };
    const redacted = { type: 'redacted_thinking', data: 'x' };
    const content = [thinking, redacted, reasoning, words, ...calls];
    const parts = [
      { type: 'text', text: 'Seen:' },
      { type: 'image', source: link },
      { type: 'document', source: document },
    ];
    const messages: PlainMessage[] = [
      ...asked,
      { role: 'assistant', content },
      ...answered,
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c3', name: 'see', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c3', content: parts }] },
    ];
    const { value, leftOut } = toAiSdk(placed(messages));
    expect(leftOut).toEqual([]);
    for (const file of [value, { messages: value }]) {
      const transcript = open(json(file));
      expect(transcript.format).toBe('ai-sdk');
      expect(transcript.findings).toEqual([]);
      expect(saidIn(transcript)).toEqual(plain(messages));
    }
    const shown = toAiSdkUi(placed(messages)).value;
    for (const file of [shown, { id: 'chat', messages: shown }]) {
      const transcript = open(json(file));
      expect(transcript.format).toBe('ai-sdk-ui');
      expect(transcript.findings).toEqual([]);
      expect(saidIn(transcript)).toEqual(plain(messages));
      // And what is read gives the same again.
      expect(toAiSdkUi([...transcript.conversation()]).value).toEqual(shown);
    }
    for (const system of ['Be kind.', { role: 'system', content: 'Be kind.' }, ['Be kind.']]) {
      const body = { system, messages: value.slice(1) };
      expect(saidIn(open(json(body)))).toEqual([kind, ...plain(messages.slice(1))]);
    }
  });
});

describe('ai-sdk-ui', () => {
  const state = (more: object): unknown[] => [
    { id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Go' }] },
    { id: 'a1', role: 'assistant', parts: [{ type: 'step-start' }, more] },
  ];
  const of = (part: object): unknown => saidIn(open(JSON.stringify(state(part)))).slice(1);

  it('tells a call that is not answered from one that is, denied or failed', () => {
    const part = { type: 'tool-ls', toolCallId: 'c1', input: { path: '.' } };
    const call = { type: 'tool_use', id: 'c1', name: 'ls', input: { path: '.' } };
    const open = { role: 'assistant', content: [{ ...call, status: 'input-available' }] };
    expect(of({ ...part, state: 'input-available' })).toEqual([open]);
    const answered = (content: string, more: object): unknown => [
      { role: 'assistant', content: [call] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content, ...more }] },
    ];
    const error = { is_error: true };
    expect(of({ ...part, state: 'output-available', output: { n: 1 } })).toEqual(
      answered('{"n":1}', {}),
    );
    expect(of({ ...part, state: 'output-error', errorText: 'No' })).toEqual(answered('No', error));
    expect(of({ ...part, state: 'output-denied' })).toEqual(
      answered('Tool execution denied.', error),
    );
    // As the SDK's own converter has it, which sends no call whose input is not whole.
    expect(of({ ...part, state: 'input-streaming' })).toEqual([]);
    const { toolCallId, input: args } = part;
    const old = { state: 'result', toolCallId, toolName: 'ls', args, result: 'a b' };
    expect(of({ type: 'tool-invocation', toolInvocation: old })).toEqual(answered('a b', {}));
  });

  it('passes over what no model is shown', () => {
    expect(of({ type: 'data-weather', data: { sun: true } })).toEqual([]);
    expect(of({ type: 'source-url', sourceId: 's', url: 'https://example.org' })).toEqual([]);
  });
});

describe('openTranscript', () => {
  it('tells a message of another interface from a turn of Gemini, though it has parts', () => {
    const stored = { id: 'msg_1', sessionID: 'ses_1', role: 'user', parts: [] };
    expect(() => open(JSON.stringify(stored))).toThrow(/is no transcript that is known here/);
    const shown = [{ id: 'm1', role: 'user', parts: [{ type: 'text', text: 'Hello' }] }];
    expect(open(JSON.stringify(shown)).format).toBe('ai-sdk-ui');
  });

  it('reads what is left of a damaged request', () => {
    const messages: PlainMessage[] = [
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'Two' },
      { role: 'user', content: 'Three' },
    ];
    const text = JSON.stringify(toOpenAiResponses(placed(messages)).value);
    const at = text.indexOf('Two') - 1;
    const transcript = open(`${text.slice(0, at)}x${text.slice(at + 1)}`);
    expect(saidIn(transcript)).toEqual(plain([messages[0], messages[2]] as PlainMessage[]));
    expect(transcript.findings.map(({ code }) => code)).toEqual(['MALFORMED_RECORD']);
  });
});
