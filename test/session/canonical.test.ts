/** Canonical JSON: fixed vectors, and one text for one value. */
import { isDeepStrictEqual } from 'node:util';
import fc from '../helpers/fast-check.ts';
import { expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { canonicalJson } from '../../src/session/canonical.ts';

it('canonicalJson writes the example of RFC 8785', () => {
  const value = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 1e-27],
    string: '€$\u000f\nA\'B"\\\\"/',
    literals: [null, true, false],
  };
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

it('canonicalJson sorts members by UTF-16 code units, as the example of RFC 8785 does', () => {
  const value = {
    '€': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '😀': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    ö: 'Latin Small Letter O With Diaeresis',
  };
  const names = [...canonicalJson(value).matchAll(/:"([^"]*)"/g)].map((match) => match[1]);
  expect(names).toEqual([
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ]);
});

it('canonicalJson writes half characters in lower case, whole ones as they are', () => {
  expect(canonicalJson(['\ud83d', '😀', '\udE00\uD83D'])).toBe('["\\ud83d","😀","\\ude00\\ud83d"]');
});

it('canonicalJson writes bytes as an object that no object can be taken for', () => {
  const bytes = new Uint8Array([0, 255, 128]);
  expect(canonicalJson(bytes)).toBe('{"$bytes":"AP+A"}');
  expect(canonicalJson(Buffer.from(bytes))).toBe('{"$bytes":"AP+A"}');
  expect(canonicalJson({ $bytes: 'AP+A' })).toBe('{"$$bytes":"AP+A"}');
  expect(canonicalJson({ $$bytes: 1, $a: 2 })).toBe('{"$$$bytes":1,"$a":2}');
  // Sorted by the names as written: `$$bytes` stands before `$a`, `$bytes` would not.
  expect(canonicalJson({ $a: 2, $bytes: 1, bytes: 3 })).toBe('{"$$bytes":1,"$a":2,"bytes":3}');
});

it('canonicalJson leaves undefined members out and writes -0 as 0', () => {
  expect(canonicalJson({ b: undefined, a: -0 })).toBe('{"a":0}');
});

it('canonicalJson refuses what cannot be kept', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 10_000; level++) deep = [deep];
  for (const wrong of [Number.NaN, 1n, [undefined], new Date(0), new Float32Array(1), deep]) {
    expect(() => canonicalJson(wrong)).toThrow(HoldfastError);
  }
});

it('canonicalJson gives one text for equal values, and different ones for others', () => {
  const value = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(value, value, (left, right) => {
      // Without -0, which is written as 0.
      const [one, other] = [left, right].map((part) => JSON.parse(JSON.stringify(part)) as unknown);
      expect(JSON.parse(canonicalJson(one))).toEqual(one);
      expect(canonicalJson(one) === canonicalJson(other)).toBe(isDeepStrictEqual(one, other));
    }),
  );
});

it('canonicalJson does not depend on the order in which members were set', () => {
  const members = fc.uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), fc.jsonValue()), {
    selector: ([name]) => name,
  });
  fc.assert(
    fc.property(members, (list) => {
      const back = Object.fromEntries([...list].reverse());
      expect(canonicalJson(back)).toBe(canonicalJson(Object.fromEntries(list)));
    }),
  );
});
