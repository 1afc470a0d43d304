/** Lines without end: they are read in constant memory, or told and passed over. */
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '../../src/transcript/byte-source.ts';
import { jsonLines } from '../../src/transcript/records.ts';
import { bytesHeld } from '../helpers/bytes-held.ts';

const mebibyte = 1024 * 1024;

/** A file that repeats one piece, or zeros, without being held; `asked` is the longest read. */
function repeated(piece: string, times: number, head = '', tail = ''): ByteSource {
  const unit = Buffer.from(piece);
  const ends = [Buffer.from(head), Buffer.from(tail)] as const;
  const size = ends[0].length + unit.length * times + ends[1].length;
  return {
    size,
    read(offset, length) {
      const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
      for (let at = 0; at < bytes.length; ) {
        const place = offset + at - ends[0].length;
        const inside = place - unit.length * times;
        const from = place < 0 ? ends[0] : inside < 0 ? unit : ends[1];
        const start = place < 0 ? offset + at : inside < 0 ? place % unit.length : inside;
        at += from.copy(bytes, at, start);
      }
      return bytes;
    },
  };
}

/** How many bytes of buffers were held at most while the source was read. */
function read(
  source: ByteSource,
  recordBytesMax = 256 * mebibyte,
): { readonly records: number; readonly codes: string[]; readonly peakBytes: number } {
  const counts = new Map<string, number>();
  const before = bytesHeld().buffers;
  let [records, reads, peakBytes] = [0, 0, 0];
  const watched: ByteSource = {
    size: source.size,
    read(offset, length) {
      reads += 1;
      if (reads % 8 === 0) peakBytes = Math.max(peakBytes, bytesHeld().buffers - before);
      return source.read(offset, length);
    },
  };
  const onFault = ({ code }: { readonly code: string }): void => {
    counts.set(code, (counts.get(code) ?? 0) + 1);
  };
  for (const _record of jsonLines(watched, onFault, { recordBytesMax })) records += 1;
  const codes = [...counts].map(([code, count]) => `${code} ${count}`);
  return { records, codes, peakBytes };
}

describe('jsonLines', () => {
  it('reads many records on one line, without holding the line', () => {
    const record = `{"n":"${'x'.repeat(2000)}"}`;
    const { records, codes, peakBytes } = read(repeated(record, 50_000));
    expect({ records, codes }).toEqual({ records: 50_000, codes: ['FUSED_RECORDS 49999'] });
    expect(peakBytes).toBeLessThan(40 * mebibyte);
  });

  it('passes over zeros without holding them', () => {
    const source = repeated('\0'.repeat(mebibyte), 300, '{"a":1}\n', '{"b":2}\n');
    const { records, codes, peakBytes } = read(source);
    expect({ records, codes }).toEqual({ records: 2, codes: ['NUL_RUN 1'] });
    expect(peakBytes).toBeLessThan(16 * mebibyte);
  });

  it('tells a record over the bound, passes over it, and reads on', () => {
    const source = repeated('x'.repeat(1000), 100_000, '{"a":1}\n{"b":"', '"}\n{"c":3}\n');
    const { records, codes, peakBytes } = read(source, 4 * mebibyte);
    expect({ records, codes }).toEqual({ records: 2, codes: ['OVERSIZED_RECORD 1'] });
    expect(peakBytes).toBeLessThan(20 * mebibyte);
  });

  it('reads values that are nested deeper than a stack is', () => {
    const depth = 100_000;
    const text = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    const { records, codes } = read(repeated(text, 2));
    const whole = records === 2 && codes.join() === 'FUSED_RECORDS 1';
    // Where JSON.parse gives up, that is told.
    expect(whole || codes.join().includes('MALFORMED_RECORD')).toBe(true);
  });
});
