/**
 * What `recover apply` writes for the provider that a tool talks to is accepted when it is read
 * again, whatever odd file it was made of; and where no copy can be had, that is told by every
 * command alike, and never as a fault of Holdfast.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

type Members = Readonly<Record<string, unknown>>;

const lines = (...values: readonly object[]): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join('');
const text = (words: string): object => ({ type: 'text', text: words });
const use = (id: string): object => ({ type: 'tool_use', id, name: 'look', input: {} });
const result = (id: string, words: string): object => ({
  type: 'tool_result',
  tool_use_id: id,
  content: words,
});
const ask = { role: 'user', content: 'Look.' };

/** A record of Claude Code. */
function record(at: number, parent: number | null, type: string, message: Members): object {
  const timestamp = `2026-01-01T00:00:${String(at).padStart(2, '0')}.000Z`;
  const parentUuid = parent === null ? null : `u-${parent}`;
  const own = { isSidechain: false, sessionId: 's', cwd: '/p', version: '2.0.0' };
  return { parentUuid, ...own, type, message, uuid: `u-${at}`, timestamp };
}

const answer = (id: string, ...content: readonly object[]): Members => ({
  id,
  type: 'message',
  role: 'assistant',
  model: 'claude-opus-4-5',
  content,
});
const user = (...content: readonly unknown[]): Members => ({ role: 'user', content });

const twoRoles = lines(
  record(1, null, 'user', ask),
  record(2, 1, 'assistant', answer('m1', use('a'))),
  record(3, 2, 'assistant', answer('m2', use('b'))),
  record(4, 3, 'user', user(result('a', 'A wall.'))),
  record(5, 4, 'user', { role: 'narrator', content: [result('b', 'A door.')] }),
);

/** The first record that is reached goes; the one behind it must not seem to follow the branch. */
const lostParent = lines(
  record(3, 2, 'assistant', answer('m1', use('a'))),
  record(6, 5, 'assistant', answer('m3', use('b'))),
  record(9, 3, 'user', user(text('Go on.'))),
);

/** Without its number, the record in the middle no longer parts what is before and behind it. */
const parted = lines(
  record(1, null, 'user', ask),
  record(2, 1, 'assistant', answer('m1', use('a'))),
  record(3, 2, 'user', user(5, result('a', 'A wall.'))),
  record(4, 3, 'assistant', answer('m1', text('A wall.'))),
  record(5, 4, 'user', user(text('Thanks.'))),
);

/** The result goes, and the last record follows what its earlier copy follows. */
const becomesEqual = lines(
  record(1, null, 'user', ask),
  record(2, 1, 'user', user(result('', ''))),
  record(3, 1, 'user', user(text('Go on.'))),
  record(3, 2, 'user', user(text('Go on.'))),
);

const strayBody = (content: readonly unknown[]): string =>
  JSON.stringify({
    model: 'claude',
    messages: [ask, { role: 'assistant', content: 'A wall.' }, { role: 'system', content }],
  });

/** A session of pi: entries one behind the other. */
function pi(by: Members, ...messages: readonly Members[]): string {
  const timestamp = '2026-01-01T00:00:00Z';
  const entries = messages.map((message, at) => ({
    type: 'message',
    id: `e${at}`,
    parentId: at === 0 ? null : `e${at - 1}`,
    timestamp,
    message: message['role'] === 'assistant' ? { ...message, ...by } : message,
  }));
  return lines({ type: 'session', version: 3, id: 's', timestamp, cwd: '/p' }, ...entries);
}

const claude = { api: 'anthropic-messages', provider: 'anthropic', model: 'm', stopReason: 'stop' };
const bedrock = { ...claude, api: 'bedrock-converse-stream', provider: 'amazon-bedrock' };
const piCall = (id: string): object => ({ type: 'toolCall', id, name: 'look', arguments: {} });
const piResult = (id: string): Members => ({
  role: 'toolResult',
  toolCallId: id,
  toolName: 'look',
  isError: false,
  content: [text('A wall.')],
});

describe('recover apply', () => {
  test.each<[string, string, string]>([
    ['a message of Claude Code has records of two roles', twoRoles, 'annotate'],
    ['the first record of Claude Code goes, whose parent is lost', lostParent, 'drop'],
    ['a record would say the same as an earlier one of its uuid', becomesEqual, 'drop'],
    ['two answers of one id are no longer parted by words', parted, 'drop'],
    ['instructions hold what is no block', strayBody([text('Be brief.'), 5]), 'annotate'],
    ['instructions hold a call', strayBody([text('Be brief.'), use('t')]), 'annotate'],
    [
      'an answer of pi holds a result that says nothing',
      pi(
        claude,
        ask,
        { role: 'assistant', content: [piCall('a')] },
        { role: 'assistant', content: [result('a', '')] },
      ),
      'drop',
    ],
    [
      'a part of pi of an unknown kind has a member named by half a character',
      pi(claude, ask, { role: 'assistant', content: [{ type: 'beam', '\uD83D': 'x' }] }),
      'annotate',
    ],
    [
      'an answer of pi holds an item with half a character',
      pi(claude, ask, {
        role: 'assistant',
        content: [{ type: 'reasoning', summary: '\uDE00' }, text('A wall.')],
      }),
      'annotate',
    ],
  ])('writes a copy that is accepted where %s', async (_name, content, policy) => {
    const path = file('session', content);
    const to = join(place.folder, 'mended');
    const words = ['--policy', policy];
    const planned = await recover('plan', path, ...words);
    const applied = await recover('apply', path, ...words, '--to', to);
    expect(applied.stderr).not.toContain('fault');
    expect([planned.code, applied.code]).toEqual([10, 0]);
    const again = await recover('plan', to, ...words);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('nothing to do')]);
  });

  test('writes into a circle of pi what is mended, and tells that the circle stays', async () => {
    const messages = [[text('x')], [piCall('a')]].map((content) => ({
      role: 'assistant',
      content,
    }));
    const circle = pi(claude, ...messages).replace('"parentId":null', '"parentId":"e1"');
    const path = file('session', circle);
    const to = join(place.folder, 'mended');
    const applied = await recover('apply', path, '--to', to);
    expect([applied.code, applied.stderr]).toEqual([20, expect.stringContaining('mended copy')]);
    expect((await recover('plan', to)).stdout).toContain('no plan can mend it');
  });

  test('mends a list that lost its end where another one begins', async () => {
    const one = JSON.stringify([ask]);
    const path = file('session', `${one.slice(0, -1)}${one.slice(0, -1)}`);
    const to = join(place.folder, 'mended');
    const applied = await recover('apply', path, '--to', to);
    expect([applied.code, applied.stdout]).toEqual([20, expect.stringContaining('for good')]);
    expect((await recover('verify', to)).code).toBe(0);
  });

  test('lifts nothing beside a `system` of another shape, which stays as it is', async () => {
    const body = JSON.parse(strayBody([text('Be brief.')])) as object;
    const path = file('session', JSON.stringify({ ...body, system: { rule: 'Be kind.' } }));
    const to = join(place.folder, 'mended');
    expect((await recover('apply', path, '--to', to)).code).toBe(20);
  });
});

describe('recover', () => {
  test('a copy that pi has no words for is refused by every verb alike', async () => {
    const path = file(
      'session',
      pi(bedrock, ask, { role: 'assistant', content: [piCall('a')] }, piResult('a'), ask),
    );
    const to = join(place.folder, 'mended');
    for (const words of [['scan'], ['verify'], ['plan'], ['apply', '--to', to]]) {
      const [verb = '', ...rest] = words;
      const told = await recover(verb, path, ...rest);
      expect([verb, told.code]).toEqual([verb, 20]);
      if (verb !== 'scan') expect(told.stdout + told.stderr).toContain('holdfast import');
    }
    expect(existsSync(to)).toBe(false);
  });

  test('results of pi in entries of their own are one message of the user', async () => {
    const calls = { role: 'assistant', content: [piCall('a'), piCall('b')] };
    const rest = [{ role: 'assistant', content: [text('A wall.')] }, ask];
    const path = file('session', pi(bedrock, ask, calls, piResult('a'), piResult('b'), ...rest));
    expect((await recover('verify', path)).code).toBe(0);
  });

  test('damage that would be read in another way is told, and no fault of Holdfast', async () => {
    const path = file(
      'session',
      [
        '[\n  {"role":"assistant","content":"w"},{"role":"assistant","content":[{"":""',
        '{"role":"assistant","content":[{"type":"tool_use","id":"3","name":"g","input":{}}]},',
        '\n  {},{"role":"assistant","content":[]\n}}\n  {}',
      ].join(''),
    );
    const to = join(place.folder, 'mended');
    for (const words of [['verify'], ['plan'], ['apply', '--to', to]]) {
      const [verb = '', ...rest] = words;
      expect([verb, (await recover(verb, path, ...rest)).code]).toEqual([verb, 20]);
    }
    expect(existsSync(to)).toBe(false);
  });
});
