/**
 * What stands behind the end of a file that is one JSON value: the rest of a longer file under a
 * shorter one, or a second value. No tool opens such a file, and the plan cuts it off.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const chat = [
  { role: 'user', content: 'What is in this folder?' },
  { role: 'assistant', content: 'One file: notes.txt.' },
];
const turns = [
  { role: 'user', parts: [{ text: 'What is in this folder?' }] },
  { role: 'model', parts: [{ text: 'One file: notes.txt.' }] },
];
const task = [
  { role: 'user', content: [{ type: 'text', text: '<task>Look.</task>' }], ts: 1 },
  { role: 'assistant', content: [{ type: 'text', text: 'One file.' }], ts: 2 },
];
const cline = { version: 1, sessionId: 's', agent: 'a', updated_at: '2026', messages: task };
const recorded = [
  { id: 'a', timestamp: 't', type: 'user', content: 'What is in this folder?' },
  { id: 'b', timestamp: 't', type: 'gemini', content: 'One file: notes.txt.' },
];
const session = { sessionId: 's', projectHash: 'p', startTime: 't', messages: recorded };
const whole: Readonly<Record<string, object>> = {
  'list of messages': chat,
  'body of a request': { model: 'gpt-5', messages: chat },
  'session of older versions of Gemini CLI': session,
  'checkpoint of Gemini CLI': { history: turns },
  'task of Cline': task,
  'session of Cline': cline,
};

/** As a program leaves it that writes a shorter value over a longer one and cuts nothing off. */
function over(value: string, old: string): string {
  return value + old.slice(value.length);
}

interface Planned {
  readonly lostBytes: readonly { readonly offset: number; readonly length: number }[];
  readonly left: readonly unknown[];
}

/** Plans, applies, and holds both to what they promise; gives the copy. */
async function mended(path: string, cutAt: number, size: number): Promise<string> {
  const planned = await recover('plan', path, '--json');
  const { lostBytes, left } = JSON.parse(planned.stdout) as Planned;
  expect(planned.code).toBe(20);
  expect(lostBytes).toMatchObject([{ offset: cutAt, length: size - cutAt }]);
  expect(left).toEqual([]);
  const to = join(place.folder, 'mended.json');
  expect(await recover('apply', path, '--to', to)).toMatchObject({ code: 20 });
  expect(await recover('plan', to)).toMatchObject({ code: 0 });
  return readFileSync(to, 'utf8');
}

describe.each(Object.entries(whole))('behind the end of a %s', (_, value) => {
  test.each([0, 1])('the rest of a longer file is cut off, indent %i', async (indent) => {
    const text = JSON.stringify(value, null, indent);
    const old = `${JSON.stringify(value, null, indent)}, "and more of it": "words of before"}]}\n`;
    const path = file('over.json', over(text, old));
    const verified = await recover('verify', path);
    expect(verified.code).toBe(20);
    const size = Buffer.byteLength(old);
    expect(verified.stdout).toContain(`${size - text.length} bytes stand behind the end`);
    expect(await mended(path, text.length, size)).toBe(text);
  });

  test.each(['', '\n'])(
    'a second value is told as one and cut off, between %j',
    async (between) => {
      const text = JSON.stringify(value, null, 2);
      const path = file('twice.json', `${text}${between}${text}\n`);
      const verified = await recover('verify', path);
      expect(verified.stdout).toMatch(
        /A second whole value stands behind .* the same once\s+more/s,
      );
      const begins = text.length + between.length;
      expect(await mended(path, begins, begins + text.length + 1)).toBe(text + between);
    },
  );

  test('blanks and line ends are nothing', async () => {
    const path = file('blank.json', `${JSON.stringify(value)}\n\t \r\n`);
    const told = await recover('plan', path);
    expect(told.code).toBe(0);
  });
});

describe('a second value that says more than the first', () => {
  test('is told as one that may be the newer, and listed with its size as what goes', async () => {
    const first = JSON.stringify(chat);
    const second = JSON.stringify([...chat, { role: 'user', content: 'Read it.' }]);
    const path = file('newer.json', first + second);
    const verified = await recover('verify', path);
    expect(verified.stdout).toMatch(/where\s+it\s+is\s+the\s+newer\s+one,\s+keep\s+that/);
    const planned = await recover('plan', path);
    expect(planned.stdout).toContain(`This takes ${second.length} B away for good`);
    expect(planned.stdout).toContain('which no tool can read');
    expect(await mended(path, first.length, first.length + second.length)).toBe(first);
  });
});

describe('a session of older versions of Gemini CLI on one line', () => {
  const line = JSON.stringify(session);

  test('gives back what stands in front of a torn end', async () => {
    const path = file('torn.json', line.slice(0, -12));
    const { code, stdout } = await recover('verify', path, '--json');
    expect(code).toBe(20);
    expect(JSON.parse(stdout)).toMatchObject({ format: 'gemini-cli', messages: 1 });
  });

  const more = { id: 'c', timestamp: 't', type: 'gemini', content: 'I read it.' };

  test('is the first line of newer versions, where these went on behind it', async () => {
    const path = file('on.jsonl', `${line}\n${JSON.stringify(more)}\n`);
    const { code, stdout } = await recover('verify', path, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ records: 2, messages: 3, findings: [] });
  });

  test('is so also where they went on without a line end: nothing is cut off', async () => {
    const path = file('fused.json', `${line}${JSON.stringify(more)}\n`);
    const { code, stdout } = await recover('plan', path, '--json');
    expect(code).toBe(10);
    expect(JSON.parse(stdout)).toMatchObject({ lostBytes: [] });
    const to = join(place.folder, 'parted.jsonl');
    await recover('apply', path, '--to', to);
    expect(readFileSync(to, 'utf8')).toBe(`${line}\n${JSON.stringify(more)}\n`);
  });
});

describe('recover apply', () => {
  test('writes no copy that is still no JSON, and plan says so', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'ls', arguments: '{}' } };
    const messages = [
      { role: 'user', content: 'Look.' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'user', content: 'And?' },
    ];
    const body = `{"messages":${JSON.stringify(messages)}, these are no members}`;
    const path = file('body.json', body);
    const planned = await recover('plan', path);
    expect(planned.code).toBe(20);
    expect(planned.stdout).toContain('leaves it no JSON');
    const to = join(place.folder, 'none.json');
    const told = await recover('apply', path, '--to', to);
    expect(told.code).toBe(20);
    expect(told.stderr).toContain('holdfast import');
    // No policy takes the damage away, and none is named.
    expect(told.stderr).not.toContain('--policy');
    expect(() => readFileSync(to)).toThrow(/ENOENT/);
  });
});
