/** Zero bytes that were written over a part of a record: what comes back, and what is not invented. */
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import type { ByteFault } from '../../src/transcript/file-record.ts';
import { jsonFile } from '../../src/transcript/json-file.ts';
import { jsonLines } from '../../src/transcript/records.ts';
import { applySplices } from '../../src/transcript/splice.ts';

interface Read {
  readonly values: readonly unknown[];
  /** Code, and what takes the place of the bytes; null where they stay. */
  readonly faults: readonly (readonly [string, string | null])[];
  readonly mended: string;
}

function read(text: string, kind: 'lines' | 'list'): Read {
  const source = bytesSource(Buffer.from(text));
  const faults: ByteFault[] = [];
  const told = (fault: ByteFault): number => faults.push(fault);
  const records = kind === 'lines' ? jsonLines(source, told) : jsonFile(source, [], told);
  const values = [...records].map(({ value }) => value);
  const mends = faults.flatMap(({ mend }) => mend ?? []);
  const mended = Buffer.concat([...applySplices(source, mends)].map((piece) => Buffer.from(piece)));
  return {
    values,
    faults: faults.map(({ code, mend }) => [code, mend && Buffer.from(mend.bytes).toString()]),
    mended: mended.toString(),
  };
}

/** The text with zeros written over the first place at which `part` stands. */
function zeroed(text: string, part: string): string {
  return text.replace(part, '\0'.repeat(part.length));
}

const record =
  '{"model":"claude-x","id":"msg_1","type":"message","content":[{"type":"text",' +
  '"text":"The price is 100 dollars, and it was agreed on by all of them."}],"n":1000, "z":true}';
const other = '{"role":"user"}';

describe.each(['lines', 'list'] as const)('zero bytes over a part of a record in %s', (kind) => {
  const file = (text: string): string =>
    kind === 'lines' ? `${other}\n${text}\n${other}\n` : `[${other},${text},${other}]`;
  const user = JSON.parse(other) as unknown;

  it.each(['00', 'agreed on by all', '100 dollars, and it was ag'])(
    'leave a mark in the text where %s stood',
    (part) => {
      const { values, faults, mended } = read(file(zeroed(record, part)), kind);
      const marked = record.replace(part, '\uFFFD');
      expect(values).toEqual([user, JSON.parse(marked), user]);
      expect(faults).toEqual([['NUL_RUN', '\uFFFD']]);
      expect(mended).toBe(file(marked));
    },
  );

  it.each([
    ['a string and the next one', 'x","id":"msg_1","type":"'],
    ['an identifier, so long that another member may have stood there', 'message'],
    ['a name', 'de'],
    ['the end of a number', '000'],
    ['a whole member between tokens', '"id":"msg_1",'],
  ])('leave a record unread and untouched where they took %s', (_name, part) => {
    const text = file(zeroed(record, part));
    const { values, faults, mended } = read(text, kind);
    expect(values).toEqual([user, user]);
    expect(faults).toContainEqual(['MALFORMED_RECORD', null]);
    expect(mended).toBe(text);
    expect(read(mended, kind)).toMatchObject({ values, faults });
  });

  it('are taken out where they stand in white space or too short for a member', () => {
    for (const text of [record.replace(', "z"', ', \0\0\0\0\0\0"z"'), record.replace('[', '[\0')]) {
      const { values, faults, mended } = read(file(text), kind);
      expect(values).toEqual([user, JSON.parse(record), user]);
      expect(faults).toEqual([['NUL_RUN', '']]);
      expect(mended).toBe(file(text.replaceAll('\0', '')));
    }
  });

  it('do not make two records to one, however the brackets come out', () => {
    const text = (words: string): string => `{"role":"user","content":"${words}"}`;
    const two = file(`${text('one one')}${kind === 'lines' ? '\n' : ','}${text('two two')}`);
    const damaged = zeroed(two, two.slice(two.indexOf(' one') + 1, two.indexOf(' two') + 1));
    const { values, mended } = read(damaged, kind);
    expect(values).toEqual([user, user]);
    expect(mended).toBe(damaged);
  });
});
