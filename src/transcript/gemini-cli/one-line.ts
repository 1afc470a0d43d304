/**
 * Sessions of older versions of Gemini CLI that stand on one line: one value, with the messages in
 * it. Versions that write lines read such a value as the first of them and go on behind it, so what
 * stands there tells which of both a file is.
 */
import type { ByteSource } from '../byte-source.ts';
import { parseBytes } from '../decode.ts';
import { byte, scanValue, skipBlanks } from '../json-scan.ts';
import { asObject } from '../json-value.ts';
import { isOneLine } from '../one-value.ts';

/** Longer files are the one value that their beginning says. */
const lineBytesMax = 64 * 1024 * 1024;

/** True for a file that is such a session, whatever is torn of it or stands behind its end. */
export function isOneLineSession(source: ByteSource, head: Buffer): boolean {
  if (!hasMessages(head) || !isOneLine(source)) return false;
  const bytes = Buffer.from(source.read(0, Math.min(source.size, lineBytesMax)));
  const from = skipBlanks(bytes, beginOf(bytes), bytes.length, 'pass');
  const { kind, at } = scanValue(bytes, from, bytes.length, 'pass');
  return kind !== 'value' || !goesOn(bytes, at);
}

/** Whether the first value is an object that has the list of messages as a member. */
function hasMessages(bytes: Buffer): boolean {
  const to = bytes.length;
  const next = (from: number): number => skipBlanks(bytes, from, to, 'pass');
  let at = next(beginOf(bytes));
  if (bytes[at] !== byte.open) return false;
  do {
    const from = next(at + 1);
    const name = scanValue(bytes, from, to, 'pass');
    if (bytes[from] !== byte.quote || name.kind !== 'value') return false;
    const value = next(next(name.at) + 1);
    const isList = bytes[value] === byte.openArray;
    if (isList && bytes.toString('latin1', from, name.at) === '"messages"') return true;
    const passed = scanValue(bytes, value, to, 'pass');
    if (passed.kind !== 'value') return false;
    at = next(passed.at);
  } while (bytes[at] === byte.comma);
  return false;
}

/** Whether records of lines stand there, to the end; the last of several may be torn. */
function goesOn(bytes: Buffer, from: number): boolean {
  let at = from;
  for (let records = 0; ; records += 1) {
    at = skipBlanks(bytes, at, bytes.length, 'pass');
    if (at === bytes.length) return records > 0;
    const scan = scanValue(bytes, at, bytes.length, 'pass');
    if (scan.kind !== 'value') return records > 0 && scan.kind === 'unfinished';
    const record = asObject(parseBytes(bytes, at, scan.at)) ?? {};
    const isRecord = typeof record['id'] === 'string' || '$set' in record || '$rewindTo' in record;
    if (!isRecord) return false;
    at = scan.at;
  }
}

const byteOrderMark = Buffer.from('\uFEFF');

function beginOf(bytes: Buffer): number {
  return bytes.indexOf(byteOrderMark) === 0 ? byteOrderMark.length : 0;
}
