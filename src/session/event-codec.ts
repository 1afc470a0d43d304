/**
 * Events as frames. The frame type says what kind of event it is; the payload is a map of the
 * event's members and, when the caller gave one, the idempotency key:
 *
 *     32 message    {message, key?}        35 outcome   {callId, outcome, key?}
 *     33 metadata   {metadata, key?}       36 status    {status, key?}
 *     34 intent     {call, key?}           37 custom    {name, data?, key?}
 *
 * What comes out is deep-equal to what went in, after the rules of `Value`. Members of the map that
 * are not known here were written by a newer minor version and are passed over.
 */
import { HoldfastError } from '../base/errors.ts';
import { decodePayload, encodePayload } from '../format/payload.ts';
import { checkValue, unreadable } from '../format/value.ts';
import type { SessionEvent } from './event.ts';
import { checkEvent, checkIdempotencyKey, checkNewEvent, eventMembers } from './event-check.ts';
import { eventFrameType } from './frame-types.ts';

/** What a frame needs beside its place. */
export interface EncodedEvent {
  readonly type: number;
  readonly payload: Uint8Array;
}

/** An event as it was appended. */
export interface DecodedEvent {
  readonly event: SessionEvent;
  readonly idempotencyKey?: string;
}

type Kind = SessionEvent['kind'];

const kinds: ReadonlyMap<number, Kind> = new Map(
  (Object.keys(eventFrameType) as Kind[]).map((kind) => [eventFrameType[kind], kind]),
);

/**
 * Encodes an event. Throws INVALID with the path of the fault, such as `message.content[2].id`, and
 * TOO_LARGE beyond `payloadBytesMax`.
 */
export function encodeEvent(event: SessionEvent, idempotencyKey?: string): EncodedEvent {
  checkReadable(event);
  const type = eventFrameType[event.kind];
  if (idempotencyKey === undefined) return { type, payload: encodePayload(membersOf(event), '') };
  checkIdempotencyKey(idempotencyKey);
  return { type, payload: encodePayload({ ...membersOf(event), key: idempotencyKey }, '') };
}

function membersOf(event: SessionEvent): Readonly<Record<string, unknown>> {
  // Almost all are messages, and leaving a member out by its name costs more than their check.
  if (event.kind === 'message') return { message: event.message };
  const { kind: _, ...members } = event;
  return members;
}

/** An event of a caller may throw when it is looked at, by a getter or a proxy in it. */
function checkReadable(event: SessionEvent): void {
  try {
    checkNewEvent(event);
  } catch (error) {
    if (HoldfastError.is(error)) throw error;
    // Whoever reads one member after the other says which one it is.
    checkValue(event, '');
    throw unreadable('event', error);
  }
}

/**
 * Decodes a frame of an event. Throws UNDECODABLE, or NEWER_FORMAT for a type that is not known.
 */
export function decodeEvent(type: number, payload: Uint8Array): DecodedEvent {
  const kind = kinds.get(type);
  if (kind === undefined) {
    throw new HoldfastError('NEWER_FORMAT', `Frame type ${type} is no event of this version`, {
      found: `frame type ${type}`,
      supported: [...kinds.keys()].join(', '),
    });
  }
  const members = decodePayload(payload);
  try {
    return assemble(kind, members);
  } catch (error) {
    if (!HoldfastError.is(error, 'INVALID')) throw error;
    throw new HoldfastError(
      'UNDECODABLE',
      `The payload is not a ${kind} event: ${error.message}`,
      { file: null, offset: null },
      { cause: error },
    );
  }
}

function assemble(kind: Kind, decoded: unknown): DecodedEvent {
  const isMap = typeof decoded === 'object' && decoded !== null;
  const members = (isMap ? decoded : {}) as Readonly<Record<string, unknown>>;
  const event: Record<string, unknown> = { kind };
  for (const name of eventMembers[kind]) {
    if (Object.hasOwn(members, name)) event[name] = members[name];
  }
  checkEvent(event);
  const key = members['key'];
  if (key === undefined) return { event };
  checkIdempotencyKey(key);
  return { event, idempotencyKey: key };
}
