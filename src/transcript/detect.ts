/** What a file begins with, to tell its format by content. Never the whole file, never its name. */
import { bytesSource } from './byte-source.ts';
import type { ByteSource } from './byte-source.ts';
import { parseText, unparsed } from './decode.ts';
import { jsonFile } from './json-file.ts';
import { byte, closedPrefix, scanValue, skipBlanks } from './json-scan.ts';
import type { Scan } from './json-scan.ts';
import type { JsonObject } from './json-value.ts';
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
  const only = listOfOne(bytes, from, scan);
  if (only !== unparsed) return { kind: 'document', first: [only] };
  const lines = spans && scan.kind !== 'broken' ? none : firstRecords(bytes, source.size);
  const isBroken = scan.kind === 'broken' && lines.values.length === 0;
  if ((spans || short || isBroken) && !lines.sure) {
    const text = closedPrefix(withoutZeros(bytes.subarray(from)));
    const value = text === null ? unparsed : parseText(text);
    if (value !== unparsed) {
      return { kind: 'document', first: [withList(value, source, bytes, scan.kind)] };
    }
  }
  return { kind: lines.values.length > 0 ? 'lines' : 'nothing', first: lines.values };
}

/** Zeros are passed over in the file as well: what stands behind them may tell its format. */
function withoutZeros(bytes: Buffer): Buffer {
  return bytes.includes(0) ? Buffer.from(bytes.filter((each) => each !== 0)) : bytes;
}

/**
 * A list, or an object with one, on a line on which more stands behind it: no file of lines has
 * that, and what stands there is the rest of a longer file, or a second value.
 */
function listOfOne(bytes: Buffer, from: number, { kind, at }: Scan): unknown {
  const next = bytes[skipInLine(bytes, at)];
  if (kind !== 'value' || next === undefined || next === byte.lf) return unparsed;
  const value = parseText(bytes.toString('utf8', from, at));
  if (typeof value !== 'object' || value === null) return unparsed;
  const isList = Array.isArray(value);
  return isList || lists.some((name) => Array.isArray((value as JsonObject)[name]))
    ? value
    : unparsed;
}

/** The first place from `from` on that is no blank within a line. */
function skipInLine(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === byte.space || bytes[at] === byte.tab || bytes[at] === byte.cr) at += 1;
  return at;
}

/**
 * The list of messages may stand behind what the look saw whole: behind damage, or behind the long
 * `trajectory` of a SWE-agent run.
 */
function withList(value: unknown, source: ByteSource, bytes: Buffer, kind: Scan['kind']): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (lists.some((name) => name in value) || kind === 'value') return value;
  const long = 'trajectory' in value;
  if (kind !== 'broken' && !long) return value;
  for (const name of lists) {
    const elements: unknown[] = [];
    const from = long ? source : bytesSource(bytes);
    for (const element of jsonFile(from, [name], () => undefined)) {
      elements.push(element.value);
      if (elements.length >= recordsMax) break;
    }
    if (elements.length > 0) return { ...value, [name]: elements };
  }
  return value;
}

const lists = ['messages', 'history', 'contents', 'input'] as const;

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
  let from = 0;
  while (bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf) from += 3;
  return bytes.subarray(from);
}

/** Records, and whether it is sure that the file is one of lines. */
interface Lines {
  readonly values: readonly unknown[];
  readonly sure: boolean;
}

const none: Lines = { values: [], sure: false };

/**
 * The first records. In a damaged file that is one value a few lines may look like records; in a
 * file of lines at least half of them are objects.
 */
function firstRecords(bytes: Buffer, size: number): Lines {
  const values: unknown[] = [];
  let objects = 0;
  let lines = 0;
  for (const { value, line } of jsonLines(bytesSource(bytes), () => undefined)) {
    values.push(value);
    lines = line;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) objects += 1;
    if (values.length >= recordsMax) break;
  }
  const sure = objects > 1 && 2 * objects >= lines;
  if (values.length > 0 || bytes.length >= size) return { values, sure };
  // The first record is longer than the look.
  const text = closedPrefix(bytes);
  const value = text === null ? unparsed : parseText(text);
  return value === unparsed ? none : { values: [value], sure };
}
