/** Values that cannot be kept: the place and the reason, as whoever passed them reads it. */
import { describe, expect, it } from 'vitest';
import type { HoldfastError } from '../../src/base/errors.ts';
import { payloadBytesMax, valueDepthMax } from '../../src/base/quantities.ts';
import { checkValue, isKeptAsDecoded, placeOf, tooLarge } from '../../src/format/value.ts';

function refusal(value: unknown, where = 'message'): HoldfastError<'INVALID'> {
  try {
    checkValue(value, where);
  } catch (error) {
    return error as HoldfastError<'INVALID'>;
  }
  throw new Error('It was not refused');
}

class Money {
  readonly cents = 5;
}
const nameless = (() => class {})();

describe('placeOf', () => {
  it.each([
    ['message', [], 'message'],
    ['message', ['a', 0, 'b'], 'message.a[0].b'],
    ['', ['a', 'b'], 'a.b'],
    ['', [3], '[3]'],
    ['m', ['$a_1'], 'm.$a_1'],
    ['m', ['1a'], 'm["1a"]'],
    ['m', ['a b'], 'm["a b"]'],
    ['m', ['a-b'], 'm["a-b"]'],
    ['m', [''], 'm[""]'],
    ['m', [`-${'x'.repeat(200)}`], `m["-${'x'.repeat(99)}"]`],
  ])('placeOf %j and %j is %s', (where, path, place) => {
    expect(placeOf(where, path)).toBe(place);
  });

  it('placeOf keeps two hundred characters, and the ends of a longer one', () => {
    const place = (length: number): string => placeOf('m', ['x'.repeat(length - 2)]);
    expect(place(200)).toBe(`m.${'x'.repeat(198)}`);
    const long = placeOf('m', ['a'.repeat(150), 'b'.repeat(150)]);
    expect(long).toBe(`m.${'a'.repeat(98)}…${'b'.repeat(99)}`);
    expect(long).toHaveLength(200);
    expect(place(201)).toHaveLength(200);
  });
});

describe('checkValue', () => {
  it.each([
    [Number.NaN, 'is NaN, which JSON cannot express'],
    [Number.NEGATIVE_INFINITY, 'is -Infinity, which JSON cannot express'],
    [undefined, 'is undefined, which is allowed only for the member of an object'],
    [1n, 'is a bigint, which cannot be kept'],
    [Symbol('s'), 'is a symbol, which cannot be kept'],
    [() => 1, 'is a function, which cannot be kept'],
    [new Date(0), 'is a Date; turn it into plain values first'],
    [new Map(), 'is a Map; turn it into plain values first'],
    [new Money(), 'is a Money; turn it into plain values first'],
    [new nameless(), 'is a class instance; turn it into plain values first'],
    [Object.create({}), 'is a Object; turn it into plain values first'],
    [
      Object.create(Object.create(null) as object),
      'is a class instance; turn it into plain values first',
    ],
    [
      Object.create({ constructor: 'no function' }),
      'is a class instance; turn it into plain values first',
    ],
    [{ [Symbol('s')]: 1 }, 'has a member under a symbol, which would be lost'],
    [
      Object.assign([1], { index: 3 }),
      'has a member "index" beside its elements, which would be lost',
    ],
  ])('checkValue refuses it because it %#', (value, reason) => {
    const inside = refusal([value]);
    expect(inside).toMatchObject({ code: 'INVALID', details: { path: 'message[0]' } });
    expect(inside.message).toBe(`message[0] ${reason}`);
    const alone = refusal(value, '');
    expect(alone.details.path).toBe('');
    expect(alone.message).toBe(`The value ${reason}`);
  });

  it('checkValue says what throws when it is read', () => {
    const cause = new Error('no');
    const thrower = {
      get x() {
        throw cause;
      },
    };
    expect(refusal({ a: thrower })).toMatchObject({
      message: 'message.a.x cannot be read: it throws',
      cause,
    });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(refusal(proxy, '').message).toBe('The value cannot be read: it throws');
  });

  it('checkValue gives back the value itself when nothing is to be changed', () => {
    const value = { a: [1, 'x', null, false, new Uint8Array(3)], b: { c: {} } };
    const checked = checkValue(value, '');
    expect(checked.value).toBe(value);
    expect(checked.needsFixups).toBe(false);
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    expect(checkValue(bare, '').value).toBe(bare);
  });

  it('checkValue copies only what changes, and what is around it', () => {
    const kept = { same: true };
    const value = { kept, list: [kept, -0, kept], gone: undefined, last: 1 };
    const { value: checked } = checkValue(value, '');
    expect(checked).toStrictEqual({ kept, list: [kept, 0, kept], last: 1 });
    expect((checked as typeof value).kept).toBe(kept);
    expect((checked as typeof value).list[0]).toBe(kept);
    expect(Object.keys(value)).toContain('gone');
    const members = { a: 1, b: undefined, c: undefined, d: -0, e: 'x' };
    expect(checkValue(members, '').value).toStrictEqual({ a: 1, d: 0, e: 'x' });
    const bytes = Buffer.from('abc');
    const { value: plain } = checkValue([bytes], '');
    expect(plain).toStrictEqual([new Uint8Array([97, 98, 99])]);
  });

  it('checkValue refuses bytes whose buffer was transferred away, and takes empty ones', () => {
    for (const bytes of [new Uint8Array(8), Buffer.alloc(8), new Uint8Array(0)]) {
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
      expect(refusal({ data: [bytes] }, '').message).toBe(
        'data[0] is bytes whose buffer was transferred away',
      );
    }
    const empty = [new Uint8Array(0), new Uint8Array(8).subarray(8)];
    expect(checkValue(empty, '').value).toEqual(empty);
  });

  it('checkValue passes over symbols that nobody enumerates', () => {
    const value = { a: 1 };
    Object.defineProperty(value, Symbol('s'), { value: 1, enumerable: false });
    expect(checkValue(value, '').value).toBe(value);
  });

  it.each([
    ['a half character', 'x\ud83d', true],
    ['a key with a half character', { '\ud83d': 1 }, true],
    ['a key that sets a prototype', JSON.parse('{"__proto__":1}'), true],
    ['a whole character', ['😀', { ['😀']: '__proto__' }], false],
  ])('checkValue says whether %s needs fix-ups', (_what, value, needsFixups) => {
    expect(checkValue(value, '').needsFixups).toBe(needsFixups);
  });

  it('checkValue refuses what no payload holds, with its size so far', () => {
    const error = refusal(['x'.repeat(payloadBytesMax)], '');
    expect(error).toMatchObject({ code: 'TOO_LARGE' });
    expect(error.message).toBe(
      `The value needs ${payloadBytesMax + 2} bytes or more when encoded; the bound is ` +
        `${payloadBytesMax}: split it or keep the large part elsewhere`,
    );
    expect(tooLarge('message', 70).message).toMatch(/^message needs 70 bytes or more /);
    expect(tooLarge('message', 70).details).toEqual({ bytes: 70, bytesMax: payloadBytesMax });
    expect(checkValue('x'.repeat(payloadBytesMax - 1), '').needsFixups).toBe(false);
  });
});

describe('isKeptAsDecoded', () => {
  it('isKeptAsDecoded is true only for what the check gives back as it is', () => {
    const kept = [
      '',
      'é',
      0,
      -1.5,
      true,
      null,
      [],
      {},
      [[1], { a: [{ b: null }] }],
      new Uint8Array(2),
    ];
    for (const value of kept) {
      expect(isKeptAsDecoded(value, 100)).toBe(true);
      expect(checkValue(value, '').value).toBe(value);
    }
    let deep: unknown = [];
    for (let depth = 1; depth < valueDepthMax; depth += 1) deep = [deep];
    expect(isKeptAsDecoded(deep, 1000)).toBe(true);
    const odd = [
      -0,
      Number.NaN,
      1n,
      undefined,
      new Date(0),
      new Set(),
      Buffer.alloc(1),
      new Money(),
    ];
    for (const value of [...odd, Object.create(null), new Float64Array(1), [deep]]) {
      expect(isKeptAsDecoded(value, 1000)).toBe(false);
      expect(isKeptAsDecoded([{ a: [value] }], 1000)).toBe(false);
    }
  });

  it('isKeptAsDecoded looks at no more values than there are bytes', () => {
    // Each holds the one before it twice: it would take for ever to look at all.
    let shared: unknown = [1];
    for (let level = 0; level < 100; level += 1) shared = [shared, shared];
    expect(isKeptAsDecoded(shared, 1000)).toBe(false);
  });
});
