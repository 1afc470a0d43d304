/** What `verify` says is to be done next is what `plan` does, also where little or nothing is. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { call, eachInItsFolder, file, place, recover, rollout, words } from './rollouts.ts';
import { claudeRecord, lines, text } from './session-files.ts';

eachInItsFolder();

const hello = { role: 'user', content: 'Hello' };
const hi = { role: 'assistant', content: 'Hi' };

describe('recover verify', () => {
  test('says of a clean file what a plan offers, and that it may stay', async () => {
    const blank = { role: 'user', content: [text('Go on.'), text(' ')] };
    const path = file('list.json', JSON.stringify([hello, hi, blank, hi]));
    const verified = await recover('verify', path, '--profile', 'mistral');
    expect(verified.code).toBe(0);
    expect(verified.stdout).toMatch(/It may stay as it is; recover plan .* offers 1 small mend/);
    const planned = await recover('plan', path, '--profile', 'mistral');
    expect([planned.code, planned.stdout]).toEqual([10, expect.stringContaining('1 edit to make')]);
    const json = await recover('verify', path, '--profile', 'mistral', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ verdict: 'clean', offers: 1 });
  });

  test('says nothing of a plan where none has anything to do', async () => {
    const path = file('list.json', JSON.stringify([hello, hi, hello]));
    const { code, stdout } = await recover('verify', path);
    expect([code, stdout]).toEqual([0, expect.not.stringContaining('recover plan')]);
    expect(await recover('plan', path)).toMatchObject({ code: 0 });
    const json = await recover('verify', path, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ verdict: 'clean', offers: 0 });
  });

  test('names no plan for a part of an answer that cannot be read and stays', async () => {
    const part = (at: number, members: object): object =>
      claudeRecord(at, 'assistant', { id: 'msg_1', type: 'message', ...members });
    const path = file(
      'session.jsonl',
      lines(
        claudeRecord(0, 'user', { content: 'hello' }),
        part(1, { content: [text('fine')] }),
        part(2, { contenst: [text('THE ANSWER')] }),
        claudeRecord(3, 'user', { content: 'more' }),
      ),
    );
    for (const verb of ['scan', 'verify']) {
      const { code, stdout } = await recover(verb, path);
      expect([verb, code]).toEqual([verb, 20]);
      expect(stdout).not.toContain('recover plan');
    }
    expect((await recover('verify', path)).stdout).toContain('explain UNREADABLE_CONTENT');
    expect((await recover('plan', path)).stdout).toContain('no plan can mend it');
  });

  test('names the policy under which another provider can have a copy', async () => {
    const path = file('rollout.jsonl', rollout(words('user', 'List it'), call));
    const to = join(place.folder, 'mended');
    const dropping = /--profile gemini --policy drop/;
    for (const rest of [['verify'], ['plan'], ['apply', '--to', to]]) {
      const [verb = '', ...more] = rest;
      const { code, stdout, stderr } = await recover(verb, path, '--profile', 'gemini', ...more);
      expect([verb, code, stdout + stderr]).toEqual([verb, 20, expect.stringMatching(dropping)]);
    }
    expect(existsSync(to)).toBe(false);
    const wanted = ['--profile', 'gemini', '--policy', 'drop'];
    expect(await recover('plan', path, ...wanted)).toMatchObject({ code: 10 });
    expect(await recover('apply', path, ...wanted, '--to', to)).toMatchObject({ code: 0 });
  });
});

describe('recover apply', () => {
  const event = (at: number, type: string, data: object): object => {
    return { type, data, id: `e${at}`, parentId: at === 0 ? null : `e${at - 1}` };
  };
  const toolRequests = [{ toolCallId: 'a', name: 'look', arguments: {} }];
  const copilot = lines(
    event(0, 'session.start', { sessionId: 's' }),
    event(1, 'user.message', { content: 'hello' }),
    event(2, 'assistant.message', { content: 'Yes.', toolRequests }),
    event(3, 'user.message', { content: 'more' }),
  );
  const kimi = lines(
    { type: 'metadata', protocol_version: '1.3' },
    { type: 'context.append_message', message: { role: 'user', content: [text('hello'), 5] } },
  );
  const contents = JSON.stringify({
    contents: [
      { role: 'user', parts: [{ text: 'hello' }] },
      { role: 'model', parts: [{ functionCall: { id: 'a', name: 'look', args: {} } }] },
    ],
  });

  test.each([
    ['Copilot CLI', copilot],
    ['Kimi', kimi],
    ['a request to Gemini', contents],
  ])('writes no copy of %s, which is only read, and names the way out', async (_, content) => {
    const path = file('session', content);
    const to = join(place.folder, 'mended');
    expect(await recover('verify', path)).toMatchObject({ code: 10 });
    const planned = await recover('plan', path);
    expect([planned.code, planned.stdout]).toEqual([10, expect.stringContaining('is only read')]);
    const applied = await recover('apply', path, '--to', to);
    expect([applied.code, applied.stderr]).toEqual([40, expect.stringContaining('only read')]);
    expect(applied.stderr).toMatch(/holdfast import .*\n.*recover apply DIR .*\n.*holdfast export/);
    const json = await recover('apply', path, '--to', to, '--json');
    expect([json.code, JSON.parse(json.stdout)]).toEqual([
      40,
      expect.objectContaining({ to: null, writable: false }),
    ]);
    expect(existsSync(to)).toBe(false);
  });

  test('copies what is only read where nothing in it is to be mended', async () => {
    const path = file('session', copilot.split('\n').slice(0, 2).join('\n').concat('\n'));
    const to = join(place.folder, 'copy');
    expect(await recover('apply', path, '--to', to)).toMatchObject({ code: 0 });
    expect(existsSync(to)).toBe(true);
  });
});
