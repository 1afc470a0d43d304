/** Conversations in the shape of Anthropic, written out. */
import { describe, expect, test } from 'vitest';
import { toAnthropic } from '../../src/provider/anthropic.ts';
import { call, image, placed, result } from '../helpers/written-history.ts';
import { thinking, history } from './one-history.ts';

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
