/** Records of damaged lines: what comes back, what is told, and what would mend it. */
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import type { RecordOptions } from '../../src/transcript/records.ts';
import { jsonLines } from '../../src/transcript/records.ts';

interface Read {
  readonly values: unknown[];
  readonly places: string[];
  readonly faults: string[];
}

function read(text: string | Uint8Array, options: RecordOptions = {}): Read {
  const faults: string[] = [];
  const source = bytesSource(typeof text === 'string' ? Buffer.from(text) : text);
  const records = [
    ...jsonLines(
      source,
      ({ code, offset, length, line, mend }) => {
        const how =
          mend === null
            ? 'no mend'
            : `${mend.offset}+${mend.length}=${JSON.stringify(Buffer.from(mend.bytes).toString())}`;
        faults.push(`${code} ${offset}+${length} line ${line}: ${how}`);
      },
      options,
    ),
  ];
  const values = records.map((record) => record.value);
  const places = records.map(({ offset, length, line }) => `${offset}+${length} line ${line}`);
  return { values, places, faults };
}

describe('jsonLines', () => {
  it('reads lines with LF and CRLF, blank ones between, and no line end at the last', () => {
    expect(read('{"a":1}\n\r\n  \n {"b":2}\r\n[3]')).toEqual({
      values: [{ a: 1 }, { b: 2 }, [3]],
      places: ['0+7 line 1', '14+7 line 4', '23+3 line 5'],
      faults: [],
    });
  });

  it('takes a byte order mark off', () => {
    expect(read('\uFEFF{"a":1}\n')).toMatchObject({
      values: [{ a: 1 }],
      places: ['3+7 line 1'],
      faults: ['BYTE_ORDER_MARK 0+3 line 1: 0+3=""'],
    });
  });

  it.each(['{"b":"xy', '{"b":"x\\', '{"b":tr', '{"b":', '{"b":{"c":1}'])(
    'takes %s with zeros up to the end of the file for a torn record',
    (torn) => {
      const { length } = torn;
      const end = 8 + length;
      for (const last of ['', '\n', '\r\n']) {
        expect(read(`{"a":1}\n${torn}\0\0\0${last}`)).toMatchObject({
          values: [{ a: 1 }],
          faults: [
            `TORN_RECORD 8+${length} line 2: 8+${length}=""`,
            `NUL_RUN ${end}+3 line 2: ${end}+3=""`,
          ],
        });
      }
      // With a line behind it, it is no end of the file.
      expect(read(`${torn}\0\0\0\n{"a":1}\n`)).toMatchObject({
        values: [{ a: 1 }],
        faults: [
          `MALFORMED_RECORD 0+${length} line 1: no mend`,
          `NUL_RUN ${length}+3 line 1: ${length}+3=""`,
        ],
      });
    },
  );

  it('takes no words of strings for a record where a quote is damaged', () => {
    const line = '{"a":"x","items":["","{",":","}[","y"]}';
    const damaged = line.replace('"{",', '\u0001{",');
    expect(read(`{"a":1}\n${damaged}\n{"a":2}\n`).values).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('takes no part of a damaged record for one, whatever members it has', () => {
    const part = '{"type":"user","id":1}';
    const line = `{"type":"assistant","calls":[${part},${part}],"id":2}`;
    const others = [`{"type":"user","id":7}`, `{"type":"user","id":8}`];
    for (const at of [line.indexOf('"assistant'), line.indexOf(',"calls'), line.indexOf('],')]) {
      const damaged = `${line.slice(0, at)}x${line.slice(at + 1)}`;
      const { values } = read([others[0], damaged, others[1], ''].join('\n'));
      expect(values, damaged).toEqual([
        { type: 'user', id: 7 },
        { type: 'user', id: 8 },
      ]);
    }
  });

  it('takes no part of a record for one where zeros took its beginning or its end', () => {
    const part = '{"type":"user","id":1}';
    const other = '{"type":"user","id":7}';
    const rest = `,${part}],"id":2}`;
    const begin = `{"type":"assistant","calls":[`;
    for (const damaged of [
      `${other}\n${'\0'.repeat(begin.length)}${part}${rest}\n${other}`,
      `${other}\n${begin}${part}${'\0'.repeat(rest.length)}\n${other}`,
      `${other}\n${begin}${part}${'\0'.repeat(rest.length + 9)}"id":7}\n${other}`,
    ]) {
      expect(read(damaged).values, damaged).toEqual([JSON.parse(other), JSON.parse(other)]);
    }
  });

  it('takes fused records apart', () => {
    expect(read('{"a":1}{"b":{}} {"c":"}{"}\n')).toMatchObject({
      values: [{ a: 1 }, { b: {} }, { c: '}{' }],
      faults: ['FUSED_RECORDS 7+8 line 1: 7+0="\\n"', 'FUSED_RECORDS 16+10 line 1: 16+0="\\n"'],
    });
  });

  it.each([
    ['{"a":1,"b', '{"type":"x"}'],
    ['{"a":1,"b\\', '{"type":"x"}'],
    ['{"a":1,"b\\u00', '{"type":"x"}'],
    ['{"a":{"n":1},"b":tr', '{"type":{"y":[]}}'],
    ['{"a":1,', '{"type":"x"}'],
    ['{', '{"type":"x"}'],
    ['{"a":[{"n":1},{"m":2}', '{"type":"x"}'],
  ])('finds the record that is glued to the torn %s', (torn, record) => {
    expect(read(`${torn}${record}\n`)).toMatchObject({
      values: [JSON.parse(record)],
      faults: [
        `MALFORMED_RECORD 0+${torn.length} line 1: no mend`,
        `FUSED_RECORDS ${torn.length}+${record.length} line 1: ${torn.length}+0="\\n"`,
      ],
    });
  });
});
