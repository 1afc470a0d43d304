/**
 * Payloads: what goes in comes out, what cannot be kept is refused with its place, and bytes from
 * anywhere give a valid value or UNDECODABLE.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from '../helpers/fast-check.ts';
import { Packr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { payloadBytesMax, valueDepthMax } from '../../src/base/quantities.ts';
import { decodePayload, encodePayload } from '../../src/format/payload.ts';
import { checkValue } from '../../src/format/value.ts';

const roundTrip = (value: unknown): unknown => decodePayload(encodePayload(value, 'value'));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function refusal(value: unknown): HoldfastError<'INVALID'> {
  try {
    encodePayload(value, 'message');
  } catch (error) {
    if (HoldfastError.is(error, 'INVALID')) return error;
    throw error;
  }
  throw new Error('the value was not refused');
}

function nested(levels: number): unknown {
  let value: unknown = 'core';
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { in: value };
  return value;
}

/**
 * Strings of every kind: plain, any UTF-16 code units, halves side by side, names with a meaning.
 */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 80 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    '\ud83d',
    '\ude00',
    '\ude00\ud83d',
    '\ufffd\ud83d\ufffd',
    '__proto__',
    '__proto_',
  ),
  fc.constantFrom('constructor', 'toJSON', 'hasOwnProperty', 'length', '0', '', 'then', 'type'),
);
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.integer(),
    fc.maxSafeInteger(),
    text,
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 6 }),
    fc
      .array(fc.tuple(text, tie('value')), { maxLength: 6 })
      .map((members) => Object.fromEntries(members)),
  ),
}));

describe('encodePayload and decodePayload', () => {
  it('encodePayload and decodePayload give back every value exactly, in the same order', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const back = roundTrip(value);
        // Not the matcher of the test runner, which trips over members called `constructor`.
        expect(isDeepStrictEqual(back, value)).toBe(true);
        // Equality does not see the order of members, which is kept as well.
        expect(JSON.stringify(back)).toBe(JSON.stringify(value));
      }),
      { numRuns: 1500 },
    );
  });

  it('encodePayload writes the documented bytes', () => {
    expect(hex(encodePayload({ text: 'hi' }, ''))).toBe('9181a474657874a26869');
    expect(hex(encodePayload({ text: 'a\ud83d' }, ''))).toBe(
      '9281a474657874a461efbfbd91' + '9291a4746578749201cdd83d',
    );
    expect(hex(encodePayload(JSON.parse('{"__proto__":true}'), ''))).toBe(
      '9292a95f5f70726f746f5f5fc391' + '9290c0',
    );
  });

  it.each([5, 4000, 5000, 100_000])(
    'encodePayload gives bytes of %d that nobody writes over',
    (size) => {
      const first = encodePayload('a'.repeat(size), '');
      const before = hex(first);
      // Small ones share slabs, in sizes around theirs; a failed one must not step back either.
      for (let index = 0; index < 3000; index++) encodePayload('b'.repeat(index * 7), '');
      expect(() => encodePayload({ a: 'c'.repeat(9000), b: Symbol('no') }, '')).toThrow();
      for (let index = 0; index < 100; index++) encodePayload(['something', index], '');
      expect(hex(first)).toBe(before);
      expect(Object.getPrototypeOf(first)).toBe(Uint8Array.prototype);
    },
  );

  it('encodePayload gives a large payload its own memory, which can move to a thread', () => {
    const large = encodePayload('a'.repeat(40_000), '');
    expect(large.buffer.byteLength).toBe(large.length);
  });

  // One message of 5 MB made each small one behind it cost 50 to 90 times as much for a thread.
  it('encodePayload gives a small payload little memory to hold, also behind a large one', () => {
    encodePayload('a'.repeat(5_000_000), '');
    for (let count = 0; count < 20; count += 1) {
      expect(encodePayload('small', '').buffer.byteLength).toBeLessThanOrEqual(64 * 1024);
    }
  });

  it('encodePayload applies the rules of JSON to undefined members and to -0', () => {
    const back = roundTrip({ a: undefined, b: [-0, { c: undefined }], d: 1 });
    expect(back).toStrictEqual({ b: [0, {}], d: 1 });
    expect(Object.keys(back as object)).toEqual(['b', 'd']);
  });

  it('encodePayload leaves the value that it is given as it was', () => {
    const value = Object.freeze({ a: undefined, b: Object.freeze([-0, 'x\ud83d']) });
    encodePayload(value, '');
    expect(value).toStrictEqual({ a: undefined, b: [-0, 'x\ud83d'] });
  });

  it('encodePayload takes a Buffer and an object without prototype, and gives back plain ones', () => {
    const value = Object.assign(Object.create(null), { bytes: Buffer.from('abc'), n: null });
    const back = roundTrip(value) as { bytes: Uint8Array };
    expect(back).toStrictEqual({ bytes: new Uint8Array([97, 98, 99]), n: null });
    expect(Object.getPrototypeOf(back.bytes)).toBe(Uint8Array.prototype);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  });

  it('decodePayload gives bytes that do not change with the buffer they came from', () => {
    const encoded = encodePayload({ image: new Uint8Array([1, 2, 3]) }, '');
    const back = decodePayload(encoded);
    encoded.fill(0);
    expect(back).toStrictEqual({ image: new Uint8Array([1, 2, 3]) });
  });

  it('decodePayload keeps a __proto__ key an ordinary member and changes no prototype', () => {
    const value: unknown = JSON.parse('{"a":{"__proto__":{"polluted":true},"\\ud83d":1}}');
    const back = roundTrip(value) as { a: Record<string, unknown> };
    expect(Object.keys(back.a)).toEqual(['__proto__', '\ud83d']);
    expect(Object.getPrototypeOf(back.a)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('decodePayload refuses references, of which a few make a value of any size', () => {
    let shared: unknown = ['a'];
    for (let level = 0; level < 40; level += 1) shared = [shared, shared];
    const bytes = new Packr({ structuredClone: true }).pack([shared]);
    expect(bytes.length).toBeLessThan(1000);
    expect(() => decodePayload(bytes)).toThrow(/Structured clone extension is disabled/);
  });

  it('decodePayload reads what any other encoder of MessagePack would write', () => {
    // {"n": 1.5 as a 32-bit float, "big": 2^40 as a float, "list": array 16} with wide headers.
    const wide =
      '91de0003' + 'a16eca3fc00000' + 'd903626967cb4270000000000000' + 'a46c697374dc0001c0';
    expect(decodePayload(Buffer.from(wide, 'hex'))).toStrictEqual({
      n: 1.5,
      big: 2 ** 40,
      list: [null],
    });
  });
});

it('decodePayload reads the -0 of another encoder as 0', () => {
  expect(decodePayload(Buffer.from('91cb8000000000000000', 'hex'))).toBe(0);
});

describe('refusals', () => {
  class Money {
    readonly cents = 5;
  }
  const cases: readonly (readonly [string, unknown])[] = [
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['a bigint', 1n],
    ['a symbol', Symbol('s')],
    ['a function', () => 1],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['a Set', new Set()],
    ['an Error', new Error('x')],
    ['a RegExp', /x/],
    ['a class instance', new Money()],
    ['a Float64Array', new Float64Array(4)],
    ['a DataView', new DataView(new ArrayBuffer(4))],
    ['an ArrayBuffer', new ArrayBuffer(4)],
    ['a boxed string', new String('x')],
    ['a promise', Promise.resolve()],
  ];

  it.each(cases)('encodePayload refuses %s and names its place', (_, wrong) => {
    const error = refusal({ content: [1, 2, { input: { x: wrong } }] });
    expect(error.details.path).toBe('message.content[2].input.x');
    expect(error.message).toMatch(/^message\.content\[2\]\.input\.x is /);
    expect(error.message).not.toMatch(/\.$/);
  });

  it('encodePayload refuses undefined elements and holes of arrays', () => {
    expect(refusal({ list: [1, undefined] }).details.path).toBe('message.list[1]');
    expect(refusal({ list: Object.assign([], { length: 2 }) }).details.path).toBe(
      'message.list[0]',
    );
    expect(refusal(undefined).details.path).toBe('message');
  });

  it('encodePayload refuses members that would be lost: symbols, and what an array has more', () => {
    const signed = { a: { text: 'x', [Symbol('s')]: 1 } };
    expect(refusal(signed).details.path).toBe('message.a');
    const found = { list: Object.assign([1], { index: 3 }) };
    expect(refusal(found).details.path).toBe('message.list');
    expect(refusal(found).message).toContain('"index"');
  });

  it('encodePayload refuses what throws when it is read, with its place and the cause', () => {
    const cause = new Error('no');
    const thrower = {
      get x() {
        throw cause;
      },
    };
    const error = refusal({ a: [1, thrower] });
    expect(error).toMatchObject({ details: { path: 'message.a[1].x' }, cause });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(refusal({ a: proxy })).toMatchObject({ details: { path: 'message.a' } });
  });

  it('encodePayload quotes names in a place that are not identifiers', () => {
    expect(refusal({ 'odd key': { '': 1n } }).details.path).toBe('message["odd key"][""]');
  });

  it('encodePayload keeps the deepest value that is allowed and refuses the next', () => {
    expect(roundTrip(nested(valueDepthMax))).toStrictEqual(nested(valueDepthMax));
    expect(refusal(nested(valueDepthMax + 1)).message).toContain('nested deeper than 128 levels');
  });

  it('encodePayload refuses a cycle', () => {
    const cycle: Record<string, unknown> = { name: 'x' };
    cycle['self'] = { again: [cycle, cycle] };
    expect(refusal(cycle).message).toContain('contains itself');
  });

  it('encodePayload tells a long place by its beginning and its end', () => {
    const cycle: Record<string, unknown> = {};
    cycle['itself'] = { again: cycle };
    const { details, message } = refusal(cycle);
    const { path } = details;
    expect(path).toHaveLength(200);
    // The message is read at a glance.
    expect(message).toMatch(/^message\.itself\..{20,60}\.again is nested deeper than 128 levels/);
    expect(message.length).toBeLessThan(140);
    expect(path).toMatch(/^message\.itself\.again\..*….*\.itself\.again$/);
  });

  it('encodePayload refuses what is over the bound, also when sharing hides its size', () => {
    const tooLarge = (value: unknown): unknown => {
      try {
        return encodePayload(value, 'message');
      } catch (error) {
        return HoldfastError.is(error) ? error.code : error;
      }
    };
    expect(tooLarge('x'.repeat(payloadBytesMax + 1))).toBe('TOO_LARGE');
    // Fits by characters, not by bytes.
    expect(tooLarge('€'.repeat(payloadBytesMax / 2))).toBe('TOO_LARGE');
    let doubled: unknown = 'x'.repeat(1024);
    for (let level = 0; level < 100; level++) doubled = [doubled, doubled];
    expect(tooLarge(doubled)).toBe('TOO_LARGE');
  });

  it('encodePayload refuses fix-ups whose paths outgrow the bound, before it writes them', () => {
    const halves = Array.from({ length: 100 }, () => '\ud83d');
    let refused: unknown;
    try {
      encodePayload({ ['k'.repeat(1024 * 1024)]: halves }, 'message');
    } catch (error) {
      refused = error;
    }
    const bytes = HoldfastError.is(refused, 'TOO_LARGE') ? refused.details.bytes : 0;
    expect(bytes).toBeGreaterThan(payloadBytesMax);
    expect(bytes).toBeLessThan(payloadBytesMax + 2 * 1024 * 1024);
  });

  it('encodePayload still works after a refusal', () => {
    refusal({ x: 1n });
    expect(roundTrip({ x: 1 })).toStrictEqual({ x: 1 });
  });
});

describe('hostile bytes', () => {
  /**
   * A decoded value must be one that could have been encoded; anything else must be UNDECODABLE.
   */
  function probe(bytes: Uint8Array): 'value' | 'refused' {
    let value: unknown;
    try {
      value = decodePayload(bytes);
    } catch (error) {
      if (HoldfastError.is(error, 'UNDECODABLE')) return 'refused';
      throw error;
    }
    expect(checkValue(value, '').value).toBe(value);
    return 'value';
  }

  it('decodePayload answers mutated bytes with a valid value or UNDECODABLE', () => {
    const seen = { value: 0, refused: 0 };
    const mutation = fc.record({
      value: anyValue,
      changes: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
      cut: fc.option(fc.nat()),
    });
    fc.assert(
      fc.property(mutation, ({ value, changes, cut }) => {
        const bytes = encodePayload(value, '');
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        seen[probe(cut === null ? bytes : bytes.subarray(0, cut % bytes.length))] += 1;
      }),
      { numRuns: 4000 },
    );
    expect(seen.value).toBeGreaterThan(100);
    expect(seen.refused).toBeGreaterThan(100);
  });

  it('decodePayload answers random bytes with a valid value or UNDECODABLE', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
        probe(new Uint8Array([0x91, ...tail]));
        probe(new Uint8Array([0x92, ...tail]));
      }),
      { numRuns: 4000 },
    );
  });

  it.each([
    ['nothing', ''],
    ['a bare value', 'a26869'],
    ['an empty array', '90'],
    ['three elements', '93c0c0c0'],
    ['an undefined (ext 0)', '91d40000'],
    ['a timestamp', '91d6ff00000001'],
    ['a set', '91d473009101'],
    ['a regular expression', '91d4780092a178a0'],
    ['an error', '91d4650093a55479706545a178c0'],
    ['an unused token', '91c1'],
    ['a NaN', '91cb7ff8000000000000'],
    ['an integer of 64 bits', '91cf7fffffffffffffff'],
    ['an array of 4 G', '91ddffffffff'],
    ['a map of 4 G', '91dfffffffff'],
    ['a string of 4 G', '91dbffffffff'],
    ['bytes of 4 G', '91c6ffffffff'],
    ['bytes behind the end', '91c0c0'],
    ['fix-ups that are not a table', '92a161c0'],
    ['a fix-up of a place that is not there', '92a16191' + '9291a162' + '9200cdd83d'],
    ['a fix-up that reaches a prototype', '928091' + '9291a9' + '5f5f70726f746f5f5f' + 'c0'],
    ['a fix-up of a whole character', '92a16191' + '9290' + '9200cdd83d'],
    ['a fix-up that is no half character', '92a3efbfbd91' + '9290' + '920041'],
    ['two fix-ups of one place', '92a6efbfbdefbfbd92' + '92909200cdd83d' + '92909201cdd83d'],
    ['an object of an odd number of parts', '9291a16191' + '9290c0'],
    ['an object with one key twice', '9294a161c0a161c091' + '9290c0'],
  ])('decodePayload refuses %s', (_, bytes) => {
    expect(probe(Buffer.from(bytes, 'hex'))).toBe('refused');
  });

  it('decodePayload refuses a value that is nested too deep', () => {
    expect(probe(new Uint8Array(1_000_000).fill(0x91))).toBe('refused');
    expect(probe(new Uint8Array(200).fill(0x91, 0, 199))).toBe('refused');
  });
});
