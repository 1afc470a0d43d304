/** What `plan` offers, `apply` writes; what cannot be written, both refuse with the same reason. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const called = (id: string): object => ({
  id,
  type: 'function',
  function: { name: 'b', arguments: '{}' },
});
const refused = {
  role: 'assistant',
  content: [{ type: 'refusal', refusal: 'I cannot' }],
  tool_calls: [called('c')],
};
const asked = { role: 'user', content: [{ type: 'text', text: 'hi' }] };
const unknownFirst = [
  { role: 'assistant', content: null },
  { role: '', content: 'a' },
  { role: 'function', content: 'b' },
  { role: 'user', content: 'c' },
  { role: 'assistant', content: '' },
];

interface Answer {
  readonly refusal: string | null;
}

async function both(list: unknown, ...words: readonly string[]): Promise<readonly unknown[][]> {
  const path = file('list.json', JSON.stringify(list));
  const to = join(place.folder, 'out.json');
  const [plan, apply] = [
    await recover('plan', path, ...words, '--json'),
    await recover('apply', path, ...words, '--to', to, '--json'),
  ];
  const told = [plan, apply].map(({ stdout }) => (JSON.parse(stdout) as Answer).refusal);
  return [[plan.code, apply.code, existsSync(to)], told];
}

describe('plan and apply', () => {
  test('write a copy whose refusal stays in its list of parts', async () => {
    const words = ['--profile', 'openai-chat', '--policy', 'drop'];
    expect(await both([asked, refused], ...words)).toEqual([
      [10, 0, true],
      [null, null],
    ]);
  });

  test('refuse alike a copy that no tool would know, and do not blame the file', async () => {
    const [codes, told] = await both(unknownFirst, '--profile', 'gemini');
    expect(codes).toEqual([20, 20, false]);
    expect(told?.[0]).toBe(told?.[1]);
    expect(told?.[0]).toContain('what would be left begins with nothing');
  });

  test('say alike that nothing would be left', async () => {
    const blank = [{ role: 'user', content: [{ type: 'text', text: ' ' }] }];
    const [codes, told] = await both(blank);
    expect(codes).toEqual([20, 20, false]);
    expect(told?.[0]).toBe(told?.[1]);
    expect(told?.[0]).toContain('Nothing would be left of');
  });
});
