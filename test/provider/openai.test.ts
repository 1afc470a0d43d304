/** Conversations in the two shapes of OpenAI, written out. */
import { describe, expect, test } from 'vitest';
import { toOpenAiChat } from '../../src/provider/openai-chat.ts';
import { toOpenAiResponses } from '../../src/provider/openai-responses.ts';
import type { NewBlock } from '../../src/session/message.ts';
import { call, image, pixel, placed, result } from '../helpers/written-history.ts';
import { history } from './one-history.ts';

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
