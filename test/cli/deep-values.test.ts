/** Values that are nested deeper than any stack, in every place of a transcript. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { clean, eachInItsFolder, file, place, recover } from './rollouts.ts';

eachInItsFolder();

const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
const half = deep.replace('[]', String.raw`["\ud800"]`);
const call = (input: string): string =>
  `{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"x","input":{"a":${input}}}]}`;
const prompt = '{"role":"user","content":"h"}';
const result = (content: string): string =>
  `{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":${content}}]}`;
const chat = (text: string): string =>
  `{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function",` +
  `"function":{"name":"x","arguments":${JSON.stringify(text)}}}]}`;

describe('recover on values nested 10,000 deep', () => {
  test.each([
    ['a call without a result', `[${prompt},${call(deep)}]`],
    ['a call of a clean list', `[${prompt},${call(deep)},${result('"r"')},${prompt}]`],
    ['a call with half a character', `[${prompt},${call(half)},${result('"r"')}]`],
    ['a result', `[${prompt},${call('1')},${prompt},${result(deep)}]`],
    ['a role', `[${prompt},{"role":${deep},"content":"h"}]`],
    ['the arguments of OpenAI', `[${prompt},${chat(`{"a":${deep}}`)}]`],
    ['a list with blanks', `[${prompt}, ${call(deep).replaceAll('":', '": ')}]`],
  ])('mends them or leaves them, and never fails: %s', async (_what, text) => {
    const path = file('list.json', text);
    const out = join(place.folder, 'out');
    const codes = [];
    for (const words of [['scan'], ['verify'], ['plan'], ['apply', '--to', out]] as const) {
      codes.push((await recover(words[0], path, ...words.slice(1))).code);
    }
    expect([
      [0, 0, 0, 0],
      [10, 10, 10, 0],
    ]).toContainEqual(codes);
    expect((await recover('verify', out)).code).toBe(0);
  });

  test('reads objects a million deep in a list as in lines, and scans them once', async () => {
    const levels = 1_000_000;
    const objects = `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    const text = `[${prompt},${call(objects)},${result('"r"')},${prompt}]`;
    const told = await recover('scan', file('deep.json', text));
    expect([told.code, told.stdout]).toEqual([0, expect.stringContaining('1 clean')]);
  }, 60_000);

  test('names the end of the way to a number that is rounded, however long it is', async () => {
    const objects = `${'{"a":'.repeat(100_000)}12345678901234567890${'}'.repeat(100_000)}`;
    const path = file('deep.jsonl', `${prompt}\n${call(objects)}\n${result('"r"')}\n`);
    const told = await recover('verify', path, '--json');
    expect([told.code, told.stdout]).toEqual([0, expect.stringContaining('NUMBER_ROUNDED')]);
    expect(told.stdout).toMatch(/at ….{0,4}a\.a\.a/);
  });

  test('passes over a list of lists in a folder, and looks at what comes behind it', async () => {
    file('a.json', `${deep}\n`);
    file('b.jsonl', clean);
    const told = await recover('scan', place.folder);
    expect(told.code).toBe(0);
    expect(told.stdout).toContain('1 transcript: 1 clean, 1 other file passed over');
    expect((await recover('verify', join(place.folder, 'a.json'))).code).toBe(64);
  });
});
