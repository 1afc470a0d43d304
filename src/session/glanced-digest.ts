/**
 * The content digest of a message that was not decoded: the canonical JSON of its content is
 * written from the bytes of the payload. The rules stand in `canonical` and `content-digest`; what
 * is not as usual is left to them. Pure.
 *
 * Invariant: a digest given here is the one of the decoded message. A test holds both against each
 * other.
 */
import { isUtf8 } from 'node:buffer';
import { viewOf } from '../format/bytes.ts';
import { sha256Hex } from '../format/checksum.ts';
import { plainReader as reader } from '../format/plain-reader.ts';
import type { MessageGlance } from './message-glance.ts';

/** Longer ones gain nothing, and the memory for the JSON is kept. */
const contentBytesMax: number = 128 * 1024;
/** Members of an object whose names are put in order here. */
const membersMax = 64;

const digestChars = 64;
const quote = 0x22;
const backslash = 0x5c;

/** How each byte stands in a JSON text: itself (0), behind a backslash, or as `\u00XX` (1). */
const escapes: Uint8Array = new Uint8Array(256);
escapes.fill(1, 0, 0x20);
for (const [at, letter] of [
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [quote, '"'],
  [backslash, '\\'],
] as const) {
  escapes[at] = letter.charCodeAt(0);
}

const hex = '0123456789abcdef';
let json: Buffer = Buffer.alloc(0);
let words: DataView = viewOf(json);
let length = 0;

/** What stands between the digest and the content. */
const head = '\n{"content":';
const tails = new Map<string, Uint8Array>();

/** The digest behind a message; null when the message has to be decoded for it. */
export function glancedDigest(
  previous: string,
  payload: Uint8Array,
  { role, content }: MessageGlance,
): string | null {
  const bytes = content.end - content.at;
  if (bytes > contentBytesMax) return null;
  makeRoom(digestChars + 7 * bytes + 256);
  json.write(previous, 0, digestChars, 'latin1');
  length = digestChars + head.length;
  reader.open(payload, content.at);
  if (!value()) return null;
  const tail = tailOf(role);
  json.set(tail, length);
  return sha256Hex(json.subarray(0, length + tail.length));
}

/** Each byte is six at most, and each value has its comma. */
function makeRoom(needed: number): void {
  if (json.length >= needed) return;
  json = Buffer.alloc(Math.max(16 * 1024, 2 * needed));
  json.write(head, digestChars, 'latin1');
  words = viewOf(json);
}

/** Roles are few, and words. */
function tailOf(role: string): Uint8Array {
  const known = tails.get(role);
  if (known !== undefined) return known;
  if (tails.size === membersMax) tails.clear();
  const tail = Buffer.from(`,"role":"${role}"}`, 'latin1');
  tails.set(role, tail);
  return tail;
}

function put(text: string): void {
  for (let at = 0; at < text.length; at += 1) json[length + at] = text.charCodeAt(at);
  length += text.length;
}

function putByte(byte: number): void {
  json[length] = byte;
  length += 1;
}

/** Writes the value at the reader's place; false when it is not as usual. */
function value(): boolean {
  const kind = reader.next();
  switch (kind) {
    case 'odd':
      return false;
    case 'null':
      put('null');
      return true;
    case 'boolean':
      put(reader.value === 1 ? 'true' : 'false');
      return true;
    case 'number':
      // A zero has no sign once it was decoded.
      put(String(reader.value === 0 ? 0 : reader.value));
      return true;
    case 'text': {
      const { at, size } = reader;
      reader.at += size;
      return text(reader.bytes, at, at + size);
    }
    case 'array':
      return array(reader.size);
    case 'map':
      return object(reader.size);
  }
}

/** The bytes of a text in quotes: UTF-8 stays as it is. */
function text(bytes: Uint8Array, at: number, end: number): boolean {
  putByte(quote);
  let index = at;
  let seen = 0;
  while (index < end) {
    const run = plainRun(reader.view, index, end, length);
    seen |= run.seen;
    length += run.bytes;
    index += run.bytes;
    // Bytes up to the next word, or those at the end.
    for (const stop = Math.min(index + 4, end); index < stop; index += 1) {
      const byte = bytes[index] ?? 0;
      seen |= byte;
      putEscaped(byte);
    }
  }
  putByte(quote);
  return (seen & highBits) === 0 || isKept(bytes.subarray(at, end));
}

const run = { bytes: 0, seen: 0 };

/** Copies four bytes at a time, as long as none of them is escaped. */
function plainRun(from: DataView, at: number, end: number, to: number): typeof run {
  const into = words;
  const last = end - 4;
  const shift = to - at;
  let index = at;
  let seen = 0;
  for (; index <= last; index += 4) {
    const word = from.getInt32(index, true);
    if (mayHoldEscaped(word)) break;
    into.setInt32(index + shift, word, true);
    seen |= word;
  }
  run.bytes = index - at;
  run.seen = seen;
  return run;
}

const highBits = 0x80808080 | 0;

/**
 * True when one of the four bytes is below a blank, a quote or a backslash, and now and then when
 * none is. (Subtracting borrows into the high bit of a byte that is smaller.)
 */
function mayHoldEscaped(word: number): boolean {
  const [quotes, backslashes] = [word ^ 0x22222222, word ^ 0x5c5c5c5c];
  const below = (word - 0x20202020) & ~word;
  const either = ((quotes - 0x01010101) & ~quotes) | ((backslashes - 0x01010101) & ~backslashes);
  return ((below | either) & highBits) !== 0;
}

function putEscaped(byte: number): void {
  const escape = escapes[byte] ?? 0;
  if (escape === 0) return putByte(byte);
  putByte(backslash);
  if (escape !== 1) return putByte(escape);
  return put(`u00${hex.charAt(byte >> 4)}${hex.charAt(byte & 15)}`);
}

/** Decoders replace what is no UTF-8, and may drop a mark of the byte order. */
function isKept(bytes: Uint8Array): boolean {
  const isMarked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return !isMarked && isUtf8(bytes);
}

function array(size: number): boolean {
  putByte(0x5b);
  for (let index = 0; index < size; index += 1) {
    if (index > 0) putByte(0x2c);
    if (!value()) return false;
  }
  putByte(0x5d);
  return true;
}

/** Members in the order of their names, which are plain and differ. */
function object(size: number): boolean {
  if (size > membersMax) return false;
  const members: { readonly name: string; readonly at: number }[] = [];
  for (let index = 0; index < size; index += 1) {
    // A name that begins like this may stand for something else: see `canonical`.
    if (!reader.key() || reader.bytes[reader.at] === 0x24) return false;
    const name = reader.textAt(reader.at, reader.size);
    reader.at += reader.size;
    members.push({ name, at: reader.at });
    if (!reader.skip()) return false;
  }
  const end = reader.at;
  members.sort((one, other) => (one.name < other.name ? -1 : 1));
  putByte(0x7b);
  for (const [index, { name, at }] of members.entries()) {
    if (members[index - 1]?.name === name) return false;
    put(`${index === 0 ? '' : ','}"${name}":`);
    reader.at = at;
    if (!value()) return false;
  }
  putByte(0x7d);
  reader.at = end;
  return true;
}
