/** Messages of chat completions in the form before `tool_calls`, and answers that were spoken. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const question = { role: 'user', content: 'weather?' };
const call = {
  role: 'assistant',
  content: null,
  function_call: { name: 'get_weather', arguments: '{"city":  "Rome"}' },
};
const result = { role: 'function', name: 'get_weather', content: '22 C' };
const answer = { role: 'assistant', content: 'It is 22 C.' };
const more = { role: 'user', content: 'And in Oslo?' };

/** What `apply` makes of these messages, with its exit code. */
async function applied(
  messages: readonly unknown[],
  ...words: readonly string[]
): Promise<{ code: number; messages: unknown; text: string; bytes: string }> {
  const path = file('chat.json', JSON.stringify(messages));
  const to = join(place.folder, `out-${words.join('')}.json`);
  const told = await recover('apply', path, '--to', to, ...words);
  const bytes = readFileSync(to, 'utf8');
  expect(await recover('plan', to, ...words)).toMatchObject({ code: 0 });
  return { code: told.code, messages: JSON.parse(bytes), text: told.stdout, bytes };
}

describe('recover verify and recover apply', () => {
  test('a function_call and its result are a call and a result, and stay byte by byte', async () => {
    const bytes = JSON.stringify([question, call, result, answer]);
    const path = file('old.json', bytes);
    const told = await recover('verify', path);
    expect([told.code, told.stdout]).toEqual([0, expect.stringContaining('1 call')]);
    expect((await applied([question, call, result, answer])).bytes).toBe(bytes);
  });

  test('a function_call without a result gets one in its own form', async () => {
    const { messages } = await applied([question, call, more]);
    const made = expect.stringContaining('may have run') as unknown;
    const wanted = { role: 'function', name: 'get_weather', content: made };
    expect(messages).toEqual([question, call, wanted, more]);
  });

  test('a function_call is named anew with its result where its id is not taken', async () => {
    const { messages } = await applied([question, call, result, answer], '--profile', 'mistral');
    const fn = { name: 'get_weather', arguments: '{"city":"Rome"}' };
    const id = expect.stringMatching(/^[a-z0-9]{9}$/) as unknown;
    expect(messages).toMatchObject([
      question,
      { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: fn }] },
      { role: 'tool', content: '22 C', tool_call_id: id },
      answer,
    ]);
    expect(JSON.stringify(messages)).not.toContain('function_call');
  });

  test('two calls of one function are each answered by the result behind it', async () => {
    const other = { ...call, function_call: { name: 'get_weather', arguments: '{}' } };
    const list = [question, call, result, other, { ...result, content: '4 C' }, answer];
    expect((await applied(list)).messages).toEqual(list);
  });

  test('a function_call whose tool is renamed keeps its result, or gets one of that name', async () => {
    const odd = { ...call, function_call: { name: 'get.weather', arguments: '{}' } };
    const odder = { ...result, name: 'get.weather', note: 'kept' };
    const renamed = { role: 'function', name: 'get_weather' };
    const answered = await applied([question, odd, odder, answer]);
    expect([answered.code, answered.messages]).toEqual([
      0,
      expect.arrayContaining([{ ...renamed, content: '22 C', note: 'kept' }]),
    ]);
    const open = await applied([question, odd, more, answer], '--policy', 'annotate');
    expect([open.code, open.messages]).toEqual([
      0,
      [question, expect.anything(), expect.objectContaining(renamed), more, answer],
    ]);
  });

  test('answers that cannot be joined in their form are refused with a way out', async () => {
    const other = { ...call, function_call: { name: 'look', arguments: '{}' } };
    const seen = { role: 'function', name: 'look', content: 'A wall.' };
    const path = file('chat.json', JSON.stringify([question, call, other, result, seen, answer]));
    for (const policy of ['annotate', 'drop', 'truncate-to-last-complete-turn']) {
      const words = ['--profile', 'bedrock', '--policy', policy];
      const planned = await recover('plan', path, ...words);
      expect([planned.code, planned.stdout]).toEqual([20, expect.stringMatching(/export ID/)]);
      const to = join(place.folder, `refused-${policy}`);
      expect(await recover('apply', path, ...words, '--to', to)).toMatchObject({ code: 20 });
    }
    expect(await recover('verify', path, '--profile', 'bedrock')).toMatchObject({ code: 20 });
  });

  test('an id that is made is never the id of another call of the file', async () => {
    const fn = { name: 'run', arguments: '{}' };
    const other = { id: 'function-call-1', type: 'function', function: fn };
    const calling = { role: 'assistant', content: null, tool_calls: [other] };
    const { messages } = await applied([question, call, result, answer, more, calling, more]);
    const made = { role: 'tool', tool_call_id: 'function-call-1' };
    expect(messages).toMatchObject([question, call, result, answer, more, calling, made, more]);
  });

  test('a spoken answer is no empty message', async () => {
    const spoken = { role: 'assistant', content: null, audio: { id: 'aud1' } };
    const list = [question, spoken, more];
    const path = file('audio.json', JSON.stringify(list));
    expect(await recover('verify', path)).toMatchObject({ code: 0 });
    expect((await applied(list)).messages).toEqual(list);
  });
});
