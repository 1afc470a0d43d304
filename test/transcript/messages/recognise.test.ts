/** Which of the formats with roles and contents a list is, by what only one of them has. */
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/transcript/byte-source.ts';
import { detectFormat } from '../../../src/transcript/formats.ts';

/** The format of a list, of the same messages one a line, and of a request with them. */
function formatsOf(messages: readonly object[]): readonly (string | undefined)[] {
  const lines = messages.map((message) => JSON.stringify(message)).join('\n');
  const texts = [JSON.stringify(messages), lines, JSON.stringify({ messages }, null, 2)];
  return texts.map((text) => detectFormat(bytesSource(Buffer.from(text)))?.name);
}

const sound = { type: 'input_audio', input_audio: { data: 'aaaa', format: 'wav' } };
const heard = { role: 'user', content: [{ type: 'text', text: 'Hear this.' }, sound] };
const run = { id: 'c1', type: 'function', function: { name: 'run', arguments: '{}' } };
const calling = { role: 'assistant', content: null, tool_calls: [run] };
const result = { role: 'tool', tool_call_id: 'c1', content: 'done' };
const answer = { role: 'assistant', content: 'Done.' };
const ask = { role: 'user', content: 'Go.' };

const chat = ['openai-messages', 'openai-messages', 'openai-messages'];

describe('detectFormat', () => {
  it('takes a list with calls for chat completions although a sound stands in it', () => {
    expect(formatsOf([heard, calling, result, answer])).toEqual(chat);
    expect(formatsOf([heard, answer, ask, calling])).toEqual(chat);
    expect(formatsOf([{ role: 'user', content: [sound] }, calling])).toEqual(chat);
    expect(formatsOf([ask, calling, result, heard, calling])).toEqual(chat);
  });

  it('takes a list whose only telling part is a sound for chat completions', () => {
    expect(formatsOf([heard, answer])).toEqual(chat);
  });

  it('takes a list with calls for chat completions although a model thought aloud in parts', () => {
    const thought = { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] };
    const thinking = { role: 'assistant', content: [thought, { type: 'text', text: 'So.' }] };
    expect(formatsOf([ask, thinking, ask, calling, result, answer])).toEqual(chat);
    const block = { type: 'tool_use', id: 'c1', name: 'run', input: {} };
    expect(formatsOf([ask, { ...calling, content: [block] }, result])).toEqual(chat);
  });

  it('goes on taking items for items, and blocks for blocks', () => {
    const words = { type: 'input_text', text: 'Hear this.' };
    const items = [{ role: 'user', content: [words, sound] }, answer];
    expect(formatsOf(items)[0]).toBe('openai-responses');
    const called = { type: 'function_call', call_id: 'c1', name: 'run', arguments: '{}' };
    expect(formatsOf([heard, called])[0]).toBe('openai-responses');
    const block = { type: 'tool_use', id: 't1', name: 'run', input: {} };
    const given = { type: 'tool_result', tool_use_id: 't1', content: 'done' };
    const blocks = [
      ask,
      { role: 'assistant', content: [block] },
      { role: 'tool', content: [given] },
    ];
    expect(formatsOf(blocks)).toEqual(Array(3).fill('anthropic-messages'));
  });

  it('knows a list in a layout whose only message has zeros in a text', () => {
    for (const indent of [0, 2]) {
      for (const one of [ask, { role: 'user', content: [{ type: 'text', text: 'Go on.' }] }]) {
        const text = JSON.stringify([one], null, indent).replace('Go', 'G\0\0\0o');
        const format = detectFormat(bytesSource(Buffer.from(text)))?.name;
        expect(format).toBe(one === ask ? 'openai-messages' : 'anthropic-messages');
      }
    }
  });
});
