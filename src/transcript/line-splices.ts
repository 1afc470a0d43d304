/** Lines that come and go in a file of JSON lines, next to records whose places are known. */
import type { ByteSource } from './byte-source.ts';
import { byte } from './json-scan.ts';
import type { Splice } from './splice.ts';

/** Where a record stands. */
interface Extent {
  readonly offset: number;
  readonly length: number;
}

function byteAt(source: ByteSource, offset: number): number | null {
  return offset < 0 || offset >= source.size ? null : (source.read(offset, 1)[0] ?? null);
}

/** How many bytes the line end at a place has; 0 when none is there. */
function lineEndLength(source: ByteSource, offset: number): number {
  const first = byteAt(source, offset);
  if (first === byte.lf) return 1;
  return first === byte.cr && byteAt(source, offset + 1) === byte.lf ? 2 : 0;
}

/** The line end that lines put in at a place must bring, because none follows there. */
export function closingLineEnd(source: ByteSource, offset: number): '' | '\n' {
  return lineEndLength(source, offset) > 0 ? '' : '\n';
}

/**
 * New lines right behind a record, whatever follows it on its line. They end in a line end also
 * where the file had none: a tool appends its next record without a look at the last byte.
 */
export function linesBehind(source: ByteSource, record: Extent, lines: readonly string[]): Splice {
  const offset = record.offset + record.length;
  const text = `\n${lines.join('\n')}${closingLineEnd(source, offset)}`;
  return { offset, length: 0, bytes: Buffer.from(text) };
}

/** New lines right in front of a record, whatever stands before it on its line. */
export function linesBefore(source: ByteSource, record: Extent, lines: readonly string[]): Splice {
  const before = byteAt(source, record.offset - 1);
  const isAtStart = before === null || before === byte.lf;
  const text = `${isAtStart ? '' : '\n'}${lines.join('\n')}\n`;
  return { offset: record.offset, length: 0, bytes: Buffer.from(text) };
}

/** Takes a record away, and its line when nothing else stands on it. */
export function withoutRecord(source: ByteSource, { offset, length }: Extent): Splice {
  const before = byteAt(source, offset - 1);
  const isAlone = before === null || before === byte.lf;
  const lineEnd = isAlone ? lineEndLength(source, offset + length) : 0;
  return { offset, length: length + lineEnd, bytes: new Uint8Array(0) };
}
