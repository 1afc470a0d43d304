/** Instructions among the messages of a list for Anthropic, which takes them beside the messages. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const rest = [
  { role: 'user', content: 'Look.' },
  { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'look', input: {} }] },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'A wall.' }] },
  { role: 'assistant', content: 'A wall.' },
];
const brief = { role: 'system', content: 'Be brief.' };
const marked = { type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } };
const kind = { role: 'system', content: [marked] };
const text = (words: string): object => ({ type: 'text', text: words });

describe('instructions among the messages', () => {
  test.each([
    ['in front', { messages: [brief, ...rest] }, 'Be brief.'],
    ['anywhere', { messages: [...rest, kind], max_tokens: 5 }, [marked]],
    [
      'beside others',
      {
        model: 'claude',
        system: 'First.',
        messages: [...rest.slice(0, 3), brief, ...rest.slice(3), kind],
      },
      [text('First.'), text('Be brief.'), marked],
    ],
    ['beside an empty member', { messages: [brief, ...rest], system: '' }, 'Be brief.'],
  ])('of a request %s are told, and lifted into its system', async (_name, body, system) => {
    for (const indent of [undefined, 2, '\t']) {
      const path = file('request.json', JSON.stringify(body, null, indent));
      const told = await recover('verify', path);
      expect([told.code, told.stdout]).toEqual([10, expect.stringContaining('error ROLE_ORDER')]);
      const to = join(place.folder, `mended-${String(indent)}.json`);
      expect((await recover('apply', path, '--to', to)).code).toBe(0);
      const mended = readFileSync(to, 'utf8');
      const value = JSON.parse(mended) as object;
      expect(value).toEqual({ ...body, system, messages: rest });
      expect(mended).toBe(JSON.stringify(value, null, indent));
      expect((await recover('verify', to)).code).toBe(0);
    }
  });

  test('of a list that stands alone are told with what to do, and stay', async () => {
    for (const content of [
      JSON.stringify([brief, ...rest]),
      [brief, ...rest].map((each) => `${JSON.stringify(each)}\n`).join(''),
    ]) {
      const path = file('list', content);
      expect((await recover('verify', path)).code).toBe(20);
      const planned = await recover('plan', path);
      expect(planned.code).toBe(20);
      expect(planned.stdout).toMatch(/send what it says as the `system` of the\s+request/);
      const to = join(place.folder, 'copy');
      await recover('apply', path, '--to', to);
      expect(readFileSync(to, 'utf8')).toBe(content);
      rmSync(to);
    }
  });

  test('of a list for chat completions are as they should be', async () => {
    const list = [
      brief,
      { role: 'user', content: 'Look.' },
      { role: 'assistant', content: 'Yes.' },
    ];
    expect((await recover('verify', file('chat.json', JSON.stringify(list)))).code).toBe(0);
  });

  test('are found by what the provider answers', async () => {
    const told = await recover(
      'explain',
      'messages: Unexpected role "system". The Messages API accepts a top-level `system` ' +
        'parameter, not "system" as an input message role.',
    );
    expect(told.stdout).toContain('ROLE_ORDER');
  });
});
