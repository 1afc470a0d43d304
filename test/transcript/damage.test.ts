/**
 * Records and damage at random: what the damage does not touch comes back, nothing is made up, what
 * is mended needs no more mending, and how the file is read in pieces makes no difference.
 */
import fc from '../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { HoldfastError } from '../../src/base/errors.ts';
import type { ByteFault, FileRecord } from '../../src/transcript/file-record.ts';
import { openTranscript } from '../../src/transcript/formats.ts';
import { jsonFile } from '../../src/transcript/json-file.ts';
import { jsonLines } from '../../src/transcript/records.ts';
import { applySplices, mergeSplices } from '../../src/transcript/splice.ts';
import { blows, Chances, misread } from '../helpers/damage.ts';
import type { Damaged } from '../helpers/damage.ts';
import { runs } from '../helpers/transcript-lab.ts';

interface Read {
  readonly records: FileRecord[];
  readonly faults: ByteFault[];
}

function read(bytes: Uint8Array, chunkBytes = 64 * 1024): Read {
  const faults: ByteFault[] = [];
  const records = [...jsonLines(bytesSource(bytes), (fault) => faults.push(fault), { chunkBytes })];
  return { records, faults };
}

/** A word that stands alone on a line is JSON as well, and beside a record it is not. */
function objects({ records }: Read): unknown[] {
  return records.map((each) => each.value).filter((each) => typeof each === 'object');
}

function mend(bytes: Uint8Array, faults: readonly ByteFault[]): Buffer {
  const splices = mergeSplices(faults.flatMap((fault) => fault.mend ?? []));
  return Buffer.concat([...applySplices(bytesSource(bytes), splices)].map((b) => Buffer.from(b)));
}

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({
    unit: fc.constantFrom('{', '}', '"', '\\', ':', ',', '[', ']', 'a', 'é', '\0', '\n'),
  }),
);
/** Like the records of real files: an id, a few kinds of members, values of all kinds. */
const record = fc.oneof(
  fc.record({ type: fc.constantFrom('user', 'assistant'), id: fc.nat(), message: value }),
  fc.record({ id: fc.nat(), parent: fc.record({ id: fc.nat(), deep: value }), last: value }),
  fc.record({ timestamp: fc.nat(), payload: fc.record({ type: value, items: fc.array(value) }) }),
);

/** A message that holds others of its own shape, as the calls of a sub-agent do. */
const nested = fc.oneof(
  { weight: 3, arbitrary: record },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom('user', 'other'),
      id: fc.nat(),
      message: fc.array(record, { maxLength: 3 }),
    }),
  },
);

interface Sound {
  readonly bytes: Buffer;
  readonly records: { readonly from: number; readonly to: number; readonly value: unknown }[];
}

function soundFile(values: readonly unknown[], lineEnd: string): Sound {
  const parts: string[] = [];
  const records = [];
  let at = 0;
  for (const each of values) {
    const text = JSON.stringify(each);
    const length = Buffer.byteLength(text);
    records.push({ from: at, to: at + length, value: JSON.parse(text) as unknown });
    parts.push(text, lineEnd);
    at += length + lineEnd.length;
  }
  return { bytes: Buffer.from(parts.join('')), records };
}

/** The records that the damage leaves alone, at their new places. */
function untouched(sound: Sound, { touched, grown }: Damaged): Sound['records'] {
  return sound.records.flatMap((each) => {
    if (each.to <= touched.from) return [each];
    const moved = { ...each, from: each.from + grown, to: each.to + grown };
    return each.from >= touched.to ? [moved] : [];
  });
}

describe('jsonLines', () => {
  it.each(Object.keys(blows))('gives back what is not touched by damage: %s', (kind) => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('\n', '\r\n'),
        fc.nat(),
        (list, lineEnd, seed) => {
          const sound = soundFile(list, lineEnd);
          const damaged = blows[kind]?.(sound.bytes, new Chances(seed));
          if (damaged === undefined) return;
          const { records, faults } = read(damaged.bytes);
          const found = records.map(({ offset, length }) => ({
            from: offset,
            to: offset + length,
          }));
          expect(misread(sound.records, damaged, found).join('; ')).toBe('');
          const values = new Map(records.map((each) => [each.offset, each.value]));
          for (const each of untouched(sound, damaged)) {
            expect(values.get(each.from), damaged.kind).toEqual(each.value);
          }
          expect(records.map(({ index }) => index)).toEqual([...records.keys()]);
          const mended = read(mend(damaged.bytes, faults));
          expect(objects(mended)).toEqual(objects({ records, faults }));
          expect(mended.faults.flatMap((fault) => fault.mend ?? [])).toEqual([]);
        },
      ),
      runs(500),
    );
  });
});

describe('jsonLines', () => {
  const pieces = fc.oneof(
    { weight: 3, arbitrary: record.map((each) => Buffer.from(JSON.stringify(each))) },
    {
      weight: 3,
      arbitrary: fc
        .constantFrom('\n', '\r\n', '\0\0', '{"', '}', '"', '\\')
        .map((text) => Buffer.from(text)),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)) },
  );
  const anything = fc.array(pieces, { maxLength: 12 }).map((parts) => Buffer.concat(parts));

  it('reads any bytes without trouble, in pieces of any size alike', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 50 }), (bytes, chunkBytes) => {
        const whole = read(bytes);
        expect(read(bytes, chunkBytes)).toEqual(whole);
        let at = 0;
        for (const { offset, length } of whole.records) {
          expect(offset).toBeGreaterThanOrEqual(at);
          at = offset + length;
        }
        expect(at).toBeLessThanOrEqual(bytes.length);
        const mended = mend(bytes, whole.faults);
        const again = read(mended);
        expect(objects(again)).toEqual(objects(whole));
        expect(again.faults.flatMap((fault) => fault.mend ?? [])).toEqual([]);
      }),
      runs(2000),
    );
  });

  // Found by the next test: nothing was told of these.
  it('tells of zeros at the end that only blanks follow', () => {
    for (const text of ['\0\0 ', '{"a":1}\n\0\0\0\t ']) {
      const { faults } = read(Buffer.from(text));
      expect(faults).toMatchObject([{ code: 'NUL_RUN', offset: text.indexOf('\0') }]);
      expect(mend(Buffer.from(text), faults).includes(0)).toBe(false);
    }
  });

  it('tells every byte that is in no record', () => {
    fc.assert(
      fc.property(anything, (bytes) => {
        const { records, faults } = read(bytes);
        const told = Buffer.from(bytes);
        for (const { offset, length } of [...records, ...faults]) {
          told.fill(0x20, offset, offset + length);
        }
        expect(told.toString('latin1').trim()).toBe('');
      }),
      runs(1000),
    );
  });

  it('is opened as a transcript, or refused with a reason', () => {
    fc.assert(
      fc.property(anything, (bytes) => {
        try {
          const walk = openTranscript(bytesSource(bytes));
          let step = walk.next();
          while (step.done !== true) step = walk.next();
          expect([...step.value.conversation()].length).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(HoldfastError.is(error, 'INVALID'), String(error)).toBe(true);
        }
      }),
      runs(500),
    );
  });
});

/** Bytes that are told as lost. */
function isTold(faults: readonly ByteFault[], at: number, bytes: number): boolean {
  return faults.some(
    ({ code, offset, length }) =>
      code !== 'NUL_RUN' && offset <= at && at + bytes <= offset + length,
  );
}

describe('jsonFile', () => {
  const path = ['messages'];
  const readFile = (bytes: Uint8Array, chunkBytes: number): Read => {
    const faults: ByteFault[] = [];
    const told = (fault: ByteFault): number => faults.push(fault);
    return { records: [...jsonFile(bytesSource(bytes), path, told, { chunkBytes })], faults };
  };

  it.each(Object.keys(blows).filter((kind) => !/^(fused|cut)/.test(kind)))(
    'makes nothing up in one blow, and gives or tells what stands outside of it: %s',
    (kind) => {
      fc.assert(
        fc.property(
          fc.array(nested, { minLength: 1, maxLength: 6 }),
          fc.constantFrom(0, 2, '\t'),
          fc.nat(),
          fc.integer({ min: 1, max: 3000 }),
          (messages, indent, seed, chunkBytes) => {
            const text = JSON.stringify({ id: 1, messages, end: { a: messages } }, null, indent);
            const sound = readFile(Buffer.from(text), 1024);
            expect(sound.records.map(({ value: each }) => each)).toEqual(
              JSON.parse(JSON.stringify(messages)),
            );
            const damaged = blows[kind]?.(Buffer.from(text), new Chances(seed));
            if (damaged === undefined) return;
            const { records, faults } = readFile(damaged.bytes, chunkBytes);
            const { from, to } = damaged.touched;
            const places = new Map(records.map((each) => [each.offset, each.value]));
            for (const each of sound.records) {
              const before = each.offset + each.length <= from;
              if (before) expect(places.get(each.offset), damaged.kind).toEqual(each.value);
              const moved = each.offset + damaged.grown;
              if (before || each.offset >= to) {
                const at = before ? each.offset : moved;
                if (places.has(at)) expect(places.get(at), damaged.kind).toEqual(each.value);
                else expect(isTold(faults, at, each.length), damaged.kind).toBe(true);
                places.delete(at);
              } else places.delete(each.offset);
            }
            expect([...places.keys()], damaged.kind).toEqual([]);
            const bytes = mend(damaged.bytes, faults);
            const mended = readFile(bytes, 1024);
            // An element beside zeros may be a part of one; without them it is known for one.
            const more = objects(mended).map((each) => JSON.stringify(each));
            const fewer = objects({ records, faults }).map((each) => JSON.stringify(each));
            expect(more).toEqual(expect.arrayContaining(fewer));
            // With a mark in the place of zeros the value may end early: what is behind it goes.
            const last = readFile(mend(bytes, mended.faults), 1024);
            expect(last.faults.flatMap((fault) => fault.mend ?? [])).toEqual([]);
          },
        ),
        runs(500),
      );
    },
  );
});
