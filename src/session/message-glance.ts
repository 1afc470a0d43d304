/**
 * What folding needs of a message, read from its payload without decoding it. A *glance* is taken
 * of messages of the usual shape only: `null` says nothing of a payload but that the decoder has to
 * look at it. Pure.
 *
 * Invariant: of a payload with a glance `decodeEvent` makes a message event without an idempotency
 * key, and the glance says what stands in it. A test holds both against each other.
 */
import { plainReader as reader } from '../format/plain-reader.ts';

/** A block that pairs with another one. */
export interface GlancedCall {
  readonly kind: 'tool_use' | 'tool_result';
  readonly callId: string;
  /** Of the tool; empty for a result. */
  readonly name: string;
}

/** A message that was not decoded. */
export interface MessageGlance {
  readonly role: string;
  /** Where its content stands in the payload, a text or an array of blocks. */
  readonly content: { readonly at: number; readonly end: number };
  readonly calls: readonly GlancedCall[];
}

/** Texts that are short enough to be looked at byte by byte. */
const wordBytesMax = 64;
/** Results of tools hold blocks, and no more of these. */
const nestingMax = 4;

const keptBytesMax: number = 128 * 1024;

const noCalls: readonly GlancedCall[] = [];

/** The glance at a payload of a message. */
export function glanceAt(payload: Uint8Array): MessageGlance | null {
  reader.open(payload);
  const glance = payloadGlance();
  // The reader keeps what it has read last, and this may be 64 MiB.
  if (payload.length > keptBytesMax) reader.close();
  return glance;
}

function payloadGlance(): MessageGlance | null {
  if (reader.next() !== 'array' || reader.size !== 1) return null;
  if (reader.next() !== 'map' || reader.size !== 1) return null;
  if (!reader.key() || !reader.is('message')) return null;
  reader.at += reader.size;
  const glance = message();
  return glance !== null && reader.isAtEnd ? glance : null;
}

function message(): MessageGlance | null {
  if (reader.next() !== 'map') return null;
  let role = '';
  let content: MessageGlance['content'] | null = null;
  let calls = noCalls;
  for (let left = reader.size; left > 0; left -= 1) {
    if (!reader.key()) return null;
    const [at, size] = [reader.at, reader.size];
    reader.at += size;
    if (reader.is('role', at, size)) {
      if (role !== '') return null;
      role = word();
      if (role === '') return null;
    } else if (reader.is('content', at, size)) {
      if (content !== null) return null;
      const from = reader.at;
      const found = contentOf(0);
      if (found === null) return null;
      calls = found;
      content = { at: from, end: reader.at };
    } else if (!field(at, size)) return null;
  }
  return role === '' || content === null ? null : { role, content, calls };
}

/** A member beside role and content. */
function field(at: number, size: number): boolean {
  const isText = reader.is('id', at, size) || reader.is('model', at, size);
  if (!isText && !reader.is('timestamp', at, size)) return reader.skip();
  const kind = reader.next();
  if (kind === 'text') reader.at += reader.size;
  return kind === 'text' || (kind === 'number' && !isText);
}

/** A text of some plain characters, or nothing. */
function word(): string {
  if (reader.next() !== 'text') return '';
  const { at, size } = reader;
  reader.at += size;
  if (size > wordBytesMax || !reader.isPlain(at, size)) return '';
  if (reader.is('user', at, size)) return 'user';
  return reader.is('assistant', at, size) ? 'assistant' : reader.textAt(at, size);
}

/** The calls in a content; null when it is of another shape. */
function contentOf(nesting: number): readonly GlancedCall[] | null {
  const kind = reader.next();
  if (kind === 'text') {
    reader.at += reader.size;
    return noCalls;
  }
  if (kind !== 'array' || nesting > nestingMax) return null;
  const calls: GlancedCall[] = [];
  for (let left = reader.size; left > 0; left -= 1) {
    const call = block(nesting);
    if (call === null) return null;
    if (call !== noCall) calls.push(call);
  }
  return calls;
}

const noCall: GlancedCall = { kind: 'tool_use', callId: '', name: '' };

/** Where values begin, by the name of the member. */
type Places = Map<string, number>;

/** Members of a block that are looked at; a name that is none of them may hold anything. */
const blockMembers: readonly string[] = [
  'type',
  'text',
  'id',
  'name',
  'tool_use_id',
  'content',
  'is_error',
  'thinking',
  'signature',
];

/** The call in a block, `noCall`, or null when the block is of another shape. */
function block(nesting: number): GlancedCall | null {
  if (reader.next() !== 'map') return null;
  const places: Places = new Map();
  for (let left = reader.size; left > 0; left -= 1) {
    if (!reader.key()) return null;
    const [at, size] = [reader.at, reader.size];
    reader.at += size;
    const name = blockMembers.find((one) => reader.is(one, at, size));
    if (name !== undefined) {
      if (places.has(name)) return null;
      places.set(name, reader.at);
    }
    if (!reader.skip()) return null;
  }
  const end = reader.at;
  const call = judged(wordIn(places, 'type'), places, nesting);
  reader.at = end;
  return call;
}

function judged(type: string, places: Places, nesting: number): GlancedCall | null {
  switch (type) {
    case '':
      return null;
    case 'text':
      return isText(places, 'text') ? noCall : null;
    case 'thinking':
      return isText(places, 'thinking') && (!places.has('signature') || isText(places, 'signature'))
        ? noCall
        : null;
    case 'tool_use': {
      const [callId, name] = [wordIn(places, 'id'), wordIn(places, 'name')];
      return callId === '' || name === '' ? null : { kind: 'tool_use', callId, name };
    }
    case 'tool_result': {
      const callId = wordIn(places, 'tool_use_id');
      if (callId === '' || !isResult(places, nesting)) return null;
      return { kind: 'tool_result', callId, name: '' };
    }
    default:
      return noCall;
  }
}

function isResult(places: Places, nesting: number): boolean {
  const [content, error] = [places.get('content'), places.get('is_error')];
  if (content !== undefined) {
    reader.at = content;
    if (contentOf(nesting + 1) === null) return false;
  }
  if (error === undefined) return true;
  reader.at = error;
  return reader.next() === 'boolean';
}

function wordIn(places: Places, name: string): string {
  const at = places.get(name);
  if (at === undefined) return '';
  reader.at = at;
  return word();
}

function isText(places: Places, name: string): boolean {
  const at = places.get(name);
  if (at === undefined) return false;
  reader.at = at;
  return reader.next() === 'text';
}
