/** The fold as bytes: what comes out goes on as what went in. */
import { describe, expect, it } from 'vitest';
import { decodePayload, encodePayload } from '../../src/format/payload.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { SessionEvent } from '../../src/session/event.ts';
import {
  foldEntry,
  foldRecovered,
  imageOf,
  newFold,
  snapshotState,
} from '../../src/session/fold.ts';
import type { Fold } from '../../src/session/fold.ts';
import { decodeFold, encodeFold } from '../../src/session/fold-value.ts';

const words = ['one', 'two', 'half \ud83d', '__proto__', '7', 'ten'] as const;

function event(prng: Prng, fold: Fold): SessionEvent {
  const id = `call ${prng.below(6)}`;
  const kinds = [
    'text',
    'ask',
    'answer',
    'intent',
    'outcome',
    'metadata',
    'status',
    'compaction',
    'snapshot',
    'label',
    'forget',
    'rewind',
  ] as const;
  const at = fold.lastSeq;
  switch (prng.pick(kinds)) {
    case 'text':
      return { kind: 'message', message: { role: 'user', content: prng.pick(words) } };
    case 'ask': {
      const block = { type: 'tool_use', id, name: 'bash', input: {} } as const;
      return { kind: 'message', message: { role: 'assistant', content: [block] } };
    }
    case 'answer': {
      const block = { type: 'tool_result', tool_use_id: id } as const;
      return { kind: 'message', message: { role: 'user', content: [block] } };
    }
    case 'intent':
      return { kind: 'intent', call: { id, name: 'bash' } };
    case 'outcome':
      return { kind: 'outcome', callId: id, outcome: { status: 'ok' } };
    case 'metadata': {
      const value = prng.pick([null, 'v', ['a'], new Uint8Array([1, 2]), { deep: [1] }]);
      const metadata = Object.fromEntries([[prng.pick(words), value]]);
      return { kind: 'metadata', metadata };
    }
    case 'status':
      return { kind: 'status', status: prng.pick(words) };
    case 'compaction':
      return { kind: 'compaction', compaction: { summary: prng.pick(words), tokenCount: 7 } };
    case 'snapshot': {
      const { messages: messageIndex, contentDigest, cuts } = fold;
      const told = { action: prng.pick(words), messageIndex, contentDigest, cuts, at };
      return { kind: 'snapshot', snapshot: { ...told, state: imageOf(fold) } };
    }
    case 'label':
      return { kind: 'label', snapshot: prng.below(at + 1), label: prng.pick([null, 'kept']) };
    case 'forget':
      return { kind: 'forget', snapshots: [prng.below(at + 1)] };
    case 'rewind': {
      const to = prng.below(at + 1);
      const cuts = fold.cuts.filter(([from]) => from <= to);
      return { kind: 'rewind', rewind: { to, cuts, state: imageOf(fold) } };
    }
  }
}

function grow(prng: Prng, folds: readonly Fold[], count: number): void {
  const [first] = folds;
  if (first === undefined) return;
  for (let round = 0; round < count; round += 1) {
    if (prng.chance(0.05)) for (const fold of folds) foldRecovered(fold);
    const seq = first.lastSeq + 1 + (prng.chance(0.05) ? 3 : 0);
    const one = event(prng, first);
    const idempotencyKey = prng.chance(0.3) ? `key ${prng.below(20)}` : undefined;
    const entry = { seq, timeMs: 1000 + seq, event: one };
    const keyed = idempotencyKey === undefined ? entry : { ...entry, idempotencyKey };
    for (const fold of folds) foldEntry(fold, keyed);
  }
}

function copyOf(fold: Fold): Fold {
  const copy = decodeFold(encodeFold(fold));
  if (copy === null) throw new Error('The bytes of a fold are none');
  return copy;
}

describe('encodeFold', () => {
  it('and decodeFold give back a fold that shows and goes on as the other one', () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const prng = Prng.fromSeed(seed);
      const fold = newFold();
      grow(prng, [fold], prng.below(60));
      const copy = copyOf(fold);
      const told = `seed ${seed} (npx vitest run test/session/fold-value.test.ts)`;
      for (const more of [0, 1, 30]) {
        grow(prng, [fold, copy], more);
        expect(snapshotState(copy, 5), told).toEqual(snapshotState(fold, 5));
        expect(copy.snapshots.list(copy.cuts), told).toEqual(fold.snapshots.list(fold.cuts));
        expect(copy.snapshots.triggered, told).toBe(fold.snapshots.triggered);
        expect(copy.keys.list(), told).toEqual(fold.keys.list());
        expect(encodeFold(copy), told).toEqual(encodeFold(fold));
      }
    }
  });
});

describe('decodeFold', () => {
  it('answers null when any member is missing or of another kind', () => {
    const fold = newFold();
    grow(Prng.fromSeed(9), [fold], 80);
    const value = decodePayload(encodeFold(fold)) as Record<string, unknown>;
    expect(decodeFold(encodePayload(value, ''))).not.toBeNull();
    for (const name of Object.keys(value)) {
      const { [name]: _gone, ...rest } = value;
      expect(decodeFold(encodePayload(rest, '')), `without ${name}`).toBeNull();
      for (const wrong of [-1, 1.5, true, [[1]], { seq: 'x' }]) {
        const isFine =
          (name.endsWith('Ms') && typeof wrong === 'number') ||
          (name === 'metadata' && typeof wrong === 'object' && !Array.isArray(wrong));
        if (isFine) continue;
        const bytes = encodePayload({ ...value, [name]: wrong }, '');
        expect(decodeFold(bytes), `${name} = ${JSON.stringify(wrong)}`).toBeNull();
      }
    }
  });

  it('answers null for bytes that are no map, and passes over what a newer version added', () => {
    expect(decodeFold(new Uint8Array([0xff, 1, 2]))).toBeNull();
    expect(decodeFold(encodePayload('text', ''))).toBeNull();
    const value = decodePayload(encodeFold(newFold())) as Record<string, unknown>;
    expect(decodeFold(encodePayload({ ...value, later: [1] }, ''))).toEqual(newFold());
  });

  it('answers null when one member of a mark, a call or a compaction is of another kind', () => {
    const value = decodePayload(encodeFold(newFold())) as Record<string, unknown>;
    const mark = {
      id: 1,
      timeMs: 1,
      messageIndex: 1,
      action: 'a',
      trigger: null,
      label: null,
      contentDigest: '',
    };
    const call = { callId: 'c', name: 'n', messageSeq: 1, intentSeq: null, progress: 'started' };
    const compaction = { seq: 1, summary: 's' };
    const rows = {
      marks: [mark],
      openCalls: [call],
      finishedEarly: [call],
      compaction,
      rewound: { seq: 1, to: 1 },
      cuts: [[1, 2]],
      keys: [['k', 1, 2]],
    };
    for (const [member, row] of Object.entries(rows)) {
      const good = { ...value, [member]: row };
      expect(decodeFold(encodePayload(good, '')), member).not.toBeNull();
      const [one] = Array.isArray(row) ? row : [row];
      for (const name of Object.keys(one)) {
        for (const wrong of [true, { a: 1 }, -1.5]) {
          if (name === 'timeMs' && typeof wrong === 'number') continue;
          const bad: unknown = Array.isArray(one)
            ? one.map((part, index) => (String(index) === name ? wrong : part))
            : { ...one, [name]: wrong };
          const wronged = { ...value, [member]: Array.isArray(row) ? [bad] : bad };
          expect(decodeFold(encodePayload(wronged, '')), `${member}.${name}`).toBeNull();
        }
      }
    }
  });
});
