/** Text for people: numbers, ranges, lines, and foreign text that must not reach a terminal as it is. */
import { describe, expect, test } from 'vitest';
import { entryText } from '../../src/cli/entry-text.ts';
import { linesOf } from '../../src/cli/json-lines.ts';
import { messageMarkdown } from '../../src/cli/markdown.ts';
import { distanceBetween, nearest } from '../../src/cli/suggest.ts';
import { styleFor } from '../../src/cli/talk.ts';
import {
  bytes,
  harmless,
  json,
  number,
  oneLine,
  range,
  time,
  wrapped,
} from '../../src/cli/text.ts';
import type { ContentBlock, Message } from '../../src/session/message.ts';
import { chunksOf } from '../helpers/cli.ts';

describe('text for people', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [99_949, '99.9 kB'],
    [99_950, '100 kB'],
    [999_949, '1000 kB'],
    [999_950, '1.0 MB'],
    [6_000_000, '6.0 MB'],
    [2 ** 50, '1126 TB'],
  ])('bytes writes %i in a unit', (count, text) => {
    expect(bytes(count).replace('1,126', '1126')).toBe(text);
  });

  test('number sets thousands apart, and range tells an end that nobody knows', () => {
    expect([number(1), number(1234), number(12_345_678)]).toEqual(['1', '1,234', '12,345,678']);
    expect(range({ from: 3, to: 3 })).toBe('3');
    expect(range({ from: 3, to: null })).toBe('3 to an unknown end');
    expect(time(0)).toBe('1970-01-01 00:00:00Z');
    expect([time(null), time(Number.NaN), time(1e300)]).toEqual(['-', '-', '-']);
  });

  test('harmless shows control characters and marks of direction instead of sending them', () => {
    expect(harmless('a\u001b[2Jb\r\u0007\u009b\u202e\tc\nd')).toBe(
      'a\\x1b[2Jb\\x0d\\x07\\x9b\\u202e\tc\nd',
    );
    expect(oneLine('  one\n two\tthree  ', 9)).toBe('one two …');
  });

  test('wrapped keeps every word and the width', () => {
    const words = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ');
    const lines = wrapped(words, 2, 4).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(92);
    expect(lines.join(' ').split(/\s+/).filter(Boolean).join(' ')).toBe(words);
  });

  test('json keeps half characters and __proto__ and writes bytes in base64', () => {
    const value: unknown = JSON.parse('{"__proto__":{"a":1},"b":"\\ud83d"}');
    expect(JSON.parse(json(value))).toEqual(value);
    expect(json({ a: new Uint8Array([1, 2]) })).toBe('{"a":{"$bytes":"AQI="}}');
  });

  test('nearest finds what was meant, and nothing for something else', () => {
    expect(distanceBetween('lsit', 'list')).toBe(1);
    expect(nearest('apend', ['append', 'export'])).toBe('append');
    expect(nearest('xyzzy', ['append', 'export'])).toBeNull();
  });
});

describe('linesOf', () => {
  async function read(text: string, size: number, bytesMax?: number): Promise<unknown[]> {
    const told: unknown[] = [];
    for await (const line of linesOf(chunksOf(text, size), { bytesMax })) {
      told.push('text' in line ? line.text : line.fault);
    }
    return told;
  }

  test.each([1, 2, 3, 64])('linesOf cuts the same lines from chunks of %i bytes', async (size) => {
    expect(await read('ä\n\n😀b\r\nlast', size)).toEqual(['ä', '', '😀b\r', 'last']);
    expect(await read('', size)).toEqual([]);
    expect(await read('\n', size)).toEqual(['']);
  });

  test('linesOf refuses a line over the bound, keeps nothing of it, and goes on behind it', async () => {
    expect(await read(`abc\n${'x'.repeat(100)}\nde\n`, 7, 10)).toEqual([
      'abc',
      'it has 100 bytes; the bound is 10',
      'de',
    ]);
  });
});

describe('entryText', () => {
  const style = styleFor('plain');
  const shown = (content: Message['content']): string =>
    entryText(
      { seq: 3, timeMs: 0, event: { kind: 'message', message: { role: 'user', content } } },
      style,
    );

  test('entryText cuts a long text and says how much more there is', () => {
    const text = shown('line\n'.repeat(1000));
    expect(text.split('\n')).toHaveLength(42);
    expect(text).toContain('… 4,800 more characters');
    expect(shown('x'.repeat(10_000_000)).length).toBeLessThan(1000);
  });

  test('entryText shows blocks of every kind, also malformed ones', () => {
    const blocks = [
      { type: 'text', text: 'words\u001b[2J' },
      { type: 'thinking', thinking: 'thought' },
      { type: 'tool_use', id: 'c1', name: 'bash', input: { command: 'ls' } },
      { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'out' }] },
      { type: 'tool_result', tool_use_id: 'c2', is_error: true },
      { type: 'image', source: {} },
      { type: 'text', text: 7 },
      { type: 'odd' },
    ] as readonly ContentBlock[];
    expect(shown(blocks)).toMatchInlineSnapshot(`
      "#3 user  1970-01-01 00:00:00Z
        words\\x1b[2J
        thought
        → bash (c1) {"command":"ls"}
        ← c1
          out
        ✗ c2
        [image, 28 B]
        [odd, 14 B]"
    `);
    expect(shown([])).toContain('(empty)');
  });

  test('messageMarkdown fences code with more backquotes than it holds', () => {
    const fences = 'a\n```\nb\n````';
    const content = [{ type: 'tool_result', tool_use_id: 'c1', content: fences } as const];
    const text = messageMarkdown(1, { role: 'user', content });
    expect(text).toContain('\n`````\na\n');
  });
});
