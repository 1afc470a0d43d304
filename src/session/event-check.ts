/**
 * The door: is this an event? Types say what a caller should pass, this says what it did pass,
 * before a byte is written. Only what later code relies on is required; unknown blocks and fields
 * are kept as they came. What a member may hold (no NaN, no class instances) is the business of the
 * encoder.
 */
import { HoldfastError } from '../base/errors.ts';
import { idempotencyKeyCharsMax } from '../base/quantities.ts';
import type { SessionEvent } from './event.ts';

/** Actions and labels are a line, not a text. */
const snapshotTextCharsMax = 1000;

/** A role is a word, not a text. */
const roleCharsMax = 64;

type Fields = Readonly<Record<string, unknown>>;

/** The members of an event beside `kind`, by kind, and no others: an unknown one would be lost. */
export const eventMembers: Readonly<Record<SessionEvent['kind'], readonly string[]>> = {
  message: ['message'],
  metadata: ['metadata'],
  intent: ['call'],
  outcome: ['callId', 'outcome'],
  status: ['status'],
  custom: ['name', 'data'],
  compaction: ['compaction'],
  snapshot: ['snapshot'],
  label: ['snapshot', 'label'],
  forget: ['snapshots'],
  rewind: ['rewind'],
};

/** Throws INVALID, with the path of the fault, unless the value is an event. */
export function checkEvent(value: unknown): asserts value is SessionEvent {
  const event = fieldsOf(value, 'event');
  const kind = event['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(eventMembers, kind)) {
    throw invalid('kind', `is none of ${Object.keys(eventMembers).join(', ')}`);
  }
  const known = eventMembers[kind as SessionEvent['kind']];
  for (const name of Object.keys(event)) {
    if (name === 'kind' || known.includes(name) || event[name] === undefined) continue;
    throw invalid(name, `is not a member of a ${kind} event; it has ${known.join(', ')}`);
  }
  checks[kind as SessionEvent['kind']](event);
}

/** The members of a compaction, which the state shows as they are. */
const compactionMembers: readonly string[] = ['summary', 'lastMessageId', 'tokenCount'];

/**
 * The same for an event that a caller gives, which is looked at more closely than one that is read:
 * a newer version may have written members that a misspelling must not pass for.
 */
export function checkNewEvent(value: unknown): asserts value is SessionEvent {
  checkEvent(value);
  if (value.kind !== 'compaction') return;
  for (const [name, member] of Object.entries(value.compaction) as [string, unknown][]) {
    if (compactionMembers.includes(name) || member === undefined) continue;
    const fault = `is not a member of a compaction; it has ${compactionMembers.join(', ')}`;
    throw invalid(`compaction.${name}`, fault);
  }
}

/** Throws INVALID unless the key has 1 to `idempotencyKeyCharsMax` characters. */
export function checkIdempotencyKey(key: unknown): asserts key is string {
  requireText(key, 'idempotencyKey', idempotencyKeyCharsMax);
}

const checks: Readonly<Record<SessionEvent['kind'], (event: Fields) => void>> = {
  message: (event) => checkMessage(event['message']),
  metadata: (event) => checkMetadata(event['metadata']),
  intent: (event) => {
    const call = fieldsOf(event['call'], 'call');
    requireText(call['id'], 'call.id');
    requireText(call['name'], 'call.name');
  },
  outcome: (event) => {
    requireText(event['callId'], 'callId');
    const status = fieldsOf(event['outcome'], 'outcome')['status'];
    if (status !== 'ok' && status !== 'error' && status !== 'cancelled') {
      throw invalid('outcome.status', 'is none of ok, error, cancelled');
    }
  },
  status: (event) => requireText(event['status'], 'status'),
  custom: (event) => requireText(event['name'], 'name'),
  compaction: (event) => {
    const compaction = fieldsOf(event['compaction'], 'compaction');
    requireText(compaction['summary'], 'compaction.summary');
    if (compaction['lastMessageId'] !== null) {
      allowText(compaction['lastMessageId'], 'compaction.lastMessageId');
    }
    const tokens = compaction['tokenCount'] ?? null;
    if (tokens !== null) requireCount(tokens, 'compaction.tokenCount');
  },
  snapshot: (event) => {
    const snapshot = fieldsOf(event['snapshot'], 'snapshot');
    requireText(snapshot['action'], 'snapshot.action', snapshotTextCharsMax);
    requireCount(snapshot['at'], 'snapshot.at');
    requireCount(snapshot['messageIndex'], 'snapshot.messageIndex');
    requireText(snapshot['contentDigest'], 'snapshot.contentDigest');
    checkLabel(snapshot['label'], 'snapshot.label');
    checkCuts(snapshot['cuts'], 'snapshot.cuts');
    checkImage(snapshot['state'], 'snapshot.state');
  },
  label: (event) => {
    requireCount(event['snapshot'], 'snapshot');
    checkLabel(event['label'], 'label');
  },
  forget: (event) => {
    const snapshots = event['snapshots'];
    if (!Array.isArray(snapshots)) throw invalid('snapshots', 'is not an array of ids');
    for (const id of snapshots) requireCount(id, 'snapshots');
  },
  rewind: (event) => {
    const rewind = fieldsOf(event['rewind'], 'rewind');
    requireCount(rewind['to'], 'rewind.to');
    checkCuts(rewind['cuts'], 'rewind.cuts');
    checkImage(rewind['state'], 'rewind.state');
  },
};

function checkLabel(label: unknown, path: string): void {
  if (label !== undefined && label !== null) requireText(label, path, snapshotTextCharsMax);
}

function checkCuts(cuts: unknown, path: string): void {
  if (!Array.isArray(cuts)) throw invalid(path, 'is not an array of ranges');
  let last = 0;
  for (const cut of cuts as readonly unknown[]) {
    const [from, to] = Array.isArray(cut) ? (cut as readonly unknown[]) : [];
    const fits = Number.isSafeInteger(from) && Number.isSafeInteger(to);
    if (!fits || Number(from) <= last || Number(to) < Number(from)) {
      throw invalid(path, 'is not an ascending array of [from, to]');
    }
    last = Number(to);
  }
}

/** As far as folding relies on it: the engine wrote it, and a checksum vouches for its bytes. */
function checkImage(value: unknown, path: string): void {
  const image = fieldsOf(value, path);
  for (const count of [
    'messages',
    'userMessages',
    'assistantMessages',
    'toolUses',
    'toolResults',
  ]) {
    requireCount(image[count], `${path}.${count}`);
  }
  requireText(image['contentDigest'], `${path}.contentDigest`);
  fieldsOf(image['metadata'], `${path}.metadata`);
  for (const list of ['openCalls', 'finishedEarly']) {
    if (!Array.isArray(image[list])) throw invalid(`${path}.${list}`, 'is not an array');
  }
}

function requireCount(value: unknown, path: string): void {
  if (Number.isSafeInteger(value) && Number(value) >= 0) return;
  throw invalid(path, 'is not a whole number from 0');
}

function checkMessage(value: unknown): void {
  const message = fieldsOf(value, 'message');
  requireText(message['role'], 'message.role', roleCharsMax);
  allowText(message['id'], 'message.id');
  allowText(message['model'], 'message.model');
  if (typeof message['timestamp'] !== 'number')
    allowText(message['timestamp'], 'message.timestamp');
  checkContent(message['content'], 'message.content');
}

function checkContent(content: unknown, path: string): void {
  if (typeof content === 'string') return;
  if (!Array.isArray(content)) throw invalid(path, 'is neither a string nor an array of blocks');
  for (let index = 0; index < content.length; index++)
    checkBlock(content[index], `${path}[${index}]`);
}

function checkBlock(value: unknown, path: string): void {
  const block = fieldsOf(value, path);
  switch (block['type']) {
    case 'text':
      requireString(block['text'], `${path}.text`);
      break;
    case 'thinking':
      requireString(block['thinking'], `${path}.thinking`);
      allowText(block['signature'], `${path}.signature`);
      break;
    case 'tool_use':
      requireText(block['id'], `${path}.id`);
      requireText(block['name'], `${path}.name`);
      break;
    case 'tool_result':
      requireText(block['tool_use_id'], `${path}.tool_use_id`);
      if (block['content'] !== undefined) checkContent(block['content'], `${path}.content`);
      if (block['is_error'] !== undefined && typeof block['is_error'] !== 'boolean') {
        throw invalid(`${path}.is_error`, 'is not a boolean');
      }
      break;
    default:
      requireString(block['type'], `${path}.type`);
  }
}

function checkMetadata(value: unknown): void {
  const metadata = fieldsOf(value, 'metadata');
  for (const field of ['model', 'provider', 'cwd', 'name']) {
    if (metadata[field] !== null) allowText(metadata[field], `metadata.${field}`);
  }
  const tags = metadata['tags'];
  if (tags === undefined || tags === null) return;
  if (!Array.isArray(tags)) throw invalid('metadata.tags', 'is not an array of strings');
  for (let index = 0; index < tags.length; index++) {
    requireString(tags[index], `metadata.tags[${index}]`);
  }
}

function fieldsOf(value: unknown, path: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw invalid(path, 'is not an object');
}

function requireString(value: unknown, path: string): void {
  if (typeof value !== 'string') throw invalid(path, 'is not a string');
}

function allowText(value: unknown, path: string): void {
  if (value !== undefined) requireString(value, path);
}

function requireText(
  value: unknown,
  path: string,
  charsMax: number = Number.MAX_SAFE_INTEGER,
): void {
  requireString(value, path);
  const length = (value as string).length;
  if (length === 0) throw invalid(path, 'is empty');
  if (length > charsMax) throw invalid(path, `has ${length} characters, more than ${charsMax}`);
}

function invalid(path: string, fault: string): HoldfastError<'INVALID'> {
  return new HoldfastError('INVALID', `${path} ${fault}`, { path });
}
