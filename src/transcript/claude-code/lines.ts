/** Where lines begin and end around a record, so that whole lines go and come. */
import type { ByteSource } from '../byte-source.ts';
import type { Splice } from '../splice.ts';

const lf = 0x0a;
const blanks: ReadonlySet<number | undefined> = new Set([0, 0x20, 0x09, 0x0d]);

/** What follows a record. */
export interface LineEnd {
  /** Behind the line end, or where the next record begins. */
  readonly offset: number;
  /** `fused` when another record follows on the same line, `open` at the end of the file. */
  readonly kind: 'closed' | 'fused' | 'open';
  readonly text: '\n' | '\r\n';
}

/** Looks behind the last byte of a record. */
export function lineEnd(source: ByteSource, end: number): LineEnd {
  const stepBytes = 4096;
  let returned = false;
  for (let from = end; ; from += stepBytes) {
    const bytes = source.read(from, stepBytes);
    for (const [at, value] of bytes.entries()) {
      const text = returned ? '\r\n' : '\n';
      if (value === lf) return { offset: from + at + 1, kind: 'closed', text };
      if (!blanks.has(value)) return { offset: end, kind: 'fused', text: '\n' };
      returned = value === 0x0d;
    }
    if (bytes.length < stepBytes) return { offset: end, kind: 'open', text: '\n' };
  }
}

/** Takes a record out: its whole line, or its bytes alone where it shares the line. */
export function withoutRecord(source: ByteSource, offset: number, length: number): Splice {
  const bytes = new Uint8Array(0);
  const end = lineEnd(source, offset + length);
  const shared = end.kind === 'fused' || !beginsLine(source, offset);
  return { offset, length: shared ? length : end.offset - offset, bytes };
}

/** Whether nothing but a line end or a byte order mark stands in front. */
export function beginsLine(source: ByteSource, offset: number): boolean {
  if (offset === 0) return true;
  const before = source.read(offset - 1, 1)[0];
  return before === lf || (offset === 3 && before === 0xbf);
}
