/** JSON of values that are nested deeper than the stack is. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { asWords, deepJson, laidOutJson, sameValue } from '../../src/base/deep-json.ts';
import fc from '../helpers/fast-check.ts';

const depth = 30_000;
const nested = `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`;

describe('deepJson', () => {
  test('writes what was parsed, however deep it is', () => {
    expect(deepJson(JSON.parse(nested)) === nested).toBe(true);
    expect(asWords(JSON.parse(nested)) === nested).toBe(true);
  });

  test('replaces members of deep values as JSON.stringify does', () => {
    const bytes = (member: unknown): unknown =>
      member instanceof Uint8Array ? { $bytes: member.length } : member;
    const value = [new Uint8Array(3), JSON.parse(nested), undefined, { gone: undefined }];
    expect(deepJson(value, bytes) === `[{"$bytes":3},${nested},null,{}]`).toBe(true);
  });
});

test('laidOutJson writes every value as JSON.stringify does', () => {
  const layout = { colon: ':', comma: ',', replace: (one: unknown) => one };
  const written = (value: unknown): string =>
    laidOutJson(value, { ...layout, spelling: () => undefined });
  fc.assert(fc.property(fc.jsonValue(), (value) => written(value) === JSON.stringify(value)));
});

describe('sameValue', () => {
  test('compares deep values without a stack', () => {
    expect(sameValue(JSON.parse(nested), JSON.parse(nested))).toBe(true);
    expect(sameValue(JSON.parse(nested), JSON.parse(nested.replace('1', '2')))).toBe(false);
  });

  test('says of every two values what isDeepStrictEqual says', () => {
    const some = fc.jsonValue({ maxDepth: 2, stringUnit: fc.constantFrom('a', 'b') });
    fc.assert(
      fc.property(some, some, (left, right) => {
        const copy: unknown = structuredClone(left);
        return sameValue(left, right) === isDeepStrictEqual(left, right) && sameValue(left, copy);
      }),
    );
  });
});
