/** The fold: what is known of a session after each entry. */
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { idempotencyKeysMax } from '../../src/base/quantities.ts';
import { emptyDigest, nextDigest } from '../../src/session/content-digest.ts';
import type { Cut, SessionEvent } from '../../src/session/event.ts';
import {
  imageOf,
  type Fold,
  foldEntry,
  foldRecovered,
  newFold,
  rangeOfKey,
  snapshotState,
  undigested,
} from '../../src/session/fold.ts';
import type { ContentBlock, Message } from '../../src/session/message.ts';
import type { OpenCall } from '../../src/session/state.ts';

const call = (id: string): ContentBlock => ({ type: 'tool_use', id, name: 'bash', input: {} });
const result = (id: string): ContentBlock => ({ type: 'tool_result', tool_use_id: id });
const says = (role: string, ...content: ContentBlock[]): SessionEvent => ({
  kind: 'message',
  message: { role, content },
});
const asked = (id: string): SessionEvent => says('assistant', call(id));
const answered = (id: string): SessionEvent => says('user', result(id));
const intent = (id: string): SessionEvent => ({ kind: 'intent', call: { id, name: 'bash' } });
const outcome = (callId: string): SessionEvent => ({
  kind: 'outcome',
  callId,
  outcome: { status: 'ok' },
});

function add(fold: Fold, ...events: readonly SessionEvent[]): Fold {
  for (const event of events) {
    const seq = fold.lastSeq + 1;
    foldEntry(fold, { seq, timeMs: 1000 + seq, event });
  }
  return fold;
}
const openCalls = (fold: Fold): readonly OpenCall[] => snapshotState(fold, 0).openCalls;
const progressOf = (fold: Fold): unknown =>
  Object.fromEntries(openCalls(fold).map(({ callId, progress }) => [callId, progress]));

describe('counts', () => {
  it('snapshotState of a new fold is empty', () => {
    expect(snapshotState(newFold(), 0)).toEqual({
      lastSeq: 0,
      durableUpTo: 0,
      entries: 0,
      messages: 0,
      userMessages: 0,
      assistantMessages: 0,
      toolUses: 0,
      toolResults: 0,
      model: null,
      provider: null,
      cwd: null,
      name: null,
      tags: [],
      status: null,
      metadata: {},
      openCalls: [],
      contentDigest: emptyDigest,
      createdMs: null,
      updatedMs: null,
      compaction: null,
      cuts: [],
      rewound: null,
    });
  });

  it('foldEntry counts entries, messages by role, calls and results', () => {
    const fold = add(
      newFold(),
      { kind: 'custom', name: 'x' },
      says('user', { type: 'text', text: 'hi' }),
      says('assistant', call('a'), call('b')),
      says('user', result('a')),
      says('system'),
      { kind: 'status', status: 'running' },
    );
    expect(snapshotState(fold, 4)).toMatchObject({
      lastSeq: 6,
      durableUpTo: 4,
      entries: 6,
      messages: 4,
      userMessages: 2,
      assistantMessages: 1,
      toolUses: 2,
      toolResults: 1,
      status: 'running',
      createdMs: 1001,
      updatedMs: 1006,
    });
  });

  it('foldEntry chains the content digest over messages only', () => {
    const message: Message = { role: 'user', content: 'hi' };
    const fold = add(newFold(), { kind: 'message', message }, { kind: 'status', status: 'idle' });
    expect(snapshotState(fold, 0).contentDigest).toBe(nextDigest(emptyDigest, message));
  });

  it('foldEntry counts a message and leaves the digest for who asks for none', () => {
    const fold = newFold();
    const event: SessionEvent = { kind: 'message', message: { role: 'user', content: 'hi' } };
    foldEntry(fold, { seq: 1, timeMs: 0, event }, undigested);
    expect([fold.messages, fold.contentDigest]).toEqual([1, emptyDigest]);
  });

  it('foldEntry takes gaps, but no entry twice', () => {
    const fold = newFold();
    const event: SessionEvent = { kind: 'status', status: 'idle' };
    foldEntry(fold, { seq: 5, timeMs: 0, event });
    expect(snapshotState(fold, 0)).toMatchObject({ lastSeq: 5, entries: 1 });
    expect(() => foldEntry(fold, { seq: 5, timeMs: 0, event })).toThrow(AssertionError);
  });

  it('snapshotState gives a state that later entries do not change', () => {
    const fold = add(newFold(), asked('a'), { kind: 'metadata', metadata: { tags: ['x'] } });
    const before = snapshotState(fold, 0);
    const copy = structuredClone(before);
    add(fold, answered('a'), { kind: 'metadata', metadata: { tags: ['y'], more: 1 } });
    expect(before).toEqual(copy);
  });
});

describe('metadata', () => {
  it('foldEntry replaces fields, keeps the others, and removes those that are null', () => {
    const fold = add(
      newFold(),
      { kind: 'metadata', metadata: { model: 'a', cwd: '/x', tags: ['t'], own: { n: 1 } } },
      { kind: 'metadata', metadata: { model: 'b', cwd: null, tags: null } },
    );
    const state = snapshotState(fold, 0);
    expect(state).toMatchObject({ model: 'b', cwd: null, tags: [], provider: null });
    expect(state.metadata).toEqual({ model: 'b', own: { n: 1 } });
  });

  it('foldEntry keeps metadata as it was when the caller changes it afterwards', () => {
    const own = { n: 1 };
    const fold = add(newFold(), { kind: 'metadata', metadata: { own } });
    own.n = 2;
    expect(snapshotState(fold, 0).metadata).toEqual({ own: { n: 1 } });
  });

  it('foldEntry takes __proto__ for an ordinary field', () => {
    const metadata = JSON.parse('{"__proto__":{"polluted":1}}') as Record<string, unknown>;
    const state = snapshotState(add(newFold(), { kind: 'metadata', metadata }), 0);
    expect(Object.keys(state.metadata)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(state.metadata)).toBe(Object.prototype);
  });
});

describe('open calls', () => {
  it('foldEntry follows a call from the question to the result', () => {
    const fold = add(newFold(), asked('a'));
    expect(openCalls(fold)).toEqual([
      { callId: 'a', name: 'bash', messageSeq: 1, intentSeq: null, progress: 'not-started' },
    ]);
    add(fold, intent('a'));
    expect(openCalls(fold)).toEqual([
      { callId: 'a', name: 'bash', messageSeq: 1, intentSeq: 2, progress: 'started' },
    ]);
    add(fold, outcome('a'));
    expect(progressOf(fold)).toEqual({ a: 'finished' });
    add(fold, answered('a'));
    expect(openCalls(fold)).toEqual([]);
  });

  it('foldRecovered makes unknown what had begun, and nothing else', () => {
    const fold = add(newFold(), asked('a'), asked('b'), asked('c'), intent('d'));
    add(fold, intent('b'), intent('c'), outcome('c'));
    foldRecovered(fold);
    expect(progressOf(fold)).toEqual({
      a: 'not-started',
      b: 'unknown-outcome',
      c: 'finished',
      d: 'unknown-outcome',
    });
    // Tried again by the next writer, which is alive.
    add(fold, intent('b'));
    expect(progressOf(fold)).toMatchObject({ b: 'started', d: 'unknown-outcome' });
  });

  it('foldEntry closes a call of unknown outcome with its result', () => {
    const fold = add(newFold(), asked('a'), intent('a'));
    foldRecovered(fold);
    add(fold, answered('a'));
    expect(openCalls(fold)).toEqual([]);
  });

  it('foldEntry lets the message come after the intent', () => {
    const fold = add(newFold(), intent('a'), asked('a'));
    expect(openCalls(fold)).toMatchObject([{ messageSeq: 2, intentSeq: 1, progress: 'started' }]);
  });

  it('foldEntry never shows a finished act as not started, whatever came first', () => {
    const fold = add(newFold(), intent('a'), outcome('a'));
    expect(openCalls(fold)).toEqual([]);
    add(fold, asked('a'));
    expect(openCalls(fold)).toMatchObject([{ messageSeq: 3, intentSeq: 1, progress: 'finished' }]);
  });

  it('foldEntry opens an id again when it is used again', () => {
    const fold = add(newFold(), asked('a'), answered('a'), asked('a'));
    expect(openCalls(fold)).toMatchObject([{ callId: 'a', messageSeq: 3 }]);
  });
});

describe('idempotency keys', () => {
  it('rangeOfKey knows the newest keys and forgets the oldest', () => {
    const fold = newFold();
    for (let seq = 1; seq <= idempotencyKeysMax + 2; seq++) {
      const event: SessionEvent = { kind: 'custom', name: 'x' };
      foldEntry(fold, { seq, timeMs: 0, event, idempotencyKey: `k${seq}` });
    }
    expect(rangeOfKey(fold, 'k2')).toBeUndefined();
    expect(rangeOfKey(fold, 'k3')).toEqual({ from: 3, to: 3 });
    const last = idempotencyKeysMax + 2;
    expect(rangeOfKey(fold, `k${last}`)).toEqual({ from: last, to: last });
  });

  it('rangeOfKey finds the append that is in the conversation, whatever was cut and undone', () => {
    const fold = newFold();
    const keyed = (seq: number): void => {
      const event: SessionEvent = { kind: 'custom', name: 'x' };
      foldEntry(fold, { seq, timeMs: 0, event, idempotencyKey: 'k' });
    };
    const rewind = (seq: number, to: number, cuts: readonly Cut[]): void => {
      const event: SessionEvent = { kind: 'rewind', rewind: { to, cuts, state: imageOf(fold) } };
      foldEntry(fold, { seq, timeMs: 0, event });
    };
    for (const seq of [1, 2, 3]) keyed(seq);
    rewind(4, 2, []);
    expect(rangeOfKey(fold, 'k')).toBeUndefined();
    keyed(5);
    expect(rangeOfKey(fold, 'k')).toEqual({ from: 5, to: 5 });
    rewind(6, 3, []);
    expect(rangeOfKey(fold, 'k')).toEqual({ from: 1, to: 3 });
    rewind(7, 5, [[3, 4]]);
    expect(rangeOfKey(fold, 'k')).toEqual({ from: 5, to: 5 });
    rewind(8, 0, []);
    for (let seq = 9; seq < 9 + 2 * idempotencyKeysMax; seq += 2) keyed(seq);
    expect(fold.keys.list()).toHaveLength(idempotencyKeysMax);
    expect(rangeOfKey(fold, 'k')?.from).toBe(7 + 2 * idempotencyKeysMax);
  });
});

describe('title', () => {
  const titleOf = (...texts: string[]): string | null => {
    const fold = newFold();
    for (const text of texts) add(fold, says('user', { type: 'text', text }));
    return fold.title;
  };

  it('foldEntry takes the first visible text of a user as one line', () => {
    const fold = add(newFold(), says('system', { type: 'text', text: 'rules' }), asked('a'));
    expect(fold.title).toBeNull();
    add(fold, says('user', result('a'), { type: 'text', text: '  Fix\n\tthe   bug ' }));
    add(fold, { kind: 'message', message: { role: 'user', content: 'later' } });
    expect(fold.title).toBe('Fix the bug');
    expect(titleOf(' \n', 'second')).toBe('second');
  });

  it('foldEntry cuts a title between characters, within the bound of bytes', () => {
    expect(titleOf('x'.repeat(5000))).toBe('x'.repeat(200));
    expect(titleOf('😀'.repeat(60))).toBe('😀'.repeat(50));
    expect(titleOf(`x${'😀'.repeat(60)}`)).toBe(`x${'😀'.repeat(49)}`);
    expect(titleOf('a\ud83d')).toBe('a\ufffd');
  });
});
