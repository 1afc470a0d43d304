/**
 * Bytes between the messages of a list that are no message: no tool reads a file of JSON with such
 * bytes in it, so the copy is without them, whatever kind of list it is.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const messages = [
  { role: 'user', content: 'What is in this folder?' },
  { role: 'assistant', content: 'One file: notes.txt.' },
  { role: 'user', content: 'Read it.' },
  { role: 'assistant', content: 'It is empty.' },
];
const blocks = messages.map(({ role, content }) => ({
  role,
  content: [{ type: 'text', text: content }],
}));
const kinds: Readonly<Record<string, object>> = {
  'list for OpenAI': messages,
  'body of a request to OpenAI': { model: 'gpt-5', messages },
  'list for Anthropic': blocks,
  'body of a request to Anthropic': { model: 'claude-sonnet-4-5', max_tokens: 5, messages: blocks },
};

/** The text with these bytes in front of the message that has the words, and behind its comma. */
function withBytes(text: string, words: string, bytes: string): string {
  const at = text.lastIndexOf('{"role"', text.indexOf(words));
  return text.slice(0, at) + bytes + text.slice(at);
}

describe.each(Object.entries(kinds))('in a %s', (_, value) => {
  const whole = JSON.stringify(value);

  // Of a list without an object around it such bytes hide that it is one.
  const first = Array.isArray(value) ? [] : [['the first message', 'What is', 'oops'] as const];

  test.each([
    ...first,
    ['a message in the middle', 'Read it', 'oops, '] as const,
    ['the last message', 'empty', '}oops'] as const,
  ])('are taken out in front of %s', async (_what, words, bytes) => {
    const path = file('odd.json', withBytes(whole, words, bytes));
    const planned = await recover('plan', path, '--json');
    expect(planned.code).toBe(20);
    const { left } = JSON.parse(planned.stdout) as { readonly left: readonly unknown[] };
    expect(left).toEqual([]);
    const to = join(place.folder, 'mended.json');
    expect(await recover('apply', path, '--to', to)).toMatchObject({ code: 20 });
    const copy = readFileSync(to, 'utf8');
    expect(JSON.parse(copy)).toEqual(value);
    expect(await recover('plan', to)).toMatchObject({ code: 0 });
  });
});
