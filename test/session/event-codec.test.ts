/** Events through the door, into frames and back. */
import fc from '../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { idempotencyKeyCharsMax } from '../../src/base/quantities.ts';
import { encodePayload } from '../../src/format/payload.ts';
import type { SessionEvent } from '../../src/session/event.ts';
import { decodeEvent, encodeEvent } from '../../src/session/event-codec.ts';
import { eventFrameType } from '../../src/session/frame-types.ts';
import type { OtherBlock } from '../../src/session/message.ts';

const events: readonly SessionEvent[] = [
  { kind: 'message', message: { role: 'user', content: '' } },
  {
    kind: 'message',
    message: {
      role: 'assistant',
      id: 'm1',
      timestamp: '2026-01-01T00:00:00Z',
      usage: { input: 5 },
      futureField: [1, { two: 2 }],
      content: [
        { type: 'thinking', thinking: 'half \ud83d', signature: 'sig', extra: null },
        { type: 'text', text: 'hi' },
        { type: 'tool_use', id: 'c1', name: 'read', input: { path: 'a' } },
        { type: 'tool_result', tool_use_id: 'c1', content: [{ type: 'text', text: 'x' }] },
        { type: 'tool_result', tool_use_id: 'c1', content: 'x', is_error: true },
        { type: 'image', source: { data: new Uint8Array([1, 2]) } },
        { type: 'hologram', beams: 7 } as unknown as OtherBlock,
      ],
    },
  },
  { kind: 'metadata', metadata: { model: 'm', name: null, tags: ['a'], own: { x: 1 } } },
  { kind: 'intent', call: { id: 'c1', name: 'bash', input: { command: 'ls' } } },
  { kind: 'outcome', callId: 'c1', outcome: { status: 'cancelled', detail: [1] } },
  { kind: 'status', status: 'waiting_input' },
  { kind: 'custom', name: 'note', data: { x: [] } },
  { kind: 'custom', name: 'bare' },
];

describe('encodeEvent and decodeEvent', () => {
  it.each(events)('encodeEvent and decodeEvent keep $kind', (event) => {
    const plain = encodeEvent(event);
    expect(plain.type).toBe(eventFrameType[event.kind]);
    expect(decodeEvent(plain.type, plain.payload)).toStrictEqual({ event });
    const keyed = encodeEvent(event, 'key-1');
    expect(decodeEvent(keyed.type, keyed.payload)).toStrictEqual({
      event,
      idempotencyKey: 'key-1',
    });
  });

  it('encodeEvent keeps blocks and fields that nobody knows', () => {
    const block = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 4 });
    const content = fc.array(block.map((fields) => ({ ...fields, type: 'x' })));
    fc.assert(
      fc.property(content, (blocks) => {
        const message = { role: 'user', content: JSON.parse(JSON.stringify(blocks)) };
        const event: SessionEvent = { kind: 'message', message };
        const { type, payload } = encodeEvent(event);
        expect(decodeEvent(type, payload)).toEqual({ event });
      }),
    );
  });

  it('encodeEvent has fixed frame types', () => {
    expect(eventFrameType).toEqual({
      message: 32,
      metadata: 33,
      intent: 34,
      outcome: 35,
      status: 36,
      custom: 37,
      rewind: 39,
      compaction: 41,
      snapshot: 166,
      label: 168,
      forget: 170,
    });
  });
});

describe('the door', () => {
  const message = (value: unknown): unknown => ({ kind: 'message', message: value });
  const content = (...blocks: unknown[]): unknown => message({ role: 'user', content: blocks });

  it.each<readonly [string, unknown]>([
    ['event', null],
    ['kind', { kind: 'constructor' }],
    ['extra', { kind: 'status', status: 'idle', extra: 1 }],
    ['message', message('hi')],
    ['message.role', message({ content: 'hi' })],
    ['message.role', message({ role: '', content: 'hi' })],
    ['message.role', message({ role: 'x'.repeat(65), content: 'hi' })],
    ['message.content', message({ role: 'user' })],
    ['message.content', message({ role: 'user', content: { type: 'text', text: 'hi' } })],
    ['message.id', message({ role: 'user', content: '', id: 7 })],
    ['message.timestamp', message({ role: 'user', content: '', timestamp: new Date(0) })],
    ['message.content[0]', content('text')],
    ['message.content[1].type', content({ type: 'x' }, {})],
    ['message.content[0].text', content({ type: 'text' })],
    ['message.content[0].thinking', content({ type: 'thinking', text: 'x' })],
    ['message.content[0].id', content({ type: 'tool_use', name: 'x', input: {} })],
    ['message.content[0].id', content({ type: 'tool_use', id: '', name: 'x', input: {} })],
    ['message.content[0].name', content({ type: 'tool_use', id: 'x', name: '', input: {} })],
    ['message.content[0].tool_use_id', content({ type: 'tool_result' })],
    [
      'message.content[0].is_error',
      content({ type: 'tool_result', tool_use_id: 'x', is_error: 1 }),
    ],
    [
      'message.content[0].content[0].text',
      content({ type: 'tool_result', tool_use_id: 'x', content: [{ type: 'text', text: 1 }] }),
    ],
    [
      'message.content[2].input.x',
      content(
        { type: 'a' },
        { type: 'b' },
        {
          type: 'tool_use',
          id: 'x',
          name: 'x',
          input: { x: 1n },
        },
      ),
    ],
    ['metadata.model', { kind: 'metadata', metadata: { model: 1 } }],
    ['metadata.tags[1]', { kind: 'metadata', metadata: { tags: ['a', 1] } }],
    ['call.id', { kind: 'intent', call: { id: '', name: 'x' } }],
    ['call.name', { kind: 'intent', call: { id: 'x' } }],
    ['callId', { kind: 'outcome', callId: '', outcome: { status: 'ok' } }],
    ['outcome.status', { kind: 'outcome', callId: 'x', outcome: { status: 'fine' } }],
    ['status', { kind: 'status', status: '' }],
    ['name', { kind: 'custom', name: '' }],
    ['data[0]', { kind: 'custom', name: 'x', data: [undefined] }],
  ])('encodeEvent refuses a bad %s and names it', (path, event) => {
    let refused: unknown;
    try {
      encodeEvent(event as SessionEvent);
    } catch (error) {
      refused = error;
    }
    expect(HoldfastError.is(refused, 'INVALID') && refused.details.path).toBe(path);
  });

  it('encodeEvent refuses what throws when it is looked at, and names it', () => {
    const cause = new Error('no');
    const message = {
      role: 'user',
      get content(): string {
        throw cause;
      },
    };
    expect(() => encodeEvent({ kind: 'message', message })).toThrow(
      expect.objectContaining({ code: 'INVALID', details: { path: 'message.content' }, cause }),
    );
    const { proxy, revoke } = Proxy.revocable(message, {});
    revoke();
    expect(() => encodeEvent({ kind: 'message', message: proxy })).toThrow(
      expect.objectContaining({ code: 'INVALID', details: { path: 'message' } }),
    );
  });

  it('encodeEvent takes idempotency keys of 1 to the most characters, and no others', () => {
    const event: SessionEvent = { kind: 'status', status: 'idle' };
    expect(() => encodeEvent(event, '')).toThrow('idempotencyKey is empty');
    expect(() => encodeEvent(event, 'k'.repeat(idempotencyKeyCharsMax + 1))).toThrow(
      'more than 256',
    );
    expect(() => encodeEvent(event, 'k'.repeat(idempotencyKeyCharsMax))).not.toThrow();
  });
});

describe('decodeEvent', () => {
  const codeOf = (type: number, payload: Uint8Array): unknown => {
    try {
      return decodeEvent(type, payload);
    } catch (error) {
      return HoldfastError.is(error) ? error.code : error;
    }
  };

  it('decodeEvent refuses sound payloads that are no events', () => {
    for (const value of [null, [], 'x', {}, { message: 1 }, { message: { role: 'user' } }]) {
      expect(codeOf(eventFrameType.message, encodePayload(value, ''))).toBe('UNDECODABLE');
    }
    const keyed = { status: 'idle', key: 5 };
    expect(codeOf(eventFrameType.status, encodePayload(keyed, ''))).toBe('UNDECODABLE');
  });

  it('decodeEvent asks for a newer version when it does not know the type', () => {
    expect(codeOf(99, encodePayload({}, ''))).toBe('NEWER_FORMAT');
  });

  it('decodeEvent passes over members that a newer minor version added', () => {
    const payload = encodePayload({ status: 'idle', later: { x: 1 } }, '');
    expect(decodeEvent(eventFrameType.status, payload)).toStrictEqual({
      event: { kind: 'status', status: 'idle' },
    });
  });
});
