/**
 * A glance and a digest without decoding are what the decoder makes of the same bytes, or are not
 * given at all: usual messages, odd ones, and bytes that were changed in every way.
 */
import fc from '../helpers/fast-check.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { encodePayload } from '../../src/format/payload.ts';
import { emptyDigest, nextDigest } from '../../src/session/content-digest.ts';
import { decodeEvent } from '../../src/session/event-codec.ts';
import type { DecodedEvent } from '../../src/session/event-codec.ts';
import { foldEntry, foldGlance, newFold } from '../../src/session/fold.ts';
import { encodeFold } from '../../src/session/fold-value.ts';
import { eventFrameType } from '../../src/session/frame-types.ts';
import { glancedDigest } from '../../src/session/glanced-digest.ts';
import { glanceAt } from '../../src/session/message-glance.ts';

beforeAll(initChecksum);

const place = { seq: 2, timeMs: 5 };

function decoded(payload: Uint8Array): DecodedEvent | null {
  try {
    return decodeEvent(eventFrameType.message, payload);
  } catch {
    return null;
  }
}

/** Holds both ways of reading against each other; tells how far the short one came. */
function compare(payload: Uint8Array): 'decoded' | 'glanced' | 'digested' {
  const glance = glanceAt(payload);
  if (glance === null) return 'decoded';
  const whole = decoded(payload);
  if (whole === null || whole.event.kind !== 'message' || whole.idempotencyKey !== undefined) {
    throw new Error(`A glance was taken of ${Buffer.from(payload).toString('hex')}`);
  }
  const { message } = whole.event;
  expect(glance.role).toBe(message.role);
  const [one, other] = [newFold(), newFold()];
  for (const fold of [one, other]) fold.title = 'known';
  const digest = glancedDigest(emptyDigest, payload, glance);
  expect(foldGlance(one, place, glance, digest ?? nextDigest(emptyDigest, message))).toBe(true);
  foldEntry(other, { ...place, event: whole.event });
  expect(encodeFold(one)).toEqual(encodeFold(other));
  return digest === null ? 'glanced' : 'digested';
}

const payloadOf = (message: unknown): Uint8Array => encodePayload({ message }, '');

const blocks = [
  { type: 'text', text: 'a "quoted" \\ line\n\ttab \u0001\u001f\u007f é😀\u2028' },
  { type: 'thinking', thinking: 'hm', signature: 'abc' },
  {
    type: 'tool_use',
    id: 'call_1',
    name: 'read',
    input: { z: 1, a: [true, null, -1.5e-7, 70000] },
  },
  { type: 'tool_result', tool_use_id: 'call_1', is_error: false, content: 'done' },
  { type: 'tool_result', tool_use_id: 'call_2', content: [{ type: 'text', text: '' }] },
  { type: 'image', source: { kind: 'url', url: 'x', 'odd key é': {} } },
];

describe('glanceAt', () => {
  it('glanceAt takes a glance of the messages that agents write', () => {
    for (const role of ['user', 'assistant', 'system']) {
      for (const content of ['', 'hi', 'x'.repeat(5000), blocks.slice(0, 5)]) {
        const more = {
          id: 'm',
          model: 'm',
          timestamp: 1.5,
          usage: { tokens: [1, -2, 300, -70000] },
        };
        expect(compare(payloadOf({ role, content }))).toBe('digested');
        expect(compare(payloadOf({ content, ...more, role }))).toBe('digested');
      }
    }
  });

  it('glanceAt leaves to the decoder what is odd', () => {
    const message = { role: 'user', content: 'hi' };
    const odd = [
      encodePayload({ message, key: 'k' }, ''),
      payloadOf({ ...message, content: 'half \ud83d' }),
      payloadOf({ ...message, data: new Uint8Array(3) }),
      payloadOf({ ...message, role: 'é' }),
      payloadOf({ role: 'user' }),
      payloadOf({ ...message, id: 5 }),
      payloadOf({ ...message, content: [{ type: 'tool_use', id: '', name: 'n' }] }),
      payloadOf({ ...message, content: [{ type: 'tool_result', tool_use_id: 'c', content: 5 }] }),
      payloadOf({ ...message, content: [{ text: 'no type' }] }),
    ];
    expect(odd.map(compare)).toEqual(odd.map(() => 'decoded'));
    const names = [
      { type: 'x', $bytes: 'a' },
      { type: 'x', __proto: 1 },
      { type: 'x', é: 1 },
    ];
    expect(names.map((one) => compare(payloadOf({ role: 'user', content: [one] })))).toEqual([
      'glanced',
      'digested',
      'decoded',
    ]);
    const marked = payloadOf({ role: 'user', content: `\ufeff${'x'.repeat(200)}` });
    expect(compare(marked)).toBe('glanced');
  });

  it('glanceAt never differs from the decoder, whatever the values are', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary', maxLength: 20 }),
        fc.double(),
        fc.integer(),
        fc.constantFrom(null, true, false, 'text', 'tool_use', 'tool_result', '', '__proto__'),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(
          fc.constantFrom(
            'type',
            'text',
            'id',
            'name',
            'tool_use_id',
            'content',
            'is_error',
            'z',
            'a',
          ),
          tie('any'),
        ),
      ),
    })).any;
    const block = fc.record(
      {
        type: fc.constantFrom('text', 'tool_use', 'tool_result', 'thinking', 'other', 5),
        text: value,
        id: fc.oneof(fc.constant('call'), value),
        name: fc.oneof(fc.constant('read'), value),
        tool_use_id: fc.oneof(fc.constant('call'), value),
        content: value,
        z: value,
      },
      { requiredKeys: ['type'] },
    );
    const content = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(block, { maxLength: 4 }),
      value,
    );
    const told = { decoded: 0, glanced: 0, digested: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom('user', 'assistant', 'other'),
        content,
        value,
        (role, all, id) => {
          const message = id === null ? { role, content: all } : { role, content: all, id };
          let payload: Uint8Array;
          try {
            payload = payloadOf(message);
          } catch {
            // No value that can be kept.
            return;
          }
          told[compare(payload)] += 1;
        },
      ),
      { numRuns: 400 },
    );
    expect(told.decoded).toBeGreaterThan(0);
    expect(told.digested).toBeGreaterThan(0);
  });

  it('glanceAt never differs from the decoder, whatever bytes are changed', () => {
    const sound = [
      payloadOf({ role: 'user', content: 'a "text" of é\n some length', id: 'm1' }),
      payloadOf({ role: 'assistant', content: blocks }),
      payloadOf({ role: 'user', content: blocks.slice(3, 5), timestamp: 7, list: [[], {}, [1]] }),
    ];
    const told = { decoded: 0, glanced: 0, digested: 0 };
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(0x80, 0x90, 0xa0, 0xc0, 0xc1, 0xd9, 0xdc));
    const changes = fc.array(fc.tuple(fc.nat(1000), byte), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(...sound), changes, fc.nat(3), (payload, all, less) => {
        const changed = payload.slice(0, payload.length - (less === 3 ? 1 : 0));
        for (const [at, value] of all) changed[at % changed.length] = value;
        told[compare(changed)] += 1;
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(told.decoded, told.digested)).toBeGreaterThan(0);
  });
});
