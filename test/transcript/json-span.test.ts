/** Places inside JSON, and members that get a value, against what JSON itself says. */
import fc from '../helpers/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { IdIndex, hashOf } from '../../src/transcript/id-index.ts';
import { elementSpans, pathSpan } from '../../src/transcript/json-span.ts';
import { memberSplice } from '../../src/transcript/respelled.ts';
import { linesBefore, linesBehind, withoutRecord } from '../../src/transcript/line-splices.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { spliced } from '../helpers/edit-lab.ts';

function at(text: string, path: readonly string[]): string | null {
  const bytes = Buffer.from(text);
  const span = pathSpan(bytes, path);
  return span === null ? null : bytes.subarray(span.start, span.end).toString();
}

describe('pathSpan', () => {
  test('finds the value of a member with its own spelling, the last of a repeated name', () => {
    const text = ' { "a" : 1.0e2 , "b":{"\\u0061":"x\\"}","n":[1,{}] }, "a": -0 }';
    expect(at(text, ['a'])).toBe('-0');
    expect(at(text, ['b', 'a'])).toBe('"x\\"}"');
    expect(at(text, ['b', 'n'])).toBe('[1,{}]');
    expect(at(text, ['b', 'missing'])).toBeNull();
    expect(at(text, ['a', 'b'])).toBeNull();
    expect(at('{}', ['a'])).toBeNull();
  });
});

describe('elementSpans', () => {
  test('finds the elements of any array as JSON does', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 6 }), fc.nat({ max: 2 }), (list, space) => {
        const bytes = Buffer.from(JSON.stringify(list, null, space));
        const found = elementSpans(bytes, 0).map(({ start, end }) => {
          return JSON.parse(bytes.subarray(start, end).toString()) as unknown;
        });
        expect(found).toEqual(JSON.parse(bytes.toString()));
      }),
    );
  });
});

describe('memberSplice', () => {
  test.each([
    ['{"a":1,"b":2}', ['b'], 3, '{"a":1,"b":3}'],
    ['{"a":1}', ['b'], 'x', '{"b":"x","a":1}'],
    ['{ }', ['b'], null, '{"b":null }'],
    ['{"a":{"c":[]}}', ['a', 'c'], [1], '{"a":{"c":[1]}}'],
    ['{"a":{}}', ['a', 'c'], 1, '{"a":{"c":1}}'],
  ])('changes %s at %s', (text, path, value, after) => {
    const splice = memberSplice(Buffer.from(`--${text}`).subarray(2), 2, path, value);
    expect(spliced(Buffer.from(`--${text}`), splice === null ? [] : [splice]).toString()).toBe(
      `--${after}`,
    );
  });

  test('memberSplice has no place in what is no object', () => {
    expect(memberSplice(Buffer.from('[1]'), 0, ['a'], 1)).toBeNull();
    expect(memberSplice(Buffer.from('{"a":1}'), 0, ['a', 'b'], 1)).toBeNull();
  });
});

describe('linesBehind, linesBefore and withoutRecord', () => {
  const whole = Buffer.from('{"a":1}\r\n{"b":2}{"c":3}\n{"d":4}');
  const source = bytesSource(whole);
  const extent = (text: string): { offset: number; length: number } => {
    return { offset: whole.indexOf(text), length: text.length };
  };
  const parsed = (text: string): unknown[] =>
    text.split(/\r?\n/).flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown]));

  test.each(['{"a":1}', '{"d":4}'])('put a line on either side of %s', (record) => {
    const lines = ['{"x":0}', '{"y":0}'];
    const mend = { offset: whole.indexOf('{"c"'), length: 0, bytes: Buffer.from('\n') };
    const behind = spliced(whole, [mend, linesBehind(source, extent(record), lines)]).toString();
    const before = spliced(whole, [mend, linesBefore(source, extent(record), lines)]).toString();
    const [key] = Object.keys(JSON.parse(record) as object);
    const keys = (text: string): string =>
      parsed(text)
        .map((value) => Object.keys(value as object)[0])
        .join('');
    expect(keys(behind)).toBe('abcd'.replace(key ?? '', `${key ?? ''}xy`));
    expect(keys(before)).toBe('abcd'.replace(key ?? '', `xy${key ?? ''}`));
  });

  test('withoutRecord takes the line only when nothing else stands on it', () => {
    const gone = (record: string): string =>
      spliced(whole, [withoutRecord(source, extent(record))]).toString();
    expect(gone('{"a":1}')).toBe('{"b":2}{"c":3}\n{"d":4}');
    expect(gone('{"c":3}')).toBe('{"a":1}\r\n{"b":2}\n{"d":4}');
    expect(gone('{"d":4}')).toBe('{"a":1}\r\n{"b":2}{"c":3}\n');
  });
});

describe('IdIndex', () => {
  test('finds the latest row of every id, and no row of others', () => {
    const index = new IdIndex();
    const rows = new Map<string, number>();
    for (let row = 0; row < 5000; row += 1) {
      const id = ((row * 7919) % 4001).toString(16).padStart(8, '0');
      index.add(hashOf(id));
      rows.set(id, row);
    }
    for (const [id, row] of rows) expect(index.find(hashOf(id))).toBe(row);
    for (let other = 0; other < 5000; other += 1) {
      expect(index.find(hashOf(`other-${other}`))).toBe(-1);
    }
  });
});
