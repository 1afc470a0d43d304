/**
 * The door: is this an event? Types say what a caller should pass, this says what it did pass,
 * before a byte is written. Only what later code relies on is required; unknown blocks and fields
 * are kept as they came. What a member may hold (no NaN, no class instances) is the business of the
 * encoder.
 */
import { HoldfastError } from '../base/errors.ts';
import { idempotencyKeyCharsMax } from '../base/quantities.ts';
import type { SessionEvent } from './event.ts';

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
    throw invalid(name, `is not a member of a ${kind} event`);
  }
  checks[kind as SessionEvent['kind']](event);
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
};

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
