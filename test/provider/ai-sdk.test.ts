/** Conversations in the two shapes of the AI SDK, written out. */
import { describe, expect, test } from 'vitest';
import { toAiSdk } from '../../src/provider/ai-sdk.ts';
import { toAiSdkUi } from '../../src/provider/ai-sdk-ui.ts';
import { call, pixel, placed, result } from '../helpers/written-history.ts';
import { history } from './one-history.ts';

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
