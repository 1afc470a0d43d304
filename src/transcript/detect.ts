/** What a file begins with, to tell its format by content. Never the whole file, never its name. */
import type { ByteSource } from './byte-source.ts';
import { parseText, unparsed } from './decode.ts';
import { closedPrefix, scanValue, skipBlanks } from './json-scan.ts';
import { jsonLines } from './records.ts';

/** What was seen. */
export interface FirstLook {
  /** `lines`: one record a line. `document`: one value over the whole file. */
  readonly kind: 'lines' | 'document' | 'nothing';
  /**
   * The first records; of a document the value alone, made whole where the look ended, so that its
   * lists hold only the first elements.
   */
  readonly first: readonly unknown[];
}

const lookBytes = 4 * 1024 * 1024;
const recordsMax = 64;

/** Looks at the first megabytes. */
export function lookAtFirst(source: ByteSource): FirstLook {
  const bytes = firstBytes(source);
  const from = skipBlanks(bytes, 0, bytes.length, 'pass');
  const lf = bytes.indexOf('\n', from, 'latin1');
  const scan = scanValue(bytes, from, bytes.length);
  // A value that goes on behind the first line is no record of a file of lines.
  const spans = lf >= 0 && scan.at > lf + 1;
  const short = lf < 0 && scan.kind === 'unfinished';
  const lines = spans && scan.kind !== 'broken' ? [] : firstRecords(bytes, source.size);
  if ((spans || short) && lines.length < 2) {
    const text = closedPrefix(bytes.subarray(from));
    const value = text === null ? unparsed : parseText(text);
    if (value !== unparsed) return { kind: 'document', first: [value] };
  }
  return { kind: lines.length > 0 ? 'lines' : 'nothing', first: lines };
}

function firstBytes(source: ByteSource): Buffer {
  const wanted = Math.min(lookBytes, source.size);
  const parts: Buffer[] = [];
  for (let at = 0; at < wanted; ) {
    const bytes = source.read(at, wanted - at);
    if (bytes.length === 0) break;
    parts.push(Buffer.from(bytes));
    at += bytes.length;
  }
  const bytes = Buffer.concat(parts);
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked ? bytes.subarray(3) : bytes;
}

/** The first records; one that the look cuts is left out, if others are there. */
function firstRecords(bytes: Buffer, size: number): unknown[] {
  const values: unknown[] = [];
  const source: ByteSource = {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
  for (const { value } of jsonLines(source, () => undefined)) {
    values.push(value);
    if (values.length >= recordsMax) break;
  }
  if (values.length > 0 || bytes.length >= size) return values;
  // The first record is longer than the look.
  const text = closedPrefix(bytes);
  const value = text === null ? unparsed : parseText(text);
  return value === unparsed ? [] : [value];
}
