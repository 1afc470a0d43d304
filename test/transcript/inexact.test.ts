/** What a value says less than its text, against a plain walk over the text. */
import fc from '../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { isExactNumber } from '../../src/transcript/exact-number.ts';
import type { ByteFault } from '../../src/transcript/file-record.ts';
import { InexactLook } from '../../src/transcript/inexact.ts';
import { jsonFile } from '../../src/transcript/json-file.ts';
import { jsonLines } from '../../src/transcript/records.ts';

const look = new InexactLook();

function found(text: string): string[] {
  const bytes = Buffer.from(`--${text}--`);
  return look.at(bytes, 2, bytes.length - 2).map(({ code, from, to, meaning }) => {
    return `${code} ${bytes.toString('utf8', from, to)} ${meaning}`;
  });
}

describe('isExactNumber', () => {
  it.each([
    '0',
    '7',
    '-7',
    '1.50',
    '10e-1',
    '1E+2',
    '0.0e9',
    '9007199254740992',
    '-9007199254740994',
    '12345678901234567000',
    '0.30000000000000004',
    '1.7976931348623157e308',
    '5e-324',
    '1e23',
  ])('takes %s, which a double says', (text) => {
    expect(isExactNumber(text)).toBe(true);
  });

  it.each([
    '-0',
    '-0.0',
    '-0e5',
    '9007199254740993',
    '12345678901234567890',
    '0.1000000000000000055',
    '1e400',
    '-1e400',
    '1e-400',
    '1e99999999999999999999',
    '2.00000000000000000001',
  ])('refuses %s, which a double does not say', (text) => {
    expect(isExactNumber(text)).toBe(false);
  });

  it('takes whatever a double is written as', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = Object.is(value, -0) ? '0' : String(value);
        expect(isExactNumber(text)).toBe(true);
        const digits = value.toExponential(20);
        expect(isExactNumber(digits)).toBe(isSame(digits, text));
      }),
    );
  });
});

/** Whether two decimals are one number, by exact arithmetic. */
function isSame(one: string, other: string): boolean {
  const parse = (text: string): [bigint, number] => {
    const [, digits = '0', part = '', power = '0'] =
      /^(-?\d+)(?:\.(\d*))?(?:e([+-]?\d+))?$/u.exec(text) ?? [];
    return [BigInt(digits + part), Number(power) - part.length];
  };
  const [[left, leftPower], [right, rightPower]] = [parse(one), parse(other)];
  const low = Math.min(leftPower, rightPower);
  const scaled = (digits: bigint, power: number): bigint => digits * 10n ** BigInt(power - low);
  const isNegative = (text: string): boolean => text.startsWith('-');
  return (
    scaled(left, leftPower) === scaled(right, rightPower) && isNegative(one) === isNegative(other)
  );
}

describe('InexactLook', () => {
  it('tells the number, its place and what is read instead', () => {
    expect(found('{"a":[1,{"b":{}, "c":12345678901234567890}]}')).toEqual([
      'NUMBER_ROUNDED 12345678901234567890 the number 12345678901234567890 at a[].c is read as 12345678901234567000',
    ]);
    expect(found('[1e400,-0,1e401]')).toEqual([
      'NUMBER_ROUNDED 1e400 the number 1e400 at [] is read as Infinity, and so for 2 others in this record',
    ]);
    expect(found('[[ -0 ]]')).toEqual(['NUMBER_ROUNDED -0 the number -0 at [][] is read as 0']);
    expect(found('1e400')).toEqual(['NUMBER_ROUNDED 1e400 the number 1e400 is read as Infinity']);
  });

  it('tells a name that comes twice, however it is spelled', () => {
    expect(found('{"x":{"a":1,"b":{"a":2},"\\u0061":3}}')).toEqual([
      'DUPLICATE_KEY "\\u0061" two members of one object are named "a" at x.a; only the last of them is read',
    ]);
    expect(found('{"type":1,"type":2}')).toEqual([
      'DUPLICATE_KEY "type" two members of one object are named "type"; only the last of them is read',
    ]);
    // Different names of one hash.
    expect(found('{"Aa":1,"BB":2}')).toEqual([]);
  });

  it('finds the second one among many names, and in objects that are deep', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `"n${index}":{"n${index}":0}`);
    expect(found(`{${names.join()}}`)).toEqual([]);
    expect(found(`{${names.join()},"n3":1}`)).toHaveLength(1);
    const deep = `${'{"a":['.repeat(500)}{"b":1,"b":2}${']}'.repeat(500)}`;
    expect(found(deep)).toHaveLength(1);
  });

  it('finds what a plain walk finds, in any text', () => {
    const number = fc.constantFrom('1', '-0', '1e400', '12.5', '12345678901234567890', '0.1');
    const name = fc.constantFrom('a', 'b', 'c\\"', '\\u0061', '', 'long'.repeat(30), '\\\\');
    const long = fc.constantFrom(
      '"x"',
      `"${'y\\"'.repeat(40)}"`,
      `"${'z'.repeat(90)}\\\\"`,
      '"-0,{["',
    );
    type Walked = [text: string, rounded: boolean, doubled: boolean];
    const { value } = fc.letrec<{ value: Walked }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        number.map((text): Walked => [text, !['1', '12.5', '0.1'].includes(text), false]),
        long.map((text): Walked => [text, false, false]),
        fc
          .array(tie('value'), { maxLength: 3 })
          .map(
            (items): Walked => [
              `[${items.map(([text]) => text).join(' , ')}]`,
              items.some(([, rounded]) => rounded),
              items.some(([, , doubled]) => doubled),
            ],
          ),
        fc.array(fc.tuple(name, tie('value')), { maxLength: 3 }).map((members): Walked => {
          const names = new Set(members.map(([key]) => JSON.parse(`"${key}"`) as string));
          return [
            `{ ${members.map(([key, [text]]) => `"${key}" : ${text}`).join(',')}}`,
            members.some(([, [, rounded]]) => rounded),
            names.size < members.length || members.some(([, [, , doubled]]) => doubled),
          ];
        }),
      ),
    }));
    fc.assert(
      fc.property(value, ([text, rounded, doubled]) => {
        const codes = found(text).map((each) => each.split(' ')[0]);
        const wanted = [
          ...(rounded ? ['NUMBER_ROUNDED'] : []),
          ...(doubled ? ['DUPLICATE_KEY'] : []),
        ];
        expect(codes).toEqual(wanted);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('readers of files', () => {
  const told = (walk: (onFault: (fault: ByteFault) => void) => Iterable<unknown>): string[] => {
    const faults: string[] = [];
    const onFault = ({ code, offset, length, line, mend }: ByteFault): void => {
      faults.push(`${code} ${offset}+${length} line ${line} ${mend === null ? 'stays' : 'mended'}`);
    };
    for (const _ of walk(onFault)) continue;
    return faults;
  };

  it('tell the place in a file of lines, also of a damaged one', () => {
    const text = '{"a":1}\n {"ä":-0}\n{"b":1}{"c":1,"c":2}\n';
    expect(told((onFault) => jsonLines(bytesSource(Buffer.from(text)), onFault))).toEqual([
      'NUMBER_ROUNDED 15+2 line 2 stays',
      'FUSED_RECORDS 26+13 line 3 mended',
      'DUPLICATE_KEY 33+3 line 3 stays',
    ]);
  });

  it('tell the place in a file that is one value', () => {
    const text = '{"m":[\n {"a":1},\n {"a":-0,"a":2}\n]}\n';
    expect(told((onFault) => jsonFile(bytesSource(Buffer.from(text)), ['m'], onFault))).toEqual([
      'NUMBER_ROUNDED 23+2 line 3 stays',
      'DUPLICATE_KEY 26+3 line 3 stays',
    ]);
  });
});
