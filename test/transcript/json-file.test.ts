/** Elements of a list in a JSON file: whole, torn, with damage inside, with zero bytes. */
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import type { FileRecord } from '../../src/transcript/file-record.ts';
import type { JsonFrame } from '../../src/transcript/json-file.ts';
import { jsonFile } from '../../src/transcript/json-file.ts';
import { applySplices } from '../../src/transcript/splice.ts';
import type { Splice } from '../../src/transcript/splice.ts';

interface Read {
  readonly records: FileRecord[];
  readonly values: unknown[];
  readonly faults: string[];
  readonly frame: JsonFrame;
  /** The text after the mends. */
  readonly mended: string;
}

function read(text: string, path: readonly string[], chunkBytes = 1024): Read {
  const faults: string[] = [];
  const mends: Splice[] = [];
  const source = bytesSource(Buffer.from(text, 'latin1'));
  const walk = jsonFile(
    source,
    path,
    ({ code, offset, length, line, mend }) => {
      faults.push(`${code} ${offset}+${length} line ${line}`);
      if (mend !== null) mends.push(mend);
    },
    { chunkBytes },
  );
  const records: FileRecord[] = [];
  let step = walk.next();
  for (; step.done !== true; step = walk.next()) records.push(step.value);
  const values = records.map((record) => record.value);
  const mended = Buffer.concat([...applySplices(source, mends)].map((b) => Buffer.from(b)));
  return { records, values, faults, frame: step.value, mended: mended.toString('latin1') };
}

const three = { info: { a: [1, '}'] }, messages: [{ m: 1 }, { m: [2] }, { m: '3' }], end: null };

describe('jsonFile', () => {
  it.each([0, 2])('gives each element with its exact place, indent %i', (indent) => {
    const text = JSON.stringify(three, null, indent);
    for (const chunkBytes of [1, 7, 4096]) {
      const { records, values, faults, frame } = read(text, ['messages'], chunkBytes);
      expect(values).toEqual(three.messages);
      expect(faults).toEqual([]);
      for (const { offset, length, value, line } of records) {
        expect(JSON.parse(text.slice(offset, offset + length))).toEqual(value);
        expect(line).toBe(text.slice(0, offset).split('\n').length);
      }
      expect(frame.heads[0]?.['info']?.value).toEqual(three.info);
      expect(frame.heads[0]?.['end']?.value).toBe(null);
      expect(text[frame.array?.from ?? 0]).toBe('[');
      expect(text[frame.array?.close ?? 0]).toBe(']');
    }
  });

  it.each([
    '{"b":"xy\0\0',
    '{"b":"x\\\0\0',
    '{"b":tr\0\0',
    '\0\0',
    '{"b":"xy\0\0\n',
    '{"b":1,\0\0\n\n',
  ])('ends the list in front of an element that zeros cut short: %j', (torn) => {
    for (const chunkBytes of [1, 4096]) {
      const told = read(`[{"a":1},${torn}`, [], chunkBytes);
      expect([told.values, told.mended]).toEqual([[{ a: 1 }], '[{"a":1}]']);
      expect(told.faults.at(-1)).toMatch(/^TORN_RECORD/u);
    }
    // What stands behind the zeros is no end of the file.
    const told = read(`[{"a":1},${torn},{"a":2}]`, []);
    expect(told.faults.join()).not.toContain('TORN_RECORD');
  });

  it('reads a bare list, an empty one, and a list deep inside', () => {
    expect(read(' [{"a":1} , 2]\n', []).values).toEqual([{ a: 1 }, 2]);
    expect(read('[]', [])).toMatchObject({ values: [], faults: [] });
    expect(read('{"x":{"y":1,"z":[3]}}', ['x', 'z'])).toMatchObject({ values: [3], faults: [] });
  });

  it('gives what stands in front of a tear, and closes the value there', () => {
    const text = JSON.stringify(three);
    const from = text.indexOf('"messages":[') + 12;
    for (let at = from; at < text.indexOf(']},{"m":"3"'); at += 1) {
      const { values, faults, mended } = read(text.slice(0, at), ['messages']);
      expect(values.length).toBeLessThanOrEqual(2);
      expect(values).toEqual(three.messages.slice(0, values.length));
      expect(faults).toEqual([expect.stringMatching(/^TORN_RECORD/)]);
      expect(JSON.parse(mended)).toEqual({ info: three.info, messages: values });
    }
    expect(JSON.parse(read(text.slice(0, -3), ['messages']).mended)).toEqual({
      info: three.info,
      messages: three.messages,
    });
  });

  it.each([0, 2])('finds the next element behind a broken one, indent %i', (indent) => {
    const text = JSON.stringify([{ m: { n: 1 } }, { m: { n: 2 } }, { m: { n: 3 } }], null, indent);
    const { values, faults } = read(text.replace('2', '!'), []);
    expect(values).toEqual([{ m: { n: 1 } }, { m: { n: 3 } }]);
    expect(faults).toEqual([expect.stringMatching(/^MALFORMED_RECORD/)]);
  });

  it('reads through zero bytes: takes them out between elements, leaves a mark in a string', () => {
    const { values, faults, mended } = read('[{"a":"x\0\0y"},\0{"b":2}]\0\0', []);
    expect(values).toEqual([{ a: 'x\uFFFDy' }, { b: 2 }]);
    expect(faults.every((fault) => fault.startsWith('NUL_RUN'))).toBe(true);
    expect(mended).toBe('[{"a":"x\u00ef\u00bf\u00bdy"},{"b":2}]');
  });

  it('tells bad UTF-8 and a byte order mark', () => {
    const { values, faults } = read('\xEF\xBB\xBF[{"a":"\xFF"}]', []);
    expect(values).toEqual([{ a: '\uFFFD' }]);
    expect(faults).toEqual(['BYTE_ORDER_MARK 0+3 line 1', 'BAD_UTF8 10+1 line 1']);
  });

  it('does not take a bracket inside of an element for the end of the list, where zeros took its partner', () => {
    const messages = ['one', 'two', 'three', 'four'].map((name) => ({
      name,
      content: [{ type: 'tool_result', output: [{ text: 'a', success: true }] }],
    }));
    const text = JSON.stringify({ messages }, null, '\t');
    const from = text.indexOf('"output"', text.indexOf('"two"'));
    const to = text.indexOf('"success"', from);
    const zeros = '\0'.repeat(to - from);
    const { values, frame } = read(text.slice(0, from) + zeros + text.slice(to), ['messages']);
    expect(values).toEqual([messages[0], messages[2], messages[3]]);
    expect(frame.array?.close).toBe(text.lastIndexOf(']'));
  });

  it('takes no part of an element for one where zeros took the beginning of the list', () => {
    const parts = [{ b: 1 }, [2, 3], { c: 4 }];
    const messages = [{ a: 'x'.repeat(40) }, { parts, z: 1 }, { a: 5 }, { a: 6 }];
    const text = JSON.stringify({ id: 1, messages }, null, 2);
    const from = text.indexOf('[') + 1;
    const to = text.indexOf('[', text.indexOf('"b"'));
    const zeros = '\0'.repeat(to - from);
    const { values } = read(text.slice(0, from) + zeros + text.slice(to), ['messages']);
    expect(values).toEqual([messages[2], messages[3]]);
  });

  it('takes no part of a damaged element for one, though it looks like one and is in one line', () => {
    const part = { id: 7, body: 'b' };
    const messages = [part, { id: 8, body: [part, { id: 9, body: 'c' }] }, { id: 10, body: 'd' }];
    const text = JSON.stringify({ messages, end: { a: [part] } });
    const at = text.indexOf('8');
    const { values, faults } = read(`${text.slice(0, at)}x${text.slice(at + 1)}`, ['messages']);
    expect(values).toEqual([messages[0], messages[2]]);
    const length = JSON.stringify(messages[1]).length + 1;
    expect(faults).toEqual([`MALFORMED_RECORD ${at - 6}+${length} line 1`]);
  });

  it('takes no part of an element that was cut for one, though the brackets would come out', () => {
    const messages = [{ id: 1, body: [{ id: 2, items: [{ a: 3 }, { a: 4 }] }] }, { id: 5 }];
    const text = JSON.stringify({ messages });
    const cut = text.slice(0, text.indexOf(']}') + 2);
    expect(read(cut, ['messages'])).toMatchObject({ values: [], mended: '{"messages":[]}' });
  });

  it('goes on behind a long run of zeros in a number, in pieces of any size alike', () => {
    const messages = [{ id: 1, a: 'b'.repeat(300) }, { id: 2, a: -4.5, b: 'c' }, { id: 6 }];
    const text = JSON.stringify({ messages }).replace('4.5', `4${'\0'.repeat(2203)}.5`);
    const whole = read(text, ['messages'], 65_536);
    expect(whole.values).toEqual([messages[0], messages[2]]);
    for (const chunkBytes of [1, 64, 256, 512, 1024, 2048]) {
      expect(read(text, ['messages'], chunkBytes), String(chunkBytes)).toEqual(whole);
    }
  });

  it('leaves zeros where they are beside what is lost, as they tell where the damage is', () => {
    const list = [{ type: 'other', id: 2020059044, message: [] }];
    const text = JSON.stringify({ messages: list, end: { a: list } }, null, '\t');
    const [from, to] = [text.indexOf('": 2020'), text.indexOf('d": {')];
    const { faults, mended } = read(text.slice(0, from) + '\0'.repeat(to - from) + text.slice(to), [
      'messages',
    ]);
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['NUL_RUN', 'MALFORMED_RECORD']);
    expect(mended).toContain('\0'.repeat(to - from));
  });

  it('takes no element of another list for one where a backslash in front of one is damaged', () => {
    const items = ['"\n\\', ['-', true], '', ',,\n{\0\n"', '', [null, 'E'], '{\\', ['8', 'O']];
    const messages = [{ id: 1 }, { id: 2, items }, { other: 3 }];
    const text = JSON.stringify({ messages, end: { a: messages } });
    const damaged = text.replace('\\\\', '\x1c\\');
    expect(read(damaged, ['messages']).values).toEqual([{ id: 1 }, { other: 3 }]);
  });

  it('reads the next element behind a byte of damage in a string, a name or an escape', () => {
    const text = JSON.stringify({ messages: [{ a: 'x\n,{"b":1}' }, { a: ']}' }, { a: 2 }] });
    const from = text.indexOf('{"a"');
    for (let at = from + 1; at < text.indexOf(',{"a":"]'); at += 1) {
      for (const wrong of ['\x01', '"', 'z', '\\', ' ']) {
        if (text[at] === wrong) continue;
        const damaged = text.slice(0, at) + wrong + text.slice(at + 1);
        expect(read(damaged, ['messages']).values.slice(-2), damaged).toEqual([
          { a: ']}' },
          { a: 2 },
        ]);
      }
    }
  });

  // A name that zeros joined with another one, and brackets that they took, moved the end of the member.
  it.each([0, 2])(
    'finds the list wherever zeros stand in a member in front of it, indent %i',
    (indent) => {
      const steps = [
        { q: [{ a: ['one'] }], b: 'x' },
        { q: [{ a: ['two'] }], b: 'y' },
      ];
      const messages = [{ a: 1 }, { a: 2 }];
      const text = JSON.stringify({ steps, messages, end: { b: 3 } }, null, indent);
      const limit = text.indexOf('"messages"') - 4;
      for (let from = 5; from < limit; from += 1) {
        for (let to = from + 1; to < limit; to += 1 + indent) {
          const damaged = text.slice(0, from) + '\0'.repeat(to - from) + text.slice(to);
          expect(read(damaged, ['messages']).values, damaged).toEqual(messages);
        }
      }
    },
  );

  it('takes no member of another object for an element where zeros took the end of the list', () => {
    const text = JSON.stringify({ messages: [{ a: [{ b: 1 }] }], end: { a: 2 }, more: 3 }, null, 2);
    const from = text.indexOf('1') + 1;
    const to = text.indexOf('}', text.indexOf('"end"'));
    const zeros = '\0'.repeat(to - from);
    const { values } = read(text.slice(0, from) + zeros + text.slice(to), ['messages']);
    expect(values).toEqual([]);
  });

  it('gives back the element right behind zeros that took the end of a string and the comma', () => {
    const [one, two, three] = ['{ "a": "first" }', '{ "a": "second" }', '{ "a": "third" }'];
    const text = `[\n  ${one},\n  ${two},\n  ${three}\n]`;
    const [from, to] = [text.indexOf('second') + 3, text.indexOf(three) - 2];
    const { values } = read(`${text.slice(0, from)}${'\0'.repeat(to - from)}${text.slice(to)}`, []);
    expect(values).toEqual([{ a: 'first' }, { a: 'third' }]);
  });

  it('takes no element of another list for one where zeros took the end of the list', () => {
    const tools = [{ name: 'a' }, { name: 'b' }];
    const text = JSON.stringify({ messages: [{ id: 1 }, { id: 2 }], tools }, null, 2);
    const from = text.indexOf('"id": 2');
    const to = text.indexOf('"name": "a"');
    const zeros = '\0'.repeat(to - from);
    const { values, faults } = read(text.slice(0, from) + zeros + text.slice(to), ['messages']);
    expect(values).toEqual([{ id: 1 }]);
    const other = text.lastIndexOf('{');
    const length = text.lastIndexOf('}', text.length - 2) + 1 - other;
    expect(faults).toContainEqual(expect.stringContaining(`MALFORMED_RECORD ${other}+${length} `));
  });

  it('takes a byte of damage in front of an element for no element', () => {
    const text = JSON.stringify([{ a: 1 }, { a: 2 }], null, 2);
    for (const at of [text.indexOf('{') - 1, text.lastIndexOf('{') - 1]) {
      const { values } = read(`${text.slice(0, at)}5${text.slice(at + 1)}`, []);
      expect(values).toEqual([{ a: 1 }, { a: 2 }]);
    }
  });

  it('tells the line of a byte, and not that of the element around it', () => {
    const words = ['Bad \xff.', 'Bad \0\0\0.', 'Bad \0.'];
    const messages = words.map((text) => ({ role: 'user', content: [{ text }], text: 'twice' }));
    const plain = JSON.stringify({ messages, end: 1 }, null, 2).replaceAll('\\u0000', '\0');
    const text = plain.replace('"text": "twice"', '"role": "twice"');
    const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
    const { faults, records } = read(text, ['messages']);
    expect(records).toHaveLength(3);
    const found = faults.map((each) => /^(\w+) (\d+)\+\d+ line (\d+)$/u.exec(each) ?? []);
    const codes = found.map(([, code]) => code).toSorted();
    expect(codes).toEqual(['BAD_UTF8', 'DUPLICATE_KEY', 'NUL_RUN', 'NUL_RUN']);
    for (const [, code, offset, line] of found) {
      expect([code, Number(line)]).toEqual([code, lineAt(Number(offset))]);
    }
  });

  it('tells that the list is not there where its name is damaged', () => {
    const text = JSON.stringify({ id: 1, messages: [{ a: 1 }] });
    const { values, faults } = read(text.replace('messages', 'mXssages'), ['messages']);
    expect(values).toEqual([]);
    expect(faults).toEqual([`MALFORMED_RECORD 0+${text.length} line 1`]);
  });

  it('finds the list behind damage by where it stands, and no other list of its name', () => {
    const info = { messages: [{ a: 0 }] };
    const text = JSON.stringify({ info, messages: [{ a: 1 }, { a: 2 }] });
    expect(read(text.replace('"info"', '"info'), ['messages']).values).toEqual([
      { a: 1 },
      { a: 2 },
    ]);
  });

  it('tells what is no such file', () => {
    expect(read('', [])).toMatchObject({ values: [], faults: [] });
    expect(read('{"a":1}', [])).toMatchObject({
      values: [],
      faults: ['MALFORMED_RECORD 0+7 line 1'],
    });
    expect(read('[1] x', [])).toMatchObject({
      values: [1],
      faults: ['MALFORMED_RECORD 4+1 line 1'],
    });
  });
});
