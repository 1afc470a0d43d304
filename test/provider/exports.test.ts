/** One conversation in every shape, written out. */
import { describe, expect, test } from 'vitest';
import { toAiSdk } from '../../src/provider/ai-sdk.ts';
import { toAiSdkUi } from '../../src/provider/ai-sdk-ui.ts';
import { toAnthropic } from '../../src/provider/anthropic.ts';
import { toGemini } from '../../src/provider/gemini.ts';
import { toOpenAiChat } from '../../src/provider/openai-chat.ts';
import { toOpenAiResponses } from '../../src/provider/openai-responses.ts';
import type { PlacedMessage } from '../../src/integrity/conversation.ts';
import type { NewBlock } from '../../src/session/message.ts';
import { call, image, pixel, placed, result } from '../helpers/written-history.ts';

const model = 'a-model';
const thinking = { type: 'thinking', thinking: 'Hm.', signature: 's1' };
const history = placed(
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: [{ type: 'text', text: 'Look' }, image] },
  {
    role: 'assistant',
    model,
    content: [
      thinking,
      { type: 'text', text: 'I do.' },
      call('c1', { path: 'a' }),
      call('c2', { path: 'b' }),
    ],
  },
  { role: 'user', content: [result('c1'), result('c2', 'gone', { is_error: true })] },
  { role: 'user', content: 'And?' },
  { role: 'assistant', model, content: 'Nothing.' },
);

describe('toAnthropic', () => {
  test('merges what one side says, and keeps signed thinking as it came', () => {
    const { value, leftOut } = toAnthropic(history);
    expect(leftOut).toEqual([]);
    expect(value).toEqual({
      system: [{ type: 'text', text: 'Be brief.' }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Look' }, image] },
        {
          role: 'assistant',
          content: [
            thinking,
            { type: 'text', text: 'I do.' },
            { type: 'tool_use', id: 'c1', name: 'run', input: { path: 'a' } },
            { type: 'tool_use', id: 'c2', name: 'run', input: { path: 'b' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'c1', content: 'done' },
            { type: 'tool_result', tool_use_id: 'c2', content: 'gone', is_error: true },
            { type: 'text', text: 'And?' },
          ],
        },
        { role: 'assistant', content: [{ type: 'text', text: 'Nothing.' }] },
      ],
    });
  });

  test('leaves out thinking that another model than the one that goes on has signed', () => {
    const { value, leftOut } = toAnthropic(history, { model: 'another' });
    expect(JSON.stringify(value)).not.toContain('thinking');
    expect(leftOut).toEqual([
      expect.objectContaining({ messageIndex: 2, blockIndex: 0, why: 'signed for another model' }),
    ]);
  });

  test('leaves out unsigned thinking of older turns and blocks that are not known, and says so', () => {
    const { value, leftOut } = toAnthropic(
      placed(
        { role: 'user', content: 'One' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'unsigned' },
            { type: 'text', text: 'Two' },
            { type: 'novelty', text: 'x' },
          ],
        },
        { role: 'user', content: 'Three' },
        { role: 'assistant', content: 'Four' },
      ),
    );
    expect(value.messages[1]?.content).toEqual([{ type: 'text', text: 'Two' }]);
    expect(leftOut.map(({ type, place }) => [type, place.id])).toEqual([
      ['thinking', '2'],
      ['novelty', '2'],
    ]);
  });

  test('merges the turns around a message of which nothing is left', () => {
    const { value } = toAnthropic(
      placed(
        { role: 'user', content: 'One' },
        { role: 'assistant', content: [{ type: 'novelty' }] },
        { role: 'user', content: 'Two' },
      ),
    );
    expect(value.messages).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'One' },
          { type: 'text', text: 'Two' },
        ],
      },
    ]);
  });

  test('keeps what it sends valid where the first or the last block is left out', () => {
    const { value } = toAnthropic(
      placed(
        { role: 'user', content: [{ type: 'novelty' }] },
        { role: 'assistant', content: [{ type: 'text', text: 'Yes. ' }, { type: 'novelty' }] },
      ),
    );
    expect(value.messages).toEqual([
      {
        role: 'user',
        content: [{ type: 'text', text: '(What stood here cannot be shown to this model.)' }],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'Yes.' }] },
    ]);
  });

  test('sends a result of a tool that said nothing without content', () => {
    const { value } = toAnthropic(
      placed(
        { role: 'user', content: 'Make it' },
        { role: 'assistant', content: [call('c1'), call('c2')] },
        { role: 'user', content: [result('c1', '\n'), result('c2', [{ type: 'text', text: '' }])] },
      ),
    );
    expect(value.messages[2]?.content).toEqual([
      { type: 'tool_result', tool_use_id: 'c1' },
      { type: 'tool_result', tool_use_id: 'c2' },
    ]);
  });

  test('sends searches of the provider back as they came, and leaves other server tools out in pairs', () => {
    const search = { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'x' } };
    const found = {
      type: 'web_search_tool_result',
      tool_use_id: 's1',
      content: [{ type: 'web_search_result', url: 'u', title: 't', encrypted_content: 'e' }],
    };
    const run = { type: 'server_tool_use', id: 's2', name: 'code_execution', input: {} };
    const ran = { type: 'code_execution_tool_result', tool_use_id: 's2', content: {} };
    const said = { type: 'text', text: 'Here.' };
    const { value, leftOut } = toAnthropic(
      placed(
        { role: 'user', content: 'Find it' },
        { role: 'assistant', content: [search, found, run, ran, said] },
      ),
    );
    expect(value.messages[1]?.content).toEqual([search, found, said]);
    expect(leftOut.map(({ type }) => type)).toEqual([
      'server_tool_use',
      'code_execution_tool_result',
    ]);
  });
});

describe('toOpenAiChat', () => {
  test('answers every call with a message of its own, and has no place for reasoning', () => {
    const { value, leftOut } = toOpenAiChat(history);
    expect(leftOut.map(({ type }) => type)).toEqual(['thinking']);
    expect(value).toEqual([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
        ],
      },
      {
        role: 'assistant',
        content: 'I do.',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'run', arguments: '{"path":"a"}' } },
          { id: 'c2', type: 'function', function: { name: 'run', arguments: '{"path":"b"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'done' },
      { role: 'tool', tool_call_id: 'c2', content: 'gone' },
      { role: 'user', content: 'And?' },
      { role: 'assistant', content: 'Nothing.' },
    ]);
  });

  test('puts calls of several messages that wait together into one, with null for no words', () => {
    const { value } = toOpenAiChat(
      placed(
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: 'First.' },
        { role: 'assistant', content: [call('c1')] },
        { role: 'assistant', content: [call('c2', { input: 'ls' }, { custom: true })] },
        { role: 'user', content: [result('c2'), result('c1')] },
      ),
    );
    expect(value.slice(1, 3)).toEqual([
      { role: 'assistant', content: 'First.' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'run', arguments: '{}' } },
          { id: 'c2', type: 'custom', custom: { name: 'run', input: 'ls' } },
        ],
      },
    ]);
  });

  test('shows a picture of a result behind all results, and says whose it is', () => {
    const { value } = toOpenAiChat(
      placed(
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: [call('c1'), call('c2')] },
        { role: 'user', content: [result('c1', [image]), result('c2')] },
      ),
    );
    expect(value.slice(2).map(({ role, content }) => [role, content])).toEqual([
      ['tool', ''],
      ['tool', 'done'],
      [
        'user',
        [
          { type: 'text', text: 'From the result of c1:' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
        ],
      ],
    ]);
  });

  test('keeps arguments that were no JSON as the text that they were', () => {
    const { value } = toOpenAiChat(
      placed(
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: [call('c1', '{"a":')] },
        { role: 'user', content: [result('c1')] },
      ),
    );
    expect(JSON.stringify(value)).toContain('"arguments":"{\\"a\\":"');
  });
});

describe('toOpenAiResponses', () => {
  test('gives an item for each call and output, and content for pictures', () => {
    const { value } = toOpenAiResponses(history);
    expect(value).toEqual([
      { type: 'message', role: 'system', content: 'Be brief.' },
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'Look' },
          { type: 'input_image', image_url: `data:image/png;base64,${pixel}`, detail: 'auto' },
        ],
      },
      { type: 'message', role: 'assistant', content: 'I do.' },
      { type: 'function_call', call_id: 'c1', name: 'run', arguments: '{"path":"a"}' },
      { type: 'function_call', call_id: 'c2', name: 'run', arguments: '{"path":"b"}' },
      { type: 'function_call_output', call_id: 'c1', output: 'done' },
      { type: 'function_call_output', call_id: 'c2', output: 'gone' },
      { type: 'message', role: 'user', content: 'And?' },
      { type: 'message', role: 'assistant', content: 'Nothing.' },
    ]);
  });

  test('sends encrypted reasoning in front of its item, and leaves out what the API would refuse', () => {
    const reasoning = (id: string, more: object): NewBlock => ({
      type: 'reasoning',
      id,
      summary: [{ type: 'summary_text', text: 'Short.' }],
      ...more,
    });
    const { value, leftOut } = toOpenAiResponses(
      placed(
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: [reasoning('rs_1', { encrypted_content: 'e1' })] },
        { role: 'assistant', content: [call('c1', { input: 'ls' }, { custom: true })] },
        { role: 'user', content: [result('c1')] },
        {
          role: 'assistant',
          content: [
            reasoning('rs_2', {}),
            { type: 'reasoning', summary: [], encrypted_content: 'e' },
            reasoning('rs_3', { encrypted_content: 'e3' }),
          ],
        },
      ),
    );
    expect(value.slice(1)).toEqual([
      { ...reasoning('rs_1', { encrypted_content: 'e1' }) },
      { type: 'custom_tool_call', call_id: 'c1', name: 'run', input: 'ls' },
      { type: 'custom_tool_call_output', call_id: 'c1', output: 'done' },
    ]);
    expect(leftOut.map(({ why }) => why)).toEqual([
      'reasoning without its encrypted content',
      'reasoning without its id',
      'reasoning without its item',
    ]);
  });
});

describe('toGemini', () => {
  test('names the call that a response answers, and tells errors apart', () => {
    const { value, leftOut } = toGemini(history, { model: 'gemini-2.5-pro' });
    expect(leftOut.map(({ type }) => type)).toEqual(['thinking']);
    expect(value).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        {
          role: 'user',
          parts: [{ text: 'Look' }, { inlineData: { mimeType: 'image/png', data: pixel } }],
        },
        {
          role: 'model',
          parts: [
            { text: 'I do.' },
            { functionCall: { id: 'c1', name: 'run', args: { path: 'a' } } },
            { functionCall: { id: 'c2', name: 'run', args: { path: 'b' } } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'c1', name: 'run', response: { output: 'done' } } },
            { functionResponse: { id: 'c2', name: 'run', response: { error: 'gone' } } },
            { text: 'And?' },
          ],
        },
        { role: 'model', parts: [{ text: 'Nothing.' }] },
      ],
    });
  });

  test.each([
    ['gemini-2.5-pro', [{ inlineData: { mimeType: 'image/png', data: pixel } }]],
    ['gemini-3-pro', []],
  ])('shows a picture of a result to %s where it looks for it', (name, beside) => {
    const { value } = toGemini(
      placed(
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: [call('c1', {}, { thought_signature: 's' })] },
        { role: 'user', content: [result('c1', [image])] },
      ),
      { model: name },
    );
    const [response, ...rest] = value.contents[2]?.parts ?? [];
    expect(rest).toEqual(beside);
    expect(JSON.stringify(response).includes('inlineData')).toBe(beside.length === 0);
    expect(value.contents[1]?.parts[0]).toMatchObject({ thoughtSignature: 's' });
  });

  test('gives the stand-in of Google to calls of the current turn that nobody signed', () => {
    const asked = (...calls: readonly NewBlock[]): readonly PlacedMessage[] =>
      placed(
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: [call('old')] },
        { role: 'user', content: [result('old')] },
        { role: 'assistant', content: 'Done' },
        { role: 'user', content: 'Again' },
        { role: 'assistant', content: calls },
        { role: 'user', content: [result('c1'), result('c2')] },
      );
    const signatures = (model: string, ...calls: readonly NewBlock[]): readonly unknown[] =>
      toGemini(asked(...calls), { model })
        .value.contents.flatMap(({ parts }) => parts)
        .flatMap((part) => ('functionCall' in part ? [part.thoughtSignature] : []));
    const both = [call('c1'), call('c2')] as const;
    const standIn = 'skip_thought_signature_validator';
    expect(signatures('gemini-3-pro', ...both)).toEqual([undefined, standIn, undefined]);
    expect(signatures('gemini-2.5-pro', ...both)).toEqual([undefined, undefined, undefined]);
    const signed = call('c1', {}, { thought_signature: 's' });
    expect(signatures('gemini-3-pro', signed, call('c2'))).toEqual([undefined, 's', undefined]);
  });

  test('keeps thoughts that Gemini signed, and a signature that came with an empty part', () => {
    const { value } = toGemini(
      placed(
        { role: 'user', content: 'Go' },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', thought_signature: 's' },
            { type: 'text', text: '', thought_signature: 't' },
          ],
        },
      ),
    );
    expect(value.contents[1]?.parts).toEqual([
      { text: 'Hm.', thought: true, thoughtSignature: 's' },
      { text: '', thoughtSignature: 't' },
    ]);
  });
});

describe('toAiSdk', () => {
  test('keeps messages apart, with results in a message of the tool', () => {
    expect(toAiSdk(history)).toEqual({
      leftOut: [],
      value: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look' },
            { type: 'image', image: pixel, mediaType: 'image/png' },
          ],
        },
        {
          role: 'assistant',
          content: [
            {
              type: 'reasoning',
              text: 'Hm.',
              providerOptions: { anthropic: { signature: 's1' } },
            },
            { type: 'text', text: 'I do.' },
            { type: 'tool-call', toolCallId: 'c1', toolName: 'run', input: { path: 'a' } },
            { type: 'tool-call', toolCallId: 'c2', toolName: 'run', input: { path: 'b' } },
          ],
        },
        {
          role: 'tool',
          content: [
            {
              type: 'tool-result',
              toolCallId: 'c1',
              toolName: 'run',
              output: { type: 'text', value: 'done' },
            },
            {
              type: 'tool-result',
              toolCallId: 'c2',
              toolName: 'run',
              output: { type: 'error-text', value: 'gone' },
            },
          ],
        },
        { role: 'user', content: 'And?' },
        { role: 'assistant', content: 'Nothing.' },
      ],
    });
  });

  test('gives every reasoning to the provider that made it', () => {
    const { value } = toAiSdk(
      placed(
        { role: 'user', content: 'Go' },
        {
          role: 'assistant',
          content: [
            { type: 'redacted_thinking', data: 'd' },
            { type: 'reasoning', id: 'rs_1', summary: [{ text: 'S' }], encrypted_content: 'e' },
            { type: 'thinking', thinking: 'Hm.', thought_signature: 't' },
          ],
        },
      ),
    );
    expect(value[1]?.content).toEqual([
      { type: 'reasoning', text: '', providerOptions: { anthropic: { redactedData: 'd' } } },
      {
        type: 'reasoning',
        text: 'S',
        providerOptions: { openai: { itemId: 'rs_1', reasoningEncryptedContent: 'e' } },
      },
      { type: 'reasoning', text: 'Hm.', providerOptions: { google: { thoughtSignature: 't' } } },
    ]);
  });
});

describe('toAiSdkUi', () => {
  test('joins a call and its result, and the steps of an answer', () => {
    const { value } = toAiSdkUi(
      placed(
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: [call('c1'), call('c2')] },
        { role: 'user', content: [result('c1'), result('c2', 'gone', { is_error: true })] },
        { role: 'assistant', content: 'Nothing.' },
      ),
    );
    const tool = { type: 'dynamic-tool', toolName: 'run', input: {} };
    expect(value).toEqual([
      { id: 'message-1', role: 'user', parts: [{ type: 'text', text: 'Go', state: 'done' }] },
      {
        id: 'message-2',
        role: 'assistant',
        parts: [
          { type: 'step-start' },
          { ...tool, toolCallId: 'c1', state: 'output-available', output: 'done' },
          { ...tool, toolCallId: 'c2', state: 'output-error', errorText: 'gone' },
          { type: 'step-start' },
          { type: 'text', text: 'Nothing.', state: 'done' },
        ],
      },
    ]);
  });
});
