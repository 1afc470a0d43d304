/** Messages that a program wrote without a content, or cut off: told, and mended. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const ask = { role: 'user', content: 'Go' };
const call = { id: 'c1', type: 'function', function: { name: 'run', arguments: '{}' } };
const calling = { role: 'assistant', content: null, tool_calls: [call] };
const answer = { role: 'assistant', content: 'Done.' };

/** The codes of errors, and the messages of the mended copy, which is clean. */
async function mended(
  messages: readonly object[],
  profile: string,
  layout?: number,
): Promise<{ readonly errors: readonly string[]; readonly copy: readonly unknown[] }> {
  const path = file('list.json', JSON.stringify(messages, null, layout));
  const found = await recover('verify', path, '--profile', profile, '--json');
  expect(found.code).toBe(10);
  const { findings } = JSON.parse(found.stdout) as {
    readonly findings: readonly { readonly severity: string; readonly code: string }[];
  };
  const to = join(place.folder, `mended-${readdirSync(place.folder).length}.json`);
  expect(await recover('apply', path, '--profile', profile, '--to', to)).toMatchObject({ code: 0 });
  expect(await recover('verify', to, '--profile', profile)).toMatchObject({ code: 0 });
  expect(await recover('plan', to, '--profile', profile)).toMatchObject({ code: 0 });
  const errors = findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  const text = readFileSync(to, 'utf8');
  const copy = JSON.parse(text) as readonly unknown[];
  expect(text).toBe(JSON.stringify(copy, null, layout));
  return { errors, copy };
}

describe('recover', () => {
  test.each([
    ['of no content', { role: 'tool', tool_call_id: 'c1' }, 0],
    ['of no content, in a layout', { role: 'tool', tool_call_id: 'c1' }, 2],
    ['of null', { role: 'tool', tool_call_id: 'c1', content: null }, 0],
  ])('a result %s answers its call, and gets an empty text', async (_, result, layout) => {
    for (const rest of [[], [answer], [answer, ask, answer]]) {
      const list = [ask, calling, result, ...rest];
      const { errors, copy } = await mended(list, 'openai-chat', layout);
      expect(errors).toEqual(['UNEXPECTED_RECORD']);
      expect(copy).toEqual(list.with(2, { ...result, content: '' }));
    }
  });

  test('a result of no content that no call asked for is told', async () => {
    const list = [ask, answer, { role: 'tool', tool_call_id: 'c9' }, ask];
    const { errors } = await mended(list, 'openai-chat');
    expect(errors).toEqual(['UNEXPECTED_RECORD', 'ORPHANED_TOOL_RESULT']);
  });

  test('words of a result that stand under another name are listed, and stay', async () => {
    const result = { role: 'tool', tool_call_id: 'c1', output: 'THE WORDS' };
    const text = JSON.stringify([ask, calling, result, answer]);
    const path = file('named.json', text);
    const to = join(place.folder, 'named-mended.json');
    const told = await recover('apply', path, '--to', to);
    expect([told.code, told.stdout]).toEqual([20, expect.stringContaining('THE WORDS')]);
    expect(readFileSync(to, 'utf8')).toBe(text);
  });

  test.each([
    ['user', 'openai-chat', 'Done.'],
    ['user', 'anthropic', [{ type: 'text', text: 'Done.' }]],
    ['assistant', 'openai-chat', 'Done.'],
    ['system', 'openai-chat', 'Done.'],
  ])('a message of role %s with nothing else is empty for %s', async (role, profile, content) => {
    const list = [ask, { ...answer, content }, { role }, { role }, ask];
    const { errors, copy } = await mended(list, profile);
    expect(errors).toEqual(['EMPTY_MESSAGE', 'EMPTY_MESSAGE']);
    expect(copy).toEqual([ask, { ...answer, content }, ask]);
  });

  test('a list of calls that is none goes where it is empty, and a call alone is put into one', async () => {
    const lone = { role: 'assistant', content: null, tool_calls: call };
    const result = { role: 'tool', tool_call_id: 'c1', content: 'done' };
    const list: object[] = [ask, { ...answer, tool_calls: {} }, ask, lone, result, answer];
    for (const layout of [0, 2]) {
      const { errors, copy } = await mended(list.with(3, calling), 'openai-chat', layout);
      expect(errors).toEqual(['UNEXPECTED_RECORD']);
      expect(copy).toEqual([ask, answer, ask, calling, result, answer]);
    }
    const path = file('lone.json', JSON.stringify(list));
    const to = join(place.folder, 'lone-mended.json');
    expect(await recover('apply', path, '--to', to)).toMatchObject({ code: 0 });
    const copy: unknown = JSON.parse(readFileSync(to, 'utf8'));
    expect(copy).toEqual([ask, answer, ask, calling, result, answer]);
  });

  test('an answer that ended in its reasoning says so, and keeps the reasoning', async () => {
    const cut = { role: 'assistant', content: null, reasoning_content: 'First I look.' };
    for (const [profile, rest] of [
      ['openai-chat', []],
      ['mistral', [ask, answer]],
    ] as const) {
      const { errors, copy } = await mended([ask, cut, ...rest], profile);
      expect(errors).toEqual(['EMPTY_MESSAGE']);
      const told = { ...cut, content: '[The answer ended in its reasoning.]' };
      expect(copy).toEqual([ask, told, ...rest]);
    }
  });

  test('an empty list beside calls, or of a result, and a call of no kind are mended', async () => {
    const result = { role: 'tool', tool_call_id: 'c1', content: '' };
    const odd = { ...calling, content: [], tool_calls: [{ ...call, type: 'tool' }] };
    for (const layout of [0, 2]) {
      const list = [ask, odd, { ...result, content: [] }, answer];
      const { errors, copy } = await mended(list, 'openai-chat', layout);
      expect(errors).toEqual(Array(3).fill('UNEXPECTED_RECORD'));
      expect(copy).toEqual([ask, calling, result, answer]);
    }
  });
});
