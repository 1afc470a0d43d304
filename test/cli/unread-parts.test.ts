/**
 * What stands in a message where a part should, and contents that are none, are told in the files of
 * every tool, by the same codes, and what a plan makes of them is written and read again.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';
import { codex, copilot, gemini, goose, kimi, opencode, text, written } from './session-files.ts';
import type { Making } from './session-files.ts';

eachInItsFolder();

interface Verified {
  readonly findings: readonly {
    readonly code: string;
    readonly place: { readonly line: number };
  }[];
}

/** The exit code of `verify`, and the codes that it tells of the message. */
async function told(content: string): Promise<readonly unknown[]> {
  const { code, stdout } = await recover('verify', file('session', content), '--json');
  const { findings } = JSON.parse(stdout) as Verified;
  return [code, ...new Set(findings.map((one) => one.code))];
}

const bares: readonly (readonly [string, unknown])[] = [
  ['a number', 5],
  ['null', null],
  ['a switch', true],
  ['a list', [1]],
  ['a text', 'THE WORDS'],
];

/** Parts that the tool of the file takes, beside one that it does not. */
function answerOf(make: Making, bare: unknown): object {
  if (make === gemini) return { parts: [{ text: 'fine' }, bare] };
  const part = { ...text('fine'), ...(make === codex ? { type: 'output_text' } : {}) };
  return { content: [part, bare] };
}

describe('recover', () => {
  test.each(written)('tells a part that is none, and makes text of it, of %s', async (_, make) => {
    for (const [name, bare] of bares) {
      // A text is a part of Gemini.
      if (make === gemini && typeof bare === 'string') continue;
      const content = make(answerOf(make, bare));
      expect(await told(content), name).toEqual([10, 'MALFORMED_BLOCK']);
      const [path, to] = [file('session', content), join(place.folder, `mended ${name}`)];
      expect(await recover('apply', path, '--to', to), name).toMatchObject({ code: 0 });
      expect(await recover('plan', to), name).toMatchObject({ code: 0 });
      const after = readFileSync(to, 'utf8');
      expect(after).toContain('fine');
      if (typeof bare === 'string') expect(after).toContain('THE WORDS');
      else if (bare !== null) expect(after).toContain('[A part that is no block: ');
    }
  });

  test('tells a message of Gemini CLI that holds nothing but what is no part', async () => {
    const record = (id: string, type: string, content: unknown): object => ({
      id,
      timestamp: '2026-01-01T00:00:01Z',
      type,
      content,
    });
    const session = { sessionId: 's', projectHash: 'p', startTime: 't', lastUpdated: 't' };
    const messages = [record('a', 'user', [5]), record('b', 'gemini', [7, { text: 'fine' }])];
    const content = JSON.stringify({ ...session, messages });
    expect(await told(content)).toEqual([10, 'MALFORMED_BLOCK']);
    const [path, to] = [file('session', content), join(place.folder, 'mended')];
    expect(await recover('apply', path, '--to', to)).toMatchObject({ code: 0 });
    expect(readFileSync(to, 'utf8')).toContain('[A part that is no block: 5]');
    expect(await recover('plan', to)).toMatchObject({ code: 0 });
  });

  test.each([
    ['goose', goose],
    ['opencode', opencode],
    ['Kimi', kimi],
  ])('tells a part that is none, of %s, which is only read', async (_, make) => {
    for (const [name, bare] of bares) {
      const content = make([{ id: 'p2', ...text('fine') }, bare]);
      expect(await told(content), name).toEqual([10, 'MALFORMED_BLOCK']);
    }
  });

  test.each([
    ['goose', goose],
    ['opencode', opencode],
    ['Copilot CLI', copilot],
    ['Kimi', kimi],
  ])('tells a content that cannot be read, of %s, which is only read', async (_, make) => {
    for (const content of [5, true, { words: 'THE WORDS' }]) {
      expect(await told(make(content))).toEqual([20, 'UNREADABLE_CONTENT']);
    }
    const planned = await recover('plan', file('session', make({ words: 'THE WORDS' })));
    expect([planned.code, planned.stdout]).toEqual([20, expect.stringContaining('THE WORDS')]);
  });

  test('tells a content of Copilot CLI that cannot be read beside calls, and the result as it is', async () => {
    const event = (at: number, type: string, data: object): string =>
      `${JSON.stringify({ type, data, id: `e${at}`, parentId: at === 0 ? null : `e${at - 1}` })}\n`;
    const toolRequests = [{ toolCallId: 'a', name: 'look', arguments: {} }];
    const result = { toolCallId: 'a', success: true, result: { content: { degrees: 22 } } };
    const content = [
      event(0, 'session.start', { sessionId: 's' }),
      event(1, 'user.message', { content: 'hello' }),
      event(2, 'assistant.message', { content: ['THE WORDS'], toolRequests }),
      event(3, 'tool.execution_complete', result),
      event(4, 'assistant.message', { content: 'Warm.' }),
    ].join('');
    expect(await told(content)).toEqual([20, 'UNREADABLE_CONTENT']);
    const to = join(place.folder, 'page.html');
    await recover('report', file('session', content), '--html', to);
    expect(readFileSync(to, 'utf8')).toContain('degrees');
  });

  test('tells what is no thought and no call among those of Gemini CLI, and lets it stand', async () => {
    const session = { sessionId: 's', projectHash: 'p', startTime: 't', lastUpdated: 't' };
    const call = { id: 'c', name: 'look', args: {}, status: 'executing' };
    const own = { id: 'b', timestamp: '2026-01-01T00:00:02Z', type: 'gemini', content: 'fine' };
    const messages = [
      { id: 'a', timestamp: '2026-01-01T00:00:01Z', type: 'user', content: 'hello' },
      { ...own, thoughts: ['A THOUGHT'], toolCalls: ['A CALL', call] },
      { ...own, id: 'c', content: '', toolCalls: ['ALONE'] },
    ];
    const content = JSON.stringify({ ...session, messages });
    const codes = ['UNREADABLE_CONTENT', 'DANGLING_TOOL_CALL'];
    expect(await told(content)).toEqual(expect.arrayContaining([20, ...codes]));
    const [path, to] = [file('session', content), join(place.folder, 'mended')];
    const applied = await recover('apply', path, '--to', to);
    expect([applied.code, applied.stdout]).toEqual([20, expect.stringContaining('ALONE')]);
    const after = readFileSync(to, 'utf8');
    for (const words of ['A THOUGHT', 'A CALL', 'outcome of this call']) {
      expect(after).toContain(words);
    }
    expect((await recover('plan', to)).stdout).toContain('no plan can mend it');
  });

  test('tells the words of a request to Gemini that stand under a name that nobody knows', async () => {
    const contents = [
      { role: 'user', parts: [{ text: 'hello' }] },
      { role: 'model', text: 'THE WORDS' },
    ];
    const content = JSON.stringify({ contents });
    expect(await told(content)).toEqual(expect.arrayContaining([20, 'UNREADABLE_CONTENT']));
    const planned = await recover('plan', file('session', content));
    expect(planned.stdout).toContain('THE WORDS');
  });
});
