/**
 * Sessions of Gemini CLI: JSON lines of newer versions, the whole-file JSON of older ones, and the
 * checkpoints of `/chat save`.
 */
import { openArray } from '../array-session.ts';
import type { ArrayFormat } from '../array-session.ts';
import type { ByteSource } from '../byte-source.ts';
import { scanValue, skipBlanks } from '../json-scan.ts';
import type { JsonObject } from '../json-value.ts';
import { largest } from '../../base/lists.ts';
import { asList, asObject, asText, textOf } from '../json-value.ts';
import type { FormatReader, Transcript } from '../transcript.ts';
import { contentCodec, isContent, loneParts } from './contents.ts';
import { openLines } from './line-session.ts';
import { isOneLineSession } from './one-line.ts';
import { withPairedCalls } from './paired-calls.ts';
import { sessionCodec } from './session-words.ts';

/** Reads what Gemini CLI writes. */
export const gemini: FormatReader = {
  name: 'gemini-cli',
  recognise(first) {
    return largest(first.map(sureness), 0);
  },
  *open(source): Generator<number, Transcript, void> {
    const shape = shapeOf(source);
    if (shape === 'lines') return yield* openLines(source);
    const transcript = yield* openArray(source, arrayFormats[shape]);
    return shape === 'session' ? transcript : withPairedCalls(transcript);
  },
};

const types: ReadonlySet<unknown> = new Set(['user', 'gemini', 'info', 'error', 'warning']);

/** Of a list its first elements count; a list in a list is nothing that Gemini CLI writes. */
function sureness(value: unknown): number {
  const records = Array.isArray(value) ? (value as readonly unknown[]).slice(0, 8) : [value];
  return largest(records.map(surenessOf), 0);
}

function surenessOf(value: unknown): number {
  const record = asObject(value);
  if (record === null) return 0;
  if (typeof record['projectHash'] === 'string' && 'sessionId' in record) return 1;
  if ('$rewindTo' in record || isSet(record)) return 0.9;
  if (record['type'] === 'gemini' && typeof record['id'] === 'string') return 0.9;
  if (isTurn(record)) return 0.8;
  const history = asList(record['history'] ?? record['clientHistory']);
  return history.some((turn) => isTurn(asObject(turn) ?? {})) ? 0.8 : 0;
}

function isSet(record: JsonObject): boolean {
  return asObject(record['$set']) !== null;
}

/** A turn of the API. Parts of other tools and interfaces with that member name their type. */
function isTurn(record: JsonObject): boolean {
  const isRole = record['role'] === 'user' || record['role'] === 'model';
  const parts = asList(record['parts']);
  return isRole && parts.length > 0 && parts.every((part) => !('type' in (asObject(part) ?? {})));
}

type ArrayShape = 'session' | 'history' | 'contents';

const session: ArrayFormat = {
  format: 'gemini-cli',
  profile: 'gemini',
  path: ['messages'],
  codec: sessionCodec,
  isKnown: (value) => types.has(value['type']),
  facts: (head, model) => ({
    sessionId: textOf(head, 'sessionId'),
    title: textOf(head, 'summary'),
    cwd: asText(asList(head['directories'])[0]),
    version: null,
    model,
  }),
};

const contents: ArrayFormat = {
  ...session,
  path: [],
  codec: contentCodec,
  lone: loneParts,
  isKnown: isContent,
  facts: () => ({ sessionId: null, title: null, cwd: null, version: null, model: null }),
};

const arrayFormats: Readonly<Record<ArrayShape, ArrayFormat>> = {
  session,
  history: { ...contents, path: ['history'] },
  contents,
};

const lookBytes = 64 * 1024;

/**
 * Lines, unless the file is a list, or an object that is spread over lines, or one line with the
 * messages in it.
 */
function shapeOf(source: ByteSource): ArrayShape | 'lines' {
  const bytes = Buffer.from(source.read(0, lookBytes));
  const head = bytes
    .toString('utf8')
    .replaceAll('\0', '')
    .replace(/^[\uFEFF\s]+/, '');
  if (/^\s*\[/.test(head)) return 'contents';
  if (/^\s*\{\s*"(?:history|clientHistory)"\s*:/.test(head)) return 'history';
  if (/^\s*\{\s*"\w+"\s*:[^\n]{0,4096}?"history"\s*:\s*\[\s*\{\s*"(?:role|parts)"/.test(head)) {
    return 'history';
  }
  if (isOneLineSession(source, bytes)) return 'session';
  const isSpread = /^\s*\{[ \t]*\r?\n/.test(head);
  if (!isSpread && !spansLines(bytes)) return 'lines';
  return /\n[ \t]*"history"\s*:\s*\[/.test(head) ? 'history' : 'session';
}

/** Whether the first value goes on behind its line, such as a list with one element on each. */
function spansLines(bytes: Buffer): boolean {
  const from = skipBlanks(bytes, 0, bytes.length, 'pass');
  const lf = bytes.indexOf('\n', from, 'latin1');
  const scan = scanValue(bytes, from, bytes.length);
  return lf >= 0 && scan.kind !== 'broken' && scan.at > lf + 1;
}
