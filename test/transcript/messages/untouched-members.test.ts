/** What a plan does not touch in a list of OpenAI stays as it is, and what it moves keeps its members. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from '../../cli/rollouts.ts';

eachInItsFolder();

const url = 'data:image/png;base64,aaaa';
const cached = { cache_control: { type: 'ephemeral' } };
const image = { type: 'image_url', image_url: { url, detail: 'low', foo: 1 }, ...cached, bar: 2 };
const half = { type: 'text', text: '\ud800', ...cached };
const whole = { ...half, text: '\ufffd' };
const answer = { role: 'assistant', content: 'a' };
const called = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'c', type: 'function', function: { name: 'b', arguments: '{}' } }],
};

async function mended(list: readonly object[], profile = 'openai-chat'): Promise<unknown> {
  const path = file('list.json', JSON.stringify(list));
  const to = join(place.folder, 'out.json');
  const told = await recover('apply', path, '--profile', profile, '--to', to);
  expect(told).toMatchObject({ code: 0 });
  return JSON.parse(readFileSync(to, 'utf8'));
}

describe('an edit in a list of OpenAI', () => {
  test('leaves pictures beside a mended text with every member', async () => {
    const list = (text: object): object[] => [{ role: 'user', content: [image, text] }, answer];
    expect(await mended(list(half))).toEqual(list(whole));
  });

  test('leaves the one part that stays in its list, with its members', async () => {
    const text = { type: 'text', text: 'a', ...cached };
    const list = [{ role: 'user', content: [{ type: 'text', text: '' }, text] }, answer];
    expect(await mended(list, 'gemini')).toEqual([{ role: 'user', content: [text] }, answer]);
  });

  test('leaves a refusal where it stands in the content', async () => {
    const refusal = { type: 'refusal', refusal: 'n', foo: 2 };
    const list = (text: object): object[] => [
      { role: 'user', content: 'q' },
      { role: 'assistant', content: [{ type: 'text', text: 'a', foo: 1 }, refusal, text] },
      { role: 'user', content: 'z' },
    ];
    expect(await mended(list(half))).toEqual(list(whole));
  });

  test('moves a tool message with all its members', async () => {
    const [ask, late] = ['q', 'late'].map((content) => ({ role: 'user', content }));
    const content = [{ type: 'text', text: 'r', ...cached }, image];
    const tool = { role: 'tool', tool_call_id: 'c', name: 'b', foo: 1, content };
    const list = [ask, called, late, tool].map((each) => each ?? {});
    const moved = [ask, called, tool, late].map((each) => each ?? {});
    expect(await mended(list)).toEqual(moved);
  });

  test('leaves what a tool message says beside a mended text', async () => {
    const list = (text: object): object[] => [
      { role: 'user', content: 'q' },
      called,
      { role: 'tool', tool_call_id: 'c', name: 'b', content: [image, text] },
    ];
    expect(await mended(list(half))).toEqual(list(whole));
  });
});
