/** Answers of Claude Code with one id, between which a message is taken away, stay two messages. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const call = { type: 'tool_use', id: 't1', name: 'Bash', input: {} };
const result = { type: 'tool_result', tool_use_id: 't1', content: 'done' };
const text = (words: string): object => ({ type: 'text', text: words });

type Said = readonly [role: string, content: unknown, answer?: string];

/** A session of these messages, each in a record behind the one in front of it. */
function session(...said: readonly Said[]): string {
  const lines = said.map(([role, content, id], at) => {
    const parentUuid = at === 0 ? null : `u${at - 1}`;
    const own = id === undefined ? { role, content } : { id, type: 'message', role, content };
    const timestamp = `2026-01-01T00:00:0${at}.000Z`;
    const shared = { isSidechain: false, sessionId: 's', type: role, timestamp };
    return `${JSON.stringify({ parentUuid, ...shared, message: own, uuid: `u${at}` })}\n`;
  });
  return file('session.jsonl', lines.join(''));
}

const to = (): string => join(place.folder, 'mended.jsonl');

interface Mended {
  readonly message: { readonly id?: string; readonly content: unknown };
}

function mended(): Mended[] {
  const lines = readFileSync(to(), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Mended);
}

test.each([
  [
    'behind the call',
    [
      ['user', []],
      ['user', [result]],
    ] as const,
  ],
  [
    'behind the result',
    [
      ['user', [result]],
      ['user', []],
    ] as const,
  ],
])('a message that goes %s does not put the next words in front of the result', async (_, gone) => {
  const more: Said[] = [
    ['assistant', [text('more')], 'm'],
    ['user', 'thanks'],
  ];
  const path = session(
    ['user', 'go'],
    ['assistant', [call], 'm'],
    ...gone,
    ['assistant', [text('words')], 'm'],
    ...more,
  );
  expect(await recover('apply', path, '--to', to())).toMatchObject({ code: 0 });
  expect(await recover('verify', to())).toMatchObject({ code: 0 });
  expect(mended().map(({ message }) => message.content)).toEqual([
    'go',
    [call],
    [result],
    [text('words')],
    [text('more')],
    'thanks',
  ]);
  const [, first, , second, third] = mended().map(({ message }) => message.id);
  expect(first).toBe('m');
  expect(second).not.toBe('m');
  expect(third).toBe(second);
});
