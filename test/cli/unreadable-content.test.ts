/**
 * Words of a message that stand where nobody looks for them are listed before they go, and a block
 * that stands alone where a list should be is read, in the files of every tool that is written.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keptMessages } from '../../src/cli/import/kept.ts';
import { placed } from '../helpers/placed.ts';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';
import {
  anthropic,
  chat,
  claude,
  claudeRecord,
  cline,
  codex,
  gemini,
  hello,
  lines,
  pi,
  text,
  written,
} from './session-files.ts';
import type { Making } from './session-files.ts';

eachInItsFolder();

/** Exit codes and words of `verify`, `plan` and `apply`, and what was written. */
async function seen(content: string): Promise<{
  readonly codes: readonly (number | string)[];
  readonly plan: string;
  readonly written: string;
}> {
  const path = file('session', content);
  const to = join(place.folder, 'mended');
  const [verified, planned] = [await recover('verify', path), await recover('plan', path)];
  const applied = await recover('apply', path, '--to', to);
  const reported = await recover('report', path, '--html', join(place.folder, 'page.html'));
  expect(await recover('plan', to)).toMatchObject({ code: 0 });
  const codes = [verified.code, planned.code, applied.code, reported.code];
  return { codes, plan: planned.stdout, written: readFileSync(to, 'utf8') };
}

const block = { type: 'text', text: 'THE ANSWER' };

describe('recover', () => {
  test.each<[string, Making, object, string]>([
    ['Claude Code', claude, { content: block }, '"content":[{"type":"text"'],
    ['Codex', codex, { content: { ...block, type: 'output_text' } }, '"content":[{"type":"out'],
    ['pi', pi, { content: block }, '"content":[{"type":"text"'],
    ['Anthropic', anthropic, { content: block }, '"content":[{"type":"text"'],
    ['Cline', cline, { content: block, ts: 3 }, '"content":[{"type":"text"'],
    ['Gemini', gemini, { parts: { text: 'THE ANSWER' } }, '"parts":[{"text"'],
  ])('a content of one block is put into a list, of %s', async (_, make, answer, wanted) => {
    const before = make(answer);
    const { codes, written } = await seen(before);
    expect(codes).toEqual([10, 10, 0, 10]);
    const at = written.indexOf('THE ANSWER');
    expect(written.slice(at - 60, at)).toContain(wanted);
    // Nothing but the two brackets is new.
    expect(written.length).toBe(before.length + 2);
  });

  test.each(written)(
    'words under a wrong name are listed before they go, of %s',
    async (_, make) => {
      const { codes, plan, written } = await seen(make({ contenst: [text('THE ANSWER')] }));
      expect(codes).toEqual([20, 20, 20, 20]);
      expect(plan).toContain('UNREADABLE_CONTENT');
      expect(plan).toContain('THE ANSWER');
      expect(written).not.toContain('THE ANSWER');
      expect(written).toContain('last');
    },
  );

  test.each(written)(
    'a question that cannot be read is answered all the same, of %s',
    async (_, make) => {
      const content = [{ ...text('fine'), type: make === codex ? 'output_text' : 'text' }];
      const answer = make === gemini ? { parts: [{ text: 'fine' }] } : { content };
      const { codes, plan, written } = await seen(make(answer, { contenst: 'THE QUESTION' }));
      expect(codes).toEqual([20, 20, 20, 20]);
      expect(plan).toContain('THE QUESTION');
      expect(written).toContain('[What stood in this message cannot be read.]');
      expect(written).toContain('fine');
    },
  );

  test('a message of no content at all is empty, and nothing of it is lost', async () => {
    const answer = { content: [text('fine')] };
    const { codes, written } = await seen(claude(answer, {}));
    expect(codes).toEqual([10, 10, 0, 10]);
    expect(written).toContain('[This message was empty.]');
  });

  test('a part of an answer that cannot be read stays, and is told', async () => {
    const part = (at: number, members: object): object =>
      claudeRecord(at, 'assistant', { id: 'msg_1', type: 'message', ...members });
    const before = lines(
      claudeRecord(0, 'user', hello),
      part(1, { content: [text('fine')] }),
      part(2, { contenst: [text('THE ANSWER')] }),
      claudeRecord(3, 'user', { content: 'more' }),
    );
    const path = file('session', before);
    const to = join(place.folder, 'mended');
    for (const words of [['verify'], ['plan'], ['apply', '--to', to]]) {
      const [verb = '', ...rest] = words;
      expect(await recover(verb, path, ...rest), verb).toMatchObject({ code: 20 });
    }
    expect(readFileSync(to, 'utf8')).toBe(before);
  });

  test('every part of an answer that cannot be read is listed', async () => {
    const part = (at: number, words: string): object =>
      claudeRecord(at, 'assistant', { id: 'msg_1', type: 'message', contenst: words });
    const last = claudeRecord(3, 'user', { content: 'more' });
    const { codes, plan } = await seen(
      lines(claudeRecord(0, 'user', hello), part(1, 'FIRST'), part(2, 'SECOND'), last),
    );
    expect(codes).toEqual([20, 20, 20, 20]);
    expect(plan).toContain('FIRST');
    expect(plan).toContain('SECOND');
  });

  test('words that cannot be read are listed where a result takes their place', async () => {
    const call = { type: 'tool_use', id: 't1', name: 'read', input: {} };
    const answered = { type: 'tool_result', tool_use_id: 't1', content: 'ok' };
    const path = file(
      'session',
      lines(
        claudeRecord(0, 'user', hello),
        claudeRecord(1, 'assistant', { content: [call] }),
        claudeRecord(2, 'user', { contenst: 'THE QUESTION' }),
        claudeRecord(3, 'user', { content: [answered] }),
        claudeRecord(4, 'assistant', { content: [text('last')] }),
      ),
    );
    const told = await recover('plan', path, '--profile', 'bedrock');
    expect([told.code, told.stdout]).toEqual([20, expect.stringContaining('THE QUESTION')]);
  });

  test('instructions that cannot be read are listed, and not lifted as if they were empty', async () => {
    const { codes, plan } = await seen(
      JSON.stringify({
        messages: [
          { role: 'user', content: [text('hello')] },
          { role: 'assistant', content: [text('fine')] },
          { role: 'system', contenst: 'THE RULE' },
          { role: 'user', content: [text('more')] },
          { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'r', input: {} }] },
        ],
      }),
    );
    expect(codes).toEqual([20, 20, 20, 20]);
    expect(plan).toContain('THE RULE');
  });

  test('a result that is JSON and no text answers its call with that JSON', async () => {
    const fn = { name: 'read', arguments: '{}' };
    const call = { id: 'c1', type: 'function', function: fn };
    const { codes, written } = await seen(
      JSON.stringify([
        { role: 'user', content: 'go' },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'c1', content: { degrees: 22 } },
        { role: 'assistant', content: 'Warm.' },
      ]),
    );
    expect(codes).toEqual([10, 10, 0, 10]);
    expect(JSON.parse(written)).toMatchObject([{}, {}, { content: '{"degrees":22}' }, {}]);
  });

  test('members that say something beside an empty content are listed', async () => {
    const { codes, plan } = await seen(chat({ content: null, reasoning: 'THE ANSWER' }));
    expect(codes).toEqual([20, 20, 20, 20]);
    expect(plan).toContain('THE ANSWER');
  });
});

describe('keptMessages', () => {
  test('keptMessages keeps words that cannot be read in the session', () => {
    const unread = { contenst: 'THE ANSWER' };
    const [one] = keptMessages(placed([{ role: 'assistant', content: [], unread }]));
    expect(one?.message.content).toEqual([{ type: 'malformed', value: unread }]);
  });
});
