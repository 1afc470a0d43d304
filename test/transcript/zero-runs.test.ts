/** Zero bytes that were written over a part of a record: what comes back, and what is not invented. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from '../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import type { ByteFault } from '../../src/transcript/file-record.ts';
import { jsonFile } from '../../src/transcript/json-file.ts';
import { jsonLines } from '../../src/transcript/records.ts';
import { applySplices } from '../../src/transcript/splice.ts';
import { runs } from '../helpers/transcript-lab.ts';

interface Read {
  readonly values: readonly unknown[];
  /** Code, and what takes the place of the bytes; null where they stay. */
  readonly faults: readonly (readonly [string, string | null])[];
  readonly mended: string;
}

function read(text: string | Uint8Array, kind: 'lines' | 'list'): Read {
  const source = bytesSource(typeof text === 'string' ? Buffer.from(text) : text);
  const faults: ByteFault[] = [];
  const told = (fault: ByteFault): number => faults.push(fault);
  const records = kind === 'lines' ? jsonLines(source, told) : jsonFile(source, [], told);
  // A word that stands alone on a line is no record of any format.
  const values = [...records]
    .map(({ value }) => value)
    .filter((value) => typeof value === 'object');
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
    ['the end of a text, so long that it may have been that of another member', ' all of them.'],
  ])('leave a record unread and untouched where they took %s', (_name, part) => {
    const text = file(zeroed(record, part));
    const { values, faults, mended } = read(text, kind);
    expect(values).toEqual([user, user]);
    expect(faults).toContainEqual(['MALFORMED_RECORD', null]);
    expect(mended).toBe(text);
    expect(read(mended, kind)).toMatchObject({ values, faults });
  });

  it('are taken out where they stand in white space or too short for a member', () => {
    for (const text of [record.replace(', "z"', ', \0\0\0"z"'), record.replace('[', '[\0')]) {
      const { values, faults, mended } = read(file(text), kind);
      expect(values).toEqual([user, JSON.parse(record), user]);
      expect(faults).toEqual([['NUL_RUN', '']]);
      expect(mended).toBe(file(text.replaceAll('\0', '')));
    }
  });

  it('are blanks where an indented file has as many, and a lost member where they are more', () => {
    if (kind === 'lines') return;
    const text = `[\n${JSON.stringify(JSON.parse(record), null, 4)}\n]`;
    const gap = text.replace('\n    "id"', `\n${'\0'.repeat(4)}"id"`);
    expect(read(gap, kind)).toMatchObject({
      values: [JSON.parse(record)],
      faults: [['NUL_RUN', '']],
    });
    const member = zeroed(text, '    "id": "msg_1",');
    expect(read(member, kind)).toMatchObject({ values: [], mended: member });
  });

  // Found by a random run (HOLDFAST_SEED=1869289640): the name of the model was read as the message.
  it('do not make the value of another member to words of the text', () => {
    const text = '{"id":"g2","type":"gemini","content":"Look.","model":"gemini-3-pro"}';
    const damaged = file(zeroed(text, 'Look.","model":"'));
    expect(read(damaged, kind)).toMatchObject({ values: [user, user], mended: damaged });
  });

  // Found by a random run (HOLDFAST_SEED=1135281501): what stands behind a text was counted as a border,
  // so that an answer with a call at its end became words of the prompt in front of it.
  it('do not join a prompt and an answer whose end is long', () => {
    const words = (role: string, text: string, more: string): string =>
      `{"role":"${role}","content":[{"type":"text","text":"${text}"}${more}]}`;
    const tail = `,{"type":"tool_use","id":"toolu_1","name":"read","input":{"path":"notes.txt"}}`;
    const prompt = words('user', 'What is in my notes?', '');
    const answer = words('assistant', 'I look.', tail);
    const two = file(`${prompt}${kind === 'lines' ? '\n' : ','}${answer}`);
    const damaged = zeroed(two, two.slice(two.indexOf(' my notes?'), two.indexOf('I look.')));
    expect(read(damaged, kind)).toMatchObject({ values: [user, user], mended: damaged });
  });

  // Found by a random run (HOLDFAST_SEED=4419668): a summary holds messages in one record.
  it('do not join two messages that stand in one record', () => {
    const words = (id: string, text: string): string =>
      `{"id":"${id}","type":"user","content":[{"text":"${text}"}]}`;
    const held = [words('s1', 'Summary: the notes say milk.'), words('s2', 'I got it.')].join();
    const text = file(`{"$set":{"lastUpdated":"2026-05-01T10:00:09.000Z","messages":[${held}]}}`);
    const took = text.slice(text.indexOf(' say milk'), text.indexOf(' got it'));
    const damaged = zeroed(text, took);
    expect(read(damaged, kind)).toMatchObject({ values: [user, user], mended: damaged });
  });

  // Found by a random run (HOLDFAST_SEED=5511227): the arguments lost their first two characters.
  it('are no white space in front of a quote that may be one of the words', () => {
    const text = JSON.stringify({ name: 'read', arguments: '{"path":"cart.ts"}', id: 'c' });
    const damaged = file(zeroed(text, '"{\\'));
    expect(read(damaged, kind)).toMatchObject({ values: [user, user], mended: damaged });
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

// Found by a random run (HOLDFAST_SEED=1480083368): with a line end in their place the first part ended
// as lines do, and a message that it holds was read.
it('zero bytes behind the beginning of a record stay, so that no part of it is read as one', () => {
  const message = (id: string): string =>
    `{"id":"${id}","type":"user","content":[{"text":"Yes."}]}`;
  const text = `${message('u1')}\n{"$set":{"messages":[${message('s1')},${message('s2')}]}}\n`;
  for (const took of [',{', ',{"id"', '},{']) {
    const damaged = text.replace(took, '\0'.repeat(took.length));
    const { values, mended } = read(damaged, 'lines');
    expect(values, took).toEqual([JSON.parse(message('u1'))]);
    expect(read(mended, 'lines').values, took).toEqual(values);
  }
});

/** Every name and every leaf of a value, with its path in front: what the value says. */
function facts(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => facts(each, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [`${path}=${JSON.stringify(value)}`];
  return Object.entries(value).flatMap(([name, each]) => facts(each, `${path}.${name}`));
}

/** The signature of a thought in which a mark stands. */
function isTakenOff(fact: string): boolean {
  return /\.\w*[sS]ignature=""$/.test(fact);
}

/** Lines, and a list, in which half of the bytes are of a signed thought. */
function signedFiles(): Buffer[] {
  const thought = { type: 'thinking', thinking: 'The notes may tell.', signature: 'c2lnbmF0dXJl' };
  const messages = [1, 2, 3].map((turn) => ({
    role: 'assistant',
    id: `m${turn}`,
    content: [
      { ...thought, thinking: `${thought.thinking} Look ${turn}.` },
      { type: 'text', text: 'So.' },
    ],
  }));
  const lines = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
  return [Buffer.from(lines), Buffer.from(JSON.stringify(messages))];
}

function kindOf(bytes: Buffer): 'lines' | 'list' {
  return /^\s*\[/.test(bytes.toString()) ? 'list' : 'lines';
}

describe('zero bytes over any part of a file', () => {
  const root = fileURLToPath(new URL('../../fixtures/transcripts/', import.meta.url));
  const files: Buffer[] = ['claude-code', 'codex', 'pi', 'gemini-cli', 'cline'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => /\.jsonl?$/.test(name) && !name.endsWith('.expected.json'))
      .map((name) => readFileSync(join(root, folder, name)))
      .filter((bytes) => read(bytes, kindOf(bytes)).faults.length === 0),
  );
  for (let copies = 0; copies < 5; copies += 1) files.push(...signedFiles());
  it('is tried on the fixtures that are sound', () => expect(files.length).toBeGreaterThan(20));

  it('let no record say what no record of the file said, but for a mark', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.nat(),
        fc.integer({ min: 1, max: 120 }),
        (bytes, at, count) => {
          const kind = kindOf(bytes);
          const from = at % bytes.length;
          const damaged = Buffer.from(bytes).fill(0, from, Math.min(bytes.length, from + count));
          const said = read(bytes, kind).values.map((value) => facts(value));
          const { values, mended } = read(damaged, kind);
          for (const value of values) {
            const says = facts(value);
            const sure = says.filter((fact) => !fact.includes('\uFFFD') && !isTakenOff(fact));
            // One record said all of it; beside what is marked only texts of one message are gone.
            const isOne = said.some((one) => {
              const gone = one.filter((fact) => !says.includes(fact));
              const parts = gone.filter((fact) => !/\.(?:text|type|\w*[sS]ignature)="/.test(fact));
              const marks = says.length - sure.length;
              return sure.every((fact) => one.includes(fact)) && parts.length <= marks;
            });
            expect(isOne, JSON.stringify(value)).toBe(true);
          }
          expect(read(Buffer.from(mended), kind).values).toEqual(values);
        },
      ),
      runs(1500),
    );
  });
});
